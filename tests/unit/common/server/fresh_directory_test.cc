#include "common/server/fresh_directory.h"

#include <chrono>
#include <optional>

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "common/server/locked_directory.h"
#include "common/server/own_directories.h"
#include "tests/support/temporary_directory.h"

namespace redis_zk::server {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

class FreshDirectoryTest : public testing::Test {
  protected:
    static void make_old(const std::string& path) {
        fs::last_write_time(path, fs::file_time_type::clock::now() - 2min);
    }

    // What a killed process leaves: everything but its lock.
    std::string leftover(const std::string& name = "redis-zk-0123456789ab") {
        directory_.write(name + "/redis-zk.lock", "4711");
        directory_.write(name + "/redis-zk.fresh", "");
        directory_.write(name + "/redis.conf", "requirepass secret");
        directory_.write(name + "/data/appendonlydir/file", "data");
        make_old(path_ + '/' + name);
        return path_ + '/' + name;
    }

    test::TemporaryDirectory directory_;
    std::string path_ = directory_.path();
};

TEST_F(FreshDirectoryTest, GoesWithItsObject) {
    {
        const auto fresh = FreshDirectory::make(random_name_below(path_));
        ASSERT_TRUE(fresh);
        directory_.write(fs::path{fresh->path()}.filename().string() + "/data/file", "");
    }
    EXPECT_TRUE(directory_.is_empty());
}

TEST_F(FreshDirectoryTest, IsRemovedByTheNextOneWhenItsOwnerWasKilled) {
    const std::string left = leftover();
    EXPECT_THAT(remove_abandoned_directories(path_), ElementsAre(left));
    EXPECT_TRUE(directory_.is_empty());
}

TEST_F(FreshDirectoryTest, IsRemovedByTheNextOneWhenItsOwnerWasKilledInTheBeginningOrAtTheEnd) {
    const std::string empty = path_ + "/redis-zk-0000000000aa";
    const std::string only_locked = path_ + "/redis-zk-0000000000bb";
    fs::create_directory(empty);
    directory_.write("redis-zk-0000000000bb/redis-zk.lock", "4711");
    make_old(empty);
    make_old(only_locked);
    EXPECT_THAT(remove_abandoned_directories(path_),
                testing::UnorderedElementsAre(empty, only_locked));
    EXPECT_TRUE(directory_.is_empty());
}

TEST_F(FreshDirectoryTest, StaysAsLongAsItsOwnerLives) {
    std::optional owner{FreshDirectory::make(random_name_below(path_))};
    ASSERT_TRUE(*owner);
    make_old((*owner)->path());
    EXPECT_THAT(remove_abandoned_directories(path_), IsEmpty());
    EXPECT_TRUE(fs::exists((*owner)->path() + "/redis-zk.fresh"));
}

TEST_F(FreshDirectoryTest, StaysForAMinuteBecauseItsMakerMayNotHaveLockedItYet) {
    const std::string left = leftover();
    fs::last_write_time(left, fs::file_time_type::clock::now());
    EXPECT_THAT(remove_abandoned_directories(path_), IsEmpty());
}

TEST_F(FreshDirectoryTest, IsNotWhatOnlyHasASimilarName) {
    for (const char* name : {"redis-zk-7001", "redis-zk-0123456789ag", "redis-zk-0123456789abcd",
                             "redis-zk-data", "rediszk-0123456789ab"})
        leftover(name);
    EXPECT_THAT(remove_abandoned_directories(path_), IsEmpty());
}

TEST_F(FreshDirectoryTest, IsNotWhatHasNoMark) {
    const std::string left = leftover();
    fs::remove(left + "/redis-zk.fresh");
    make_old(left);
    EXPECT_THAT(remove_abandoned_directories(path_), IsEmpty());
    EXPECT_TRUE(fs::exists(left + "/data/appendonlydir/file"));
}

TEST_F(FreshDirectoryTest, IsNotWhatALinkLeadsTo) {
    const std::string elsewhere = leftover("elsewhere");
    fs::create_directory_symlink(elsewhere, path_ + "/redis-zk-0123456789ab");
    EXPECT_THAT(remove_abandoned_directories(path_), IsEmpty());
    EXPECT_TRUE(fs::exists(elsewhere + "/redis.conf"));
}

TEST_F(FreshDirectoryTest, IsRemovedWithoutFollowingTheLinksInIt) {
    const std::string mine = directory_.write("mine/file", "");
    const std::string left = leftover();
    fs::create_directory_symlink(path_ + "/mine", left + "/link");
    fs::create_directory_symlink(path_ + "/mine", left + "/data/link");
    make_old(left);
    EXPECT_THAT(remove_abandoned_directories(path_), ElementsAre(left));
    EXPECT_TRUE(fs::exists(mine));
}

TEST_F(FreshDirectoryTest, StaysWhenSomebodyHasUsedItByItsName) {
    const std::string left = leftover();
    using Use = std::pair<std::string, std::string>;
    for (const auto& [run, data] :
         {Use{left, path_ + "/data"}, Use{path_ + "/run", left + "/data"}}) {
        directory_.write("redis-zk-0123456789ab/redis-zk.fresh", "");
        { ASSERT_TRUE(OwnDirectories::prepare({run, false, run + "/redis.conf", data})); }
        make_old(left);
        EXPECT_THAT(remove_abandoned_directories(path_), IsEmpty()) << run;
        EXPECT_TRUE(fs::exists(left + "/data/appendonlydir/file")) << run;
    }
}

TEST_F(FreshDirectoryTest, IsMarkedWhenAWrapperRunsInIt) {
    const std::string run = random_name_below(path_);
    const auto made = OwnDirectories::prepare({run, true, run + "/redis.conf", run + "/data"});
    ASSERT_TRUE(made);
    EXPECT_TRUE(fs::exists(run + "/redis-zk.fresh"));
    EXPECT_FALSE(lock_directory(run));
}

}  // namespace
}  // namespace redis_zk::server
