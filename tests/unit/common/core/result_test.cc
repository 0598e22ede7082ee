#include "common/core/result.h"

#include <memory>

#include <gtest/gtest.h>

namespace redis_zk::core {
namespace {

Result<int> half_of(int number) {
    if (number % 2 != 0) return Error{Fault::refused, "an odd number", 7};
    return number / 2;
}

TEST(Result, IsTrueWithAValue) {
    const auto result = half_of(8);
    ASSERT_TRUE(result);
    EXPECT_EQ(*result, 4);
    EXPECT_EQ(result.value(), 4);
}

TEST(Result, IsFalseWithAnErrorThatSaysWhatToDo) {
    const auto result = half_of(7);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().fault, Fault::refused);
    EXPECT_EQ(result.error().message, "an odd number");
    EXPECT_EQ(result.error().code, 7);
}

TEST(Result, HandsOverAValueThatCannotBeCopied) {
    Result<std::unique_ptr<int>> result{std::make_unique<int>(5)};
    EXPECT_EQ(*std::move(result).value(), 5);
}

TEST(ResultDeathTest, EndsTheProcessWhenTheWrongHalfIsRead) {
    EXPECT_DEATH(static_cast<void>(half_of(7).value()), "");
    EXPECT_DEATH(static_cast<void>(half_of(8).error()), "");
}

TEST(Fault, HasANameForPeople) {
    EXPECT_STREQ(name_of(Fault::ask_again), "ask again");
    EXPECT_STREQ(name_of(Fault::connection_lost), "connection lost");
    EXPECT_STREQ(name_of(Fault::refused), "refused");
}

}  // namespace
}  // namespace redis_zk::core
