#include "common/redis/reply.h"

#include <cerrno>

#include <gtest/gtest.h>

#include "tests/unit/common/redis/replies.h"

namespace redis_zk::redis {
namespace {

TEST(FlatMap, PairsNamesWithValues) {
    const auto map = parse_flat_map(texts({"port", "6379", "save", "", "port", "6380"}));
    ASSERT_TRUE(map);
    EXPECT_EQ(*map, (FlatMap{{"port", "6380"}, {"save", ""}}));
    EXPECT_TRUE(parse_flat_map(list({}))->empty());
}

TEST(FlatMap, RefusesWhatIsNoListOfPairsOfTexts) {
    EXPECT_FALSE(parse_flat_map(texts({"a", "b", "c"})));
    EXPECT_FALSE(parse_flat_map(list({text("a"), nil()})));
    EXPECT_FALSE(parse_flat_map(list({integer(1), text("a")})));
    EXPECT_FALSE(parse_flat_map(text("a b")));
}

TEST(IntegerIn, ReadsAnIntegerAndATextThatIsOneAndNothingElse) {
    EXPECT_EQ(integer_in(integer(-5)), -5);
    EXPECT_EQ(integer_in(text("9223372036854775807")), INT64_MAX);
    for (const char* wrong : {"", "12x", " 1", "+1", "9223372036854775808", "1.5"})
        EXPECT_FALSE(integer_in(text(wrong))) << wrong;
    EXPECT_FALSE(integer_in(nil()));
}

TEST(PortIn, IsFrom0To65535) {
    EXPECT_EQ(port_in(integer(0)), 0);
    EXPECT_EQ(port_in(text("65535")), 65535);
    EXPECT_FALSE(port_in(integer(65536)));
    EXPECT_FALSE(port_in(integer(-1)));
}

TEST(Unexpected, QuotesTheBeginningOfWhatCameWithoutControlCharacters) {
    const auto error = unexpected("ROLE", text("a\nb\x1b" + std::string(100, 'c')));
    EXPECT_EQ(error.code, EPROTO);
    EXPECT_EQ(error.message, "ROLE was answered with \"a?b?" + std::string(36, 'c') + "...\"");
    EXPECT_EQ(unexpected("ROLE", texts({"x", "y"})).message,
              "ROLE was answered with a list of 2 that begins with \"x\"");
}

}  // namespace
}  // namespace redis_zk::redis
