#include "common/server/own_directories.h"

#include <cerrno>
#include <optional>
#include <utility>

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/support/temporary_directory.h"

namespace redis_zk::server {
namespace {

class OwnDirectoriesTest : public testing::Test {
  protected:
    OwnDirectories::Places places(const std::string& run, const std::string& data) {
        return {path_ + run, false, path_ + run + "/redis.conf", path_ + data};
    }

    test::TemporaryDirectory directory_;
    std::string path_ = directory_.path();
};

TEST_F(OwnDirectoriesTest, AreMadeForTheirOwnerOnly) {
    const auto made = OwnDirectories::prepare(places("/a/run", "/b/data"));
    ASSERT_TRUE(made);
    for (const std::string& made_one : {path_ + "/a/run", path_ + "/b/data"}) {
        struct stat status {};
        ASSERT_EQ(stat(made_one.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, 0700U);
    }
}

TEST_F(OwnDirectoriesTest, AreNeverShared) {
    std::optional first{OwnDirectories::prepare(places("/run1", "/data"))};
    ASSERT_TRUE(*first);
    const auto same_data = OwnDirectories::prepare(places("/run2", "/data"));
    ASSERT_FALSE(same_data);
    EXPECT_EQ(same_data.error().code, EWOULDBLOCK);
    EXPECT_EQ(same_data.error().message, path_ + "/data is in use by another wrapper (process " +
                                             std::to_string(getpid()) + ")");
    EXPECT_FALSE(std::filesystem::exists(path_ + "/run2"));  // refused, so nothing stays
    EXPECT_FALSE(OwnDirectories::prepare(places("/run1", "/data2")));
    first.reset();
    EXPECT_TRUE(OwnDirectories::prepare(places("/run2", "/data")));
}

TEST_F(OwnDirectoriesTest, MayBeTheSame) {
    EXPECT_TRUE(OwnDirectories::prepare(places("/one", "/one")));
}

TEST_F(OwnDirectoriesTest, LeaveNoPasswordBehind) {
    {
        const auto made = OwnDirectories::prepare(places("/run", "/data"));
        directory_.write("run/redis.conf", "requirepass sesame\n");
        directory_.write("run/mine", "");
        directory_.write("data/dump.rdb", "");
    }
    EXPECT_FALSE(std::filesystem::exists(path_ + "/run/redis.conf"));
    EXPECT_TRUE(std::filesystem::exists(path_ + "/run/mine"));
    EXPECT_TRUE(std::filesystem::exists(path_ + "/data/dump.rdb"));
}

TEST_F(OwnDirectoriesTest, GoAgainWhenNothingWasEverPutIntoThem) {
    for (const char* data : {"/data", "/run/data"}) {
        const auto made = OwnDirectories::prepare(places("/run", data));
        ASSERT_TRUE(made);
    }
    EXPECT_TRUE(directory_.is_empty());
}

TEST_F(OwnDirectoriesTest, StayWhenTheyWereThereBefore) {
    std::filesystem::create_directory(path_ + "/run");
    { const auto made = OwnDirectories::prepare(places("/run", "/run")); }
    EXPECT_TRUE(std::filesystem::is_empty(path_ + "/run")) << "without the lock that was made";
    directory_.write("run/redis-zk.lock", "");
    { const auto made = OwnDirectories::prepare(places("/run", "/run")); }
    EXPECT_TRUE(std::filesystem::exists(path_ + "/run/redis-zk.lock"));
}

TEST_F(OwnDirectoriesTest, AreAsBeforeWhenTheStartWasRefused) {
    std::filesystem::create_directory(path_ + "/empty");
    directory_.write("used/dump.rdb", "mine");
    {
        auto made = OwnDirectories::prepare(places("/empty", "/used"));
        ASSERT_TRUE(made);
        auto owned = std::move(made).value();
        directory_.write("empty/redis.sock", "");
        directory_.write("empty/appendonlydir/manifest", "");
        directory_.write("used/appendonlydir/manifest", "");
        owned.discard();
    }
    EXPECT_TRUE(std::filesystem::is_empty(path_ + "/empty"));
    EXPECT_EQ(directory_.read("used/dump.rdb"), "mine") << "nobody knows whose the rest is";
    EXPECT_TRUE(std::filesystem::exists(path_ + "/used/appendonlydir/manifest"));
    EXPECT_FALSE(std::filesystem::exists(path_ + "/used/redis-zk.lock"));
}

TEST_F(OwnDirectoriesTest, AFreshOneGoesAsAWhole) {
    OwnDirectories::Places fresh = places("/fresh", "/fresh/data");
    fresh.run_dir_is_fresh = true;
    {
        const auto made = OwnDirectories::prepare(fresh);
        ASSERT_TRUE(made);
        directory_.write("fresh/data/dump.rdb", "");
    }
    EXPECT_TRUE(directory_.is_empty());
}

TEST_F(OwnDirectoriesTest, MayBeOneForWhoKeepsNoData) {
    const OwnDirectories::Places one{path_ + "/run", false, path_ + "/run/sentinel.conf", ""};
    const auto made = OwnDirectories::prepare(one);
    ASSERT_TRUE(made);
    EXPECT_FALSE(OwnDirectories::prepare(one));
}

}  // namespace
}  // namespace redis_zk::server
