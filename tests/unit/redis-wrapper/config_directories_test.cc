#include <gmock/gmock.h>

#include "redis-wrapper/config.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/redis-wrapper/invocation.h"

namespace redis_zk::redis_wrapper {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class ConfigDirectories : public testing::Test {
  protected:
    test::TemporaryDirectory directory_;
    std::string path_ = directory_.path();
};

TEST_F(ConfigDirectories, AreBothWhereTheUserSays) {
    const auto [config, settings] =
        read({{"RUN_DIR", path_ + "/run/"}, {"DATA_DIR", path_ + "/data"}});
    EXPECT_THAT(settings.mistakes, IsEmpty());
    EXPECT_EQ(config.run_dir, path_ + "/run");
    EXPECT_EQ(config.data_dir, path_ + "/data");
    EXPECT_FALSE(config.run_dir_is_ours);
    EXPECT_TRUE(directory_.is_empty());
}

TEST_F(ConfigDirectories, RunsInTheSandboxOfATask) {
    const auto config = read({{"MESOS_SANDBOX", path_}, {"XDG_RUNTIME_DIR", path_ + "/x"}}).config;
    EXPECT_EQ(config.run_dir, path_);
    EXPECT_EQ(config.data_dir, path_ + "/data");
}

TEST_F(ConfigDirectories, KeepsNodesOfOneSessionApart) {
    const auto config = read({{"XDG_RUNTIME_DIR", path_}, {"PORT0", "7001"}}).config;
    EXPECT_EQ(config.run_dir, path_ + "/redis-zk-7001");
}

TEST_F(ConfigDirectories, TakesAFreshDirectoryElseAndSaysThatTheDataGoWithIt) {
    const auto config = read({{"TMPDIR", path_}, {"XDG_RUNTIME_DIR", path_ + "/missing"}}).config;
    EXPECT_THAT(config.run_dir, StartsWith(path_ + "/redis-zk-"));
    EXPECT_TRUE(config.run_dir_is_ours);
    EXPECT_THAT(config.warnings, Contains(HasSubstr("go with this process")));
    EXPECT_NE(config.run_dir, read({{"TMPDIR", path_}}).config.run_dir);
    EXPECT_TRUE(directory_.is_empty());
}

TEST_F(ConfigDirectories, PassesOverASandboxThatIsTooLongForASocketButKeepsTheDataThere) {
    const std::string deep = path_ + '/' + std::string(100, 'x');
    std::filesystem::create_directory(deep);
    const auto [config, settings] = read({{"MESOS_SANDBOX", deep}, {"TMPDIR", path_}});
    EXPECT_THAT(settings.mistakes, IsEmpty());
    EXPECT_THAT(config.run_dir, StartsWith(path_ + "/redis-zk-"));
    EXPECT_EQ(config.data_dir, deep + "/data");
}

TEST_F(ConfigDirectories, RefusesAnExplicitDirectoryThatIsTooLong) {
    EXPECT_THAT(read({{"RUN_DIR", path_ + '/' + std::string(100, 'x')}}).settings.mistakes,
                ElementsAre(HasSubstr("too long")));
}

TEST_F(ConfigDirectories, RefusesAFileInTheirPlace) {
    const std::string file = directory_.write("file", "");
    EXPECT_THAT(read({{"RUN_DIR", path_}, {"DATA_DIR", file}}).settings.mistakes,
                ElementsAre(HasSubstr("is no directory")));
    EXPECT_THAT(read({{"RUN_DIR", path_}, {"DATA_DIR", file + "/x"}}).settings.mistakes,
                ElementsAre(AllOf(HasSubstr("cannot be made"), HasSubstr(file))));
}

TEST_F(ConfigDirectories, KeepsTheDataWhereTheUsersFileSays) {
    const std::string file = directory_.write("redis.conf", "dir " + path_ + "/mine\n");
    EXPECT_EQ(read({{"RUN_DIR", path_}, {"REDIS_CONF", file}}).config.data_dir, path_ + "/mine");
}

TEST_F(ConfigDirectories, RefusesADirOfTheUsersFileThatOnlyTheServerWouldMiss) {
    const std::string file = directory_.write("redis.conf", "dir " + path_ + "/mine\n");
    EXPECT_THAT(
        read({{"RUN_DIR", path_}, {"REDIS_CONF", file}, {"DATA_DIR", path_}}).settings.mistakes,
        ElementsAre(AllOf(HasSubstr("line 1 of"), HasSubstr("does not exist"))));
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
