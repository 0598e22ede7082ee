#include "redis-wrapper/own_directories.h"

#include <cerrno>
#include <optional>

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "redis-wrapper/generated_configuration.h"
#include "tests/unit/redis-wrapper/invocation.h"
#include "tests/unit/redis-wrapper/temporary_directory.h"

namespace redis_zk::redis_wrapper {
namespace {

class OwnDirectoriesTest : public testing::Test {
  protected:
    Config config(const std::string& run, const std::string& data) {
        return read({{"RUN_DIR", path_ + run}, {"DATA_DIR", path_ + data}}).config;
    }

    TemporaryDirectory directory_;
    std::string path_ = directory_.path();
};

TEST_F(OwnDirectoriesTest, AreMadeForTheirOwnerOnly) {
    const auto made = OwnDirectories::prepare(config("/a/run", "/b/data"));
    ASSERT_TRUE(made);
    for (const std::string& made_one : {path_ + "/a/run", path_ + "/b/data"}) {
        struct stat status {};
        ASSERT_EQ(stat(made_one.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, 0700U);
    }
}

TEST_F(OwnDirectoriesTest, AreNeverShared) {
    std::optional first{OwnDirectories::prepare(config("/run1", "/data"))};
    ASSERT_TRUE(*first);
    const auto same_data = OwnDirectories::prepare(config("/run2", "/data"));
    ASSERT_FALSE(same_data);
    EXPECT_EQ(same_data.error().code, EWOULDBLOCK);
    EXPECT_EQ(same_data.error().message, path_ +
                                             "/data is in use by another redis-wrapper (process " +
                                             std::to_string(getpid()) + ")");
    EXPECT_FALSE(std::filesystem::exists(path_ + "/run2"));  // refused, so nothing stays
    EXPECT_FALSE(OwnDirectories::prepare(config("/run1", "/data2")));
    first.reset();
    EXPECT_TRUE(OwnDirectories::prepare(config("/run2", "/data")));
}

TEST_F(OwnDirectoriesTest, MayBeTheSame) {
    EXPECT_TRUE(OwnDirectories::prepare(config("/one", "/one")));
}

TEST_F(OwnDirectoriesTest, LeaveNoPasswordBehind) {
    const Config settings = config("/run", "/data");
    {
        const auto made = OwnDirectories::prepare(settings);
        ASSERT_TRUE(write_generated_configuration(settings));
        EXPECT_TRUE(std::filesystem::exists(settings.configuration_path()));
        directory_.write("run/mine", "");
        directory_.write("data/dump.rdb", "");
    }
    EXPECT_FALSE(std::filesystem::exists(settings.configuration_path()));
    EXPECT_TRUE(std::filesystem::exists(path_ + "/run/mine"));
    EXPECT_TRUE(std::filesystem::exists(path_ + "/data/dump.rdb"));
}

TEST_F(OwnDirectoriesTest, GoAgainWhenNothingWasEverPutIntoThem) {
    for (const char* data : {"/data", "/run/data"}) {
        const auto made = OwnDirectories::prepare(config("/run", data));
        ASSERT_TRUE(made);
    }
    EXPECT_TRUE(directory_.is_empty());
}

TEST_F(OwnDirectoriesTest, StayWhenTheyWereThereBefore) {
    std::filesystem::create_directory(path_ + "/run");
    { const auto made = OwnDirectories::prepare(config("/run", "/run")); }
    EXPECT_TRUE(std::filesystem::exists(path_ + "/run"));
}

TEST_F(OwnDirectoriesTest, AFreshOneGoesAsAWhole) {
    const Config settings = read({{"TMPDIR", path_}}).config;
    {
        const auto made = OwnDirectories::prepare(settings);
        ASSERT_TRUE(made);
        EXPECT_TRUE(std::filesystem::exists(settings.data_dir));
    }
    EXPECT_TRUE(directory_.is_empty());
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
