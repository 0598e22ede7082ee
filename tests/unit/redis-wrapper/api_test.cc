#include "redis-wrapper/api.h"

#include <gtest/gtest.h>

namespace redis_zk::redis_wrapper {
namespace {

TEST(ParseBytes, TakesTheUnitsOfRedis) {
    EXPECT_EQ(parse_bytes("0"), 0);
    EXPECT_EQ(parse_bytes("100"), 100);
    EXPECT_EQ(parse_bytes("100b"), 100);
    EXPECT_EQ(parse_bytes("64kb"), 65'536);
    EXPECT_EQ(parse_bytes("1mb"), 1'048'576);
    EXPECT_EQ(parse_bytes("2gb"), 2'147'483'648);
    EXPECT_EQ(parse_bytes("1048576gb"), std::int64_t{1} << 50);
}

TEST(ParseBytes, RefusesWhatIsNoNumberOfBytesAndWhatIsTooLarge) {
    for (const char* text :
         {"", "many", "-1", "+1", " 1", "1 ", "1k", "1KB", "1kbb", "mb", "1.5mb", "0x10",
          "1048577gb", "1125899906842625", "17179869184gb", "99999999999999999999"})
        EXPECT_EQ(parse_bytes(text), std::nullopt) << text;
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
