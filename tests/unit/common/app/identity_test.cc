#include "common/app/identity.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace redis_zk::app {
namespace {

TEST(Identity, IsARandomUuidOfVersionFour) {
    for (int i = 0; i < 100; ++i) {
        const std::string id = random_id();
        ASSERT_EQ(id.size(), 36U);
        for (const std::size_t at : {8U, 13U, 18U, 23U}) EXPECT_EQ(id[at], '-') << id;
        EXPECT_EQ(id[14], '4') << id;
        EXPECT_NE(std::string{"89ab"}.find(id[19]), std::string::npos) << id;
        EXPECT_EQ(id.find_first_not_of("0123456789abcdef-"), std::string::npos) << id;
    }
}

TEST(Identity, IsNeverTheSameTwice) {
    std::set<std::string> ids;
    for (int i = 0; i < 1000; ++i) ids.insert(random_id());
    EXPECT_EQ(ids.size(), 1000U);
}

TEST(Identity, MakesSecretsAsLongAsAskedFor) {
    EXPECT_EQ(random_secret().size(), 64U);
    EXPECT_EQ(random_secret(1).size(), 2U);
    EXPECT_EQ(random_secret(1000).size(), 2000U);  // more than getrandom promises in one piece
    EXPECT_NE(random_secret(), random_secret());
}

TEST(Identity, KnowsTheNameOfTheHost) {
    EXPECT_NE(host_name(), "");
    EXPECT_EQ(host_name().find('\0'), std::string::npos);
}

}  // namespace
}  // namespace redis_zk::app
