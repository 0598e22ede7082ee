#include <gtest/gtest.h>

#include "common/zk/lock.h"

namespace redis_zk::zk {
namespace {

TEST(Ticket, ComesFromTheNameOfANode) {
    const auto ticket = parse_ticket("5f3c-0000000042");

    ASSERT_TRUE(ticket);
    EXPECT_EQ(ticket->guid, "5f3c");
    EXPECT_EQ(ticket->number, 42);
}

// Another program's id may be a UUID as people write it; to ignore its ticket is to hold the lock
// twice.
TEST(Ticket, HasAnIdOfAnyForm) {
    const auto ticket = parse_ticket("0bf4c1d2-35a6-4c0b-9d5e-1f2a3b4c5d6e-0000000007");

    ASSERT_TRUE(ticket);
    EXPECT_EQ(ticket->guid, "0bf4c1d2-35a6-4c0b-9d5e-1f2a3b4c5d6e");
    EXPECT_EQ(ticket->number, 7);
}

TEST(Ticket, IsNotReadFromOtherNames) {
    EXPECT_FALSE(parse_ticket("5f3c"));
    EXPECT_FALSE(parse_ticket("-0000000042"));
    EXPECT_FALSE(parse_ticket("5f3c-"));
    EXPECT_FALSE(parse_ticket("5f3c-12x"));
    EXPECT_FALSE(parse_ticket("5f3c-99999999999"));
}

// Trap: as text, "ffff-0000000001" comes after "0000-0000000002".
TEST(Ticket, IsComparedByItsNumber) {
    EXPECT_TRUE(is_before(*parse_ticket("ffff-0000000001"), *parse_ticket("0000-0000000002")));
    EXPECT_FALSE(is_before(*parse_ticket("0000-0000000002"), *parse_ticket("ffff-0000000001")));
    EXPECT_FALSE(is_before(*parse_ticket("0000-0000000002"), *parse_ticket("0000-0000000002")));
}

TEST(Ticket, ComesAfterTheLargestNumberWhenTheCounterOverflows) {
    const auto last = parse_ticket("a-2147483647");
    const auto next = parse_ticket("b--2147483648");

    ASSERT_TRUE(last && next);
    EXPECT_TRUE(is_before(*last, *next));
    EXPECT_FALSE(is_before(*next, *last));
}

}  // namespace
}  // namespace redis_zk::zk
