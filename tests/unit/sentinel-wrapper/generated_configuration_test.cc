#include "sentinel-wrapper/generated_configuration.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/support/temporary_directory.h"
#include "tests/unit/sentinel-wrapper/invocation.h"

namespace redis_zk::sentinel_wrapper {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string own_id(40, 'a');
const Beginning beginning{own_id, {"10.0.0.7", 7000}, 2};

class GeneratedConfiguration : public testing::Test {
  protected:
    Config config(Environment environment) {
        environment.try_emplace("RUN_DIR", directory_.path());
        auto [made, settings] = read(std::move(environment));
        EXPECT_THAT(settings.mistakes, IsEmpty());
        return std::move(made);
    }
    std::string text(Environment environment) {
        return generated_configuration(config(std::move(environment)), beginning);
    }

    test::TemporaryDirectory directory_;
};

TEST_F(GeneratedConfiguration, SaysWhoItIsAndWhomItMonitors) {
    const std::string lines = text({{"PORT0", "26001"}, {"ANNOUNCE_PORT", "31000"}});
    for (const std::string line :
         {"bind 127.0.0.1", "port 26001", "unixsocketperm 700", "daemonize no", "logfile \"\"",
          "sentinel announce-ip 127.0.0.1", "sentinel announce-port 31000",
          "sentinel monitor mymaster 10.0.0.7 7000 2",
          "sentinel down-after-milliseconds mymaster 3000",
          "sentinel failover-timeout mymaster 10000", "sentinel parallel-syncs mymaster 1",
          "protected-mode no"})
        EXPECT_THAT(lines, HasSubstr('\n' + line + '\n'));
    EXPECT_THAT(lines, HasSubstr("\nsentinel myid " + own_id + '\n'));
    EXPECT_THAT(lines, Not(HasSubstr("pass")));
    EXPECT_THAT(lines, Not(HasSubstr("hostnames")));
}

// A setting of the master before the line that makes it known is refused.
TEST_F(GeneratedConfiguration, NamesTheMasterBeforeItsSettings) {
    const std::string lines = text({{"REDIS_PASSWORD", "x"}});
    EXPECT_LT(lines.find("sentinel monitor"), lines.find("sentinel down-after-milliseconds"));
    EXPECT_LT(lines.find("sentinel monitor"), lines.find("sentinel auth-pass"));
}

TEST_F(GeneratedConfiguration, TellsTheEpochsThatOthersHaveReached) {
    const std::string lines =
        generated_configuration(config({}), {own_id, {"10.0.0.7", 7000}, 2, {3, 5}});
    for (const char* line : {"sentinel current-epoch 5", "sentinel config-epoch mymaster 3",
                             "sentinel leader-epoch mymaster 5"})
        EXPECT_THAT(lines, HasSubstr('\n' + std::string{line} + '\n'));
}

TEST_F(GeneratedConfiguration, HasThePasswordsOfTheNodesAndOfTheSentinels) {
    const std::string lines = text({{"REDIS_USERNAME", "joe"},
                                    {"REDIS_PASSWORD", "of \"nodes\""},
                                    {"SENTINEL_PASSWORD", "of sentinels"}});
    for (const char* line :
         {"sentinel auth-user mymaster joe", "sentinel auth-pass mymaster \"of \\\"nodes\\\"\"",
          "requirepass \"of sentinels\"", "sentinel sentinel-pass \"of sentinels\""})
        EXPECT_THAT(lines, HasSubstr('\n' + std::string{line} + '\n'));
    EXPECT_THAT(lines, Not(HasSubstr("protected-mode")));
}

TEST_F(GeneratedConfiguration, LeavesTheDefaultUserToTheFileWhereAnotherOneIsUsed) {
    const std::string user = "user joe on >x ~* &* +@all\n";
    Environment joe{{"SENTINEL_CONF", directory_.write("mine.conf", user)},
                    {"SENTINEL_USERNAME", "joe"},
                    {"SENTINEL_PASSWORD", "x"}};
    const std::string lines = text(joe);
    EXPECT_THAT(lines, HasSubstr("\nsentinel sentinel-user joe\nsentinel sentinel-pass x\n"));
    EXPECT_THAT(lines, Not(HasSubstr("requirepass")));
    joe["SENTINEL_CONF"] = directory_.write("mine.conf", user + "requirepass \"of all\"\n");
    EXPECT_THAT(text(joe), HasSubstr("\nrequirepass \"of all\"\n"));
    EXPECT_THAT(spoken_choices(config(joe)), IsEmpty());
}

// Sentinel mode has protected-mode off: any host could change what it monitors.
TEST_F(GeneratedConfiguration, ClosesTheDefaultUserWhereAnotherOneIsUsedAndNothingIsSaidOfHim) {
    const auto with = [this](const std::string& text) {
        return config({{"SENTINEL_CONF", directory_.write("mine.conf", text)},
                       {"SENTINEL_USERNAME", "joe"},
                       {"SENTINEL_PASSWORD", "x"}});
    };
    const std::string off = "\nuser default off\n";
    const std::string joe = "user joe on >x ~* &* +@all\n";
    EXPECT_THAT(generated_configuration(with(joe), beginning), HasSubstr(off));
    EXPECT_THAT(spoken_choices(with(joe)), ElementsAre(HasSubstr("user default off, because")));
    for (const std::string more : {"requirepass y\n", "user default on >y ~* &* +ping\n"}) {
        EXPECT_THAT(generated_configuration(with(joe + more), beginning), Not(HasSubstr(off)));
        EXPECT_THAT(spoken_choices(with(joe + more)), IsEmpty());
    }
    EXPECT_THAT(text({{"SENTINEL_PASSWORD", "x"}}), Not(HasSubstr(off)));
    // The server refuses users in both.
    const Config in_file = with("aclfile /some/file\n");
    EXPECT_THAT(generated_configuration(in_file, beginning), Not(HasSubstr(off)));
    EXPECT_THAT(spoken_choices(in_file),
                ElementsAre(HasSubstr("the aclfile decides whether everybody comes in")));
}

TEST_F(GeneratedConfiguration, LetsTheSentinelLookUpANameAndSayItWhenThereIsOne) {
    const auto lines = generated_configuration(config({}), {own_id, {"redis-1.example", 7000}, 2});
    EXPECT_LT(lines.find("sentinel resolve-hostnames yes"), lines.find("sentinel monitor"));
    EXPECT_THAT(lines, HasSubstr("\nsentinel announce-hostnames yes\n"));
}

TEST_F(GeneratedConfiguration, KeepsTheUsersLinesAndWinsOverThem) {
    const std::string file = directory_.write("mine.conf",
                                              "loglevel verbose\n"
                                              "port 1\n"
                                              "requirepass hunter2\n"
                                              "sentinel announce-ip 10.9.9.9\n"
                                              "sentinel myid 0123\n"
                                              "sentinel monitor mymaster 10.9.9.9 1 1\n");
    const Config made = config({{"SENTINEL_CONF", file}, {"SENTINEL_PASSWORD", "sesame"}});
    const std::string lines = generated_configuration(made, beginning);
    EXPECT_THAT(lines, HasSubstr("\nloglevel verbose\n"));
    for (const char* dropped : {"10.9.9.9", "hunter2", "0123", "port 1\n"})
        EXPECT_THAT(lines, Not(HasSubstr(dropped)));
    const auto choices = spoken_choices(made);
    EXPECT_THAT(choices, ElementsAre("port 1 (line 2 of " + file + ") is overridden by port 26379",
                                     "requirepass (line 3 of " + file +
                                         ") is overridden by what SENTINEL_PASSWORD says",
                                     "sentinel announce-ip 10.9.9.9 (line 4 of " + file +
                                         ") is overridden by sentinel announce-ip 127.0.0.1",
                                     HasSubstr("sentinel myid is left out"),
                                     HasSubstr("sentinel monitor is left out")));
}

TEST_F(GeneratedConfiguration, SaysTheSameOfAMasterThatIsMonitoredAnew) {
    const std::string file =
        directory_.write("mine.conf", "sentinel rename-command mymaster CONFIG hidden\n");
    EXPECT_THAT(
        settings_of_master(config({{"SENTINEL_CONF", file}, {"REDIS_PASSWORD", "x"}})),
        ElementsAre("down-after-milliseconds", "3000", "failover-timeout", "10000",
                    "parallel-syncs", "1", "auth-pass", "x", "rename-command", "CONFIG", "hidden"));
}

TEST_F(GeneratedConfiguration, IsForTheEyesOfItsOwnerOnly) {
    const Config made = config({{"REDIS_PASSWORD", "x"}});
    ASSERT_TRUE(write_generated_configuration(made, beginning));
    struct stat status {};
    ASSERT_EQ(stat(made.configuration_path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

}  // namespace
}  // namespace redis_zk::sentinel_wrapper
