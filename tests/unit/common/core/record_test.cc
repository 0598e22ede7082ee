#include "common/core/record.h"

#include <gtest/gtest.h>

namespace redis_zk::core {
namespace {

const Endpoint a{"10.0.0.1", 6379};
const Endpoint b{"10.0.0.2", 6379};

FoundRecord found(std::optional<Endpoint> named, std::optional<Record> written) {
    FoundRecord record;
    record.known = true;
    record.named = std::move(named);
    record.written = std::move(written);
    return record;
}

Record of_term(std::uint64_t term, const Endpoint& master) {
    Record record;
    record.term = term;
    record.master = master;
    record.cluster = "c1";
    return record;
}

TEST(FoundRecord, IsAbsentOnlyWhenZooKeeperHasBeenRead) {
    EXPECT_FALSE(FoundRecord{}.is_absent());
    EXPECT_TRUE(found({}, {}).is_absent());
}

TEST(FoundRecord, IsNotAbsentWhenItCannotBeRead) {
    FoundRecord record = found({}, {});
    record.unreadable = true;
    EXPECT_FALSE(record.is_absent());
}

TEST(FoundRecord, IsNotAbsentWhenOnlyOneHalfOfItIsThere) {
    EXPECT_FALSE(found(a, {}).is_absent());
    EXPECT_FALSE(found({}, of_term(3, a)).is_absent());
}

TEST(FoundRecord, BelievesTheNameThatClientsRead) {
    EXPECT_EQ(found(b, of_term(3, a)).master(), b);
    EXPECT_EQ(found({}, of_term(3, a)).master(), a);
    EXPECT_EQ(found({}, {}).master(), std::nullopt);
}

TEST(FoundRecord, HasTermZeroAndNoClusterWithoutOurHalf) {
    EXPECT_EQ(found(a, {}).term(), 0U);
    EXPECT_EQ(found(a, {}).cluster(), "");
    EXPECT_EQ(found(a, of_term(3, a)).term(), 3U);
    EXPECT_EQ(found(a, of_term(3, a)).cluster(), "c1");
}

TEST(Change, TellsWhatIsLostOnlyWithinOneHistory) {
    const auto lost = [](std::optional<Lineage> lineage, std::optional<Lineage> known) {
        return Change{lineage, known, {}, {}}.lost_bytes();
    };
    EXPECT_EQ(lost(Lineage{7, 99}, Lineage{7, 120}), 21);
    EXPECT_EQ(lost(Lineage{7, 99}, Lineage{7, 90}), 0) << "what was known of it was older";
    EXPECT_EQ(lost(Lineage{7, 99}, Lineage{6, 500}), std::nullopt);
    EXPECT_EQ(lost(Lineage{7, 99}, {}), std::nullopt);
    EXPECT_EQ(lost({}, Lineage{7, 99}), std::nullopt);
}

TEST(Role, IsReadAsItIsWritten) {
    for (const Role role :
         {Role::stopped, Role::loading, Role::parked, Role::replica, Role::master})
        EXPECT_EQ(parse_role(name_of(role)), role);
}

TEST(Role, IsNothingWhenTheWordIsUnknown) {
    for (const char* word : {"", "slave", "Master", "unknown", "master "})
        EXPECT_EQ(parse_role(word), std::nullopt) << word;
}

}  // namespace
}  // namespace redis_zk::core
