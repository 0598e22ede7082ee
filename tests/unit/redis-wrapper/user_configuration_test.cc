#include "redis-wrapper/user_configuration.h"

#include <gmock/gmock.h>

#include "tests/support/temporary_directory.h"

namespace redis_zk::redis_wrapper {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class UserConfigurationTest : public testing::Test {
  protected:
    UserConfiguration read(const std::string& content, const Words& arguments = {}) {
        return read_user_configuration(directory_.write("redis.conf", content), arguments,
                                       directory_.path());
    }

    test::TemporaryDirectory directory_;
};

TEST_F(UserConfigurationTest, HasTheDefaultsOfRedis) {
    const auto user = read_user_configuration("", {}, "/");
    EXPECT_EQ(user.replica_priority, 100);
    EXPECT_EQ(user.min_replicas_to_write, 0);
    EXPECT_EQ(user.min_replicas_max_lag, 10);
    EXPECT_FALSE(user.requirepass);
    EXPECT_FALSE(user.data_dir);
    EXPECT_THAT(user.mistakes, IsEmpty());
}

TEST_F(UserConfigurationTest, TakesTheLastValueUnderOldAndNewNames) {
    const auto user = read(
        "replica-priority 5\nSLAVE-priority 7\n# replica-priority 9\n"
        "min-slaves-to-write 2\nmin-replicas-max-lag 3\n");
    EXPECT_EQ(user.replica_priority, 7);
    EXPECT_EQ(user.min_replicas_to_write, 2);
    EXPECT_EQ(user.min_replicas_max_lag, 3);
}

TEST_F(UserConfigurationTest, KnowsTheNamesOfValkey) {
    EXPECT_EQ(read("primaryauth x\n").masterauth, "x");
}

TEST_F(UserConfigurationTest, ReadsIncludedFilesWhereTheyStand) {
    directory_.write("more/a.conf", "replica-priority 1\ninclude more/b.conf\n");
    directory_.write("more/b.conf", "min-replicas-to-write 4\n");
    const auto user = read("replica-priority 9\ninclude more/a.conf\n");
    EXPECT_EQ(user.replica_priority, 1);
    EXPECT_EQ(user.min_replicas_to_write, 4);
}

TEST_F(UserConfigurationTest, ExpandsAPatternAndTakesOneWithoutMatches) {
    directory_.write("conf.d/1.conf", "replica-priority 1\n");
    directory_.write("conf.d/2.conf", "replica-priority 2\n");
    const auto user = read("include conf.d/*.conf\ninclude nothing/*.conf\n");
    EXPECT_EQ(user.replica_priority, 2);
    EXPECT_THAT(user.mistakes, IsEmpty());
}

TEST_F(UserConfigurationTest, LooksForIncludesWhereDirHasLed) {
    directory_.write("data/x.conf", "replica-priority 3\n");
    const auto user = read("dir data\ninclude x.conf\n");
    EXPECT_EQ(user.replica_priority, 3);
    EXPECT_EQ(user.data_dir, directory_.path() + "/data");
}

TEST_F(UserConfigurationTest, SaysWhichFileCannotBeRead) {
    EXPECT_THAT(
        read("\ninclude missing.conf\n").mistakes,
        ElementsAre(AllOf(HasSubstr("line 2 of"), HasSubstr("missing.conf\" cannot be read"))));
}

TEST_F(UserConfigurationTest, EndsWhenFilesIncludeEachOther) {
    directory_.write("a.conf", "include redis.conf\n");
    EXPECT_THAT(read("include a.conf\n").mistakes, ElementsAre(HasSubstr("includes itself")));
}

TEST_F(UserConfigurationTest, TakesArgumentsAsLinesAfterTheFile) {
    const auto user = read("replica-priority 5\n", {"--replica-priority", "8", "--save", "60", "1",
                                                    "--maxmemory 100mb", "--save"});
    EXPECT_EQ(user.replica_priority, 8);
    EXPECT_THAT(user.argument_lines,
                ElementsAre("replica-priority 8", "save 60 1", "maxmemory 100mb", "save \"\""));
}

TEST_F(UserConfigurationTest, TakesWhatFollowsABareNameForItsValue) {
    EXPECT_EQ(read("", {"--masterauth", "--secret"}).masterauth, "--secret");
}

TEST_F(UserConfigurationTest, RefusesAFileOrStandardInputAmongTheArguments) {
    for (const char* argument : {"my.conf", "-"})
        EXPECT_THAT(read("", {argument}).mistakes, ElementsAre(HasSubstr("REDIS_CONF")));
    EXPECT_THAT(read("", {"--port"}).mistakes, ElementsAre(HasSubstr("--port has no value")));
}

TEST_F(UserConfigurationTest, RefusesWhatCannotWorkUnderAWrapper) {
    EXPECT_THAT(read("cluster-enabled Yes\n").mistakes, ElementsAre(HasSubstr("not supported")));
    EXPECT_THAT(read("sentinel monitor a 127.0.0.1 1 1\n").mistakes,
                ElementsAre(HasSubstr("sentinel-wrapper")));
    EXPECT_THAT(read("rename-command CONFIG \"\"\n").mistakes,
                ElementsAre(HasSubstr("\"config\" is needed")));
    EXPECT_THAT(read("rename-command ACL \"\"\n").mistakes,
                ElementsAre(HasSubstr("\"acl\" is needed")));
    EXPECT_THAT(read("rename-command FLUSHALL \"\"\ncluster-enabled no\n").mistakes, IsEmpty());
    EXPECT_THAT(read("tls-replication yes\n").mistakes, ElementsAre(HasSubstr("TLS")));
}

TEST_F(UserConfigurationTest, CollectsAllMistakes) {
    EXPECT_EQ(
        read("replica-priority x\ncluster-enabled yes\nport \"1\ninclude y\n").mistakes.size(), 4U);
}

TEST_F(UserConfigurationTest, SaysWhatIsOverriddenAndWhere) {
    const auto user = read("daemonize yes\nsupervised no\nreplica-priority 3\n");
    const auto sentences = spoken_overrides(
        user, {{"daemonize", "no"}, {"supervised", "no"}, {"replica-priority", "0"}});
    EXPECT_THAT(sentences, ElementsAre(AllOf(HasSubstr("daemonize yes (line 1 of"),
                                             HasSubstr("is overridden by daemonize no"))));
}

TEST_F(UserConfigurationTest, NeverSpeaksASecret) {
    const auto user = read("requirepass hunter2\nmasterauth \"hunter2\nrequirepass hunter2 x\n",
                           {"--requirepass", "hunter2"});
    auto all = user.mistakes;
    all.insert(all.end(), user.warnings.begin(), user.warnings.end());
    const auto overrides = spoken_overrides(user, {{"requirepass", "other"}});
    all.insert(all.end(), overrides.begin(), overrides.end());
    EXPECT_EQ(all.size(), 3U);
    for (const std::string& sentence : all) {
        EXPECT_THAT(sentence, Not(HasSubstr("hunter2")));
        EXPECT_THAT(sentence, Not(HasSubstr("other")));
    }
}

TEST_F(UserConfigurationTest, WarnsOfAPasswordAmongTheArguments) {
    EXPECT_THAT(read("", {"--requirepass", "x"}).warnings, ElementsAre(HasSubstr("everybody")));
    EXPECT_THAT(read("requirepass x\n").warnings, IsEmpty());
}

TEST_F(UserConfigurationTest, KnowsTheUsersOfAcl) {
    const auto user = read("user app on >x ~* +@all\naclfile /etc/users.acl\n");
    EXPECT_THAT(user.users, ElementsAre("app"));
    EXPECT_TRUE(user.has_acl_file);
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
