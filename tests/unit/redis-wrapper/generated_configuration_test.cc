#include "redis-wrapper/generated_configuration.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "redis-wrapper/local_check.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/redis-wrapper/invocation.h"

namespace redis_zk::redis_wrapper {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class GeneratedConfiguration : public testing::Test {
  protected:
    Config config(Environment environment, std::vector<std::string> arguments = {}) {
        environment.try_emplace("RUN_DIR", directory_.path());
        auto [made, settings] = read(std::move(environment), std::move(arguments));
        EXPECT_THAT(settings.mistakes, IsEmpty());
        return std::move(made);
    }
    std::string text(Environment environment, std::vector<std::string> arguments = {}) {
        return generated_configuration(config(std::move(environment), std::move(arguments)));
    }

    test::TemporaryDirectory directory_;
};

TEST_F(GeneratedConfiguration, StartsParkedAndClosed) {
    const std::string lines = text({{"PORT0", "7001"}});
    for (const char* line :
         {"replicaof 127.0.0.1 0", "replica-priority 0", "min-replicas-to-write 2147483647",
          "min-replicas-max-lag 10", "repl-backlog-ttl 0", "daemonize no", "supervised no",
          "pidfile \"\"", "logfile \"\"", "bind 127.0.0.1", "port 7001", "unixsocketperm 700",
          "replica-announce-ip 127.0.0.1", "replica-announce-port 7001", "replica-announced yes"})
        EXPECT_THAT(lines, HasSubstr('\n' + std::string{line} + '\n'));
}

TEST_F(GeneratedConfiguration, PutsTheUsersLinesFirstSoThatOursWin) {
    const std::string file = directory_.write("my conf", "port 1\n");
    const std::string lines = text({{"REDIS_CONF", file}}, {"--", "--port", "2"});
    const std::size_t include = lines.find("include \"" + file + '"');
    const std::size_t argument = lines.find("\nport 2\n");
    const std::size_t own = lines.find("\nport 6379\n");
    ASSERT_NE(include, std::string::npos);
    EXPECT_LT(include, argument);
    EXPECT_LT(argument, own);
    ASSERT_NE(own, std::string::npos);
}

TEST_F(GeneratedConfiguration, KeepsAnAppendOnlyFileWhenTheUserSaysNothing) {
    const std::string file = directory_.write("redis.conf", "");
    EXPECT_THAT(text({}), HasSubstr("\nappendonly yes\n"));
    EXPECT_THAT(text({{"REDIS_CONF", file}}), Not(HasSubstr("appendonly")));
    EXPECT_THAT(text({}, {"--", "--appendonly", "no"}), Not(HasSubstr("appendonly yes")));
}

TEST_F(GeneratedConfiguration, OpensToOtherHostsOnlyWhereAPasswordIsMissing) {
    EXPECT_THAT(text({}), HasSubstr("protected-mode no"));
    EXPECT_THAT(text({{"REDIS_PASSWORD", "x"}}), Not(HasSubstr("protected-mode")));
    EXPECT_THAT(text({}, {"--", "--protected-mode", "yes"}), Not(HasSubstr("protected-mode no")));
}

TEST_F(GeneratedConfiguration, SaysOnceThatEverybodyCanComeIn) {
    const auto open = config({{"BIND_IP", "0.0.0.0"}, {"ANNOUNCE_IP", "127.0.0.1"}});
    EXPECT_THAT(spoken_choices(open), Contains(HasSubstr("protected-mode is off")));
    EXPECT_THAT(spoken_choices(config({})), Not(Contains(HasSubstr("protected-mode"))));
}

TEST_F(GeneratedConfiguration, GivesThePasswordToTheServer) {
    EXPECT_THAT(text({{"REDIS_PASSWORD", "x"}}), HasSubstr("requirepass x\n"));
    const std::string file = directory_.write("redis.conf", "requirepass x\n");
    EXPECT_THAT(text({{"REDIS_CONF", file}}), Not(HasSubstr("requirepass")));
}

TEST_F(GeneratedConfiguration, LeavesAUserOfAclToTheUsersLines) {
    const std::string file = directory_.write("redis.conf", "user app on >x ~* &* +@all\n");
    EXPECT_THAT(text({{"REDIS_CONF", file}, {"REDIS_USERNAME", "app"}, {"REDIS_PASSWORD", "x"}}),
                Not(HasSubstr("requirepass")));
}

// P2: somebody else's REPLICAOF may come before the wrapper knows its cluster.
TEST_F(GeneratedConfiguration, LetsTheServerCopyNobodyAtFirst) {
    const std::string file = directory_.write("redis.conf", "masteruser y\nmasterauth z\n");
    EXPECT_THAT(text({{"REDIS_CONF", file}, {"REDIS_PASSWORD", "x"}}),
                HasSubstr("masteruser redis-zk-nobody\nmasterauth nobody\n"));
}

TEST_F(GeneratedConfiguration, SaysWhatOfTheUsersFileIsOverridden) {
    const std::string file = directory_.write("redis.conf",
                                              "daemonize yes\nlogfile /x\nport 6379\n"
                                              "replica-priority 3\nrequirepass a\n");
    const auto choices = spoken_choices(config({{"REDIS_CONF", file}, {"REDIS_PASSWORD", "b"}}));
    EXPECT_THAT(choices, ElementsAre(HasSubstr("daemonize yes"), HasSubstr("logfile /x"),
                                     HasSubstr("requirepass (line 5")));
}

// To forget ghosts waits for every replica in sync, and so does the readiness of a sentinel.
TEST_F(GeneratedConfiguration, HidesNoReplicaFromTheSentinels) {
    const std::string file = directory_.write("redis.conf", "replica-announced no\n");
    const Config made = config({{"REDIS_CONF", file}});
    EXPECT_THAT(spoken_choices(made), ElementsAre("replica-announced no (line 1 of " + file +
                                                  ") is overridden by replica-announced yes"));
    const std::string lines = generated_configuration(made);
    EXPECT_LT(lines.find("include"), lines.find("\nreplica-announced yes\n"));
}

TEST_F(GeneratedConfiguration, IsWrittenForItsOwnerOnly) {
    const Config made = config({});
    const mode_t before = umask(0);
    const auto written = write_generated_configuration(made);
    umask(before);
    ASSERT_TRUE(written) << written.error().message;
    struct stat status {};
    ASSERT_EQ(stat(made.configuration_path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(directory_.read("redis.conf"), generated_configuration(made));
    EXPECT_FALSE(std::filesystem::exists(made.configuration_path() + ".new"));
}

// The rest asks a real redis-server.

TEST_F(GeneratedConfiguration, IsTakenByARealServerWithAnyPassword) {
    for (const char* password :
         {"plain", "with blank", "quote\"quote", "it's", "#hash", "a#b", "back\\slash\\", "\\x41",
          "pässwörd ☃", "\x01\x7f\xff", "$HOME *"}) {
        const auto tried = try_to_start(config({{"REDIS_PASSWORD", password}}), 10s);
        EXPECT_TRUE(tried) << password << ": " << tried.error().message;
    }
}

TEST_F(GeneratedConfiguration, IsTakenByARealServerWithEverythingThatAUserMaySay) {
    const std::string more = directory_.write("more.conf", "user app on \">a b\" ~* &* +@all\n");
    const std::string file = directory_.write(
        "my redis.conf", "include \"" + more + "\"\ndaemonize yes\nsupervised systemd\nport 1\n" +
                             "bind 192.0.2.1\nreplicaof 192.0.2.1 6379\nunixsocket /x/y\n" +
                             "min-slaves-max-lag 0\npidfile /x/pid\nreplica-announced no\n");
    const auto tried = try_to_start(
        config({{"REDIS_CONF", file}, {"REDIS_USERNAME", "app"}, {"REDIS_PASSWORD", "a b"}},
               {"--", "--save", "--maxmemory 100mb"}),
        10s);
    EXPECT_TRUE(tried) << tried.error().message;
}

TEST_F(GeneratedConfiguration, IsRefusedWithTheServersOwnWords) {
    const std::string file = directory_.write("redis.conf", "maxmemory lots\n");
    const auto tried = try_to_start(config({{"REDIS_CONF", file}}), 10s);
    ASSERT_FALSE(tried);
    EXPECT_THAT(tried.error().message, HasSubstr("maxmemory lots"));
    EXPECT_THAT(tried.error().message, HasSubstr("argument must be a memory value"));
}

TEST_F(GeneratedConfiguration, IsRefusedWithoutNamingAPassword) {
    const std::string file = directory_.write("redis.conf", "requirepass hunter2 hunter2\n");
    const auto tried = try_to_start(config({{"REDIS_CONF", file}}), 10s);
    ASSERT_FALSE(tried);
    EXPECT_THAT(tried.error().message, HasSubstr("requirepass"));
    EXPECT_THAT(tried.error().message, Not(HasSubstr("hunter2")));
}

TEST_F(GeneratedConfiguration, IsRefusedWhenAUserOfAclMayNotDoEnough) {
    const std::string file = directory_.write("redis.conf", "user app on >x ~* &* +@read +info\n");
    const auto tried = try_to_start(
        config({{"REDIS_CONF", file}, {"REDIS_USERNAME", "app"}, {"REDIS_PASSWORD", "x"}}), 10s);
    ASSERT_FALSE(tried);
    EXPECT_THAT(tried.error().message, HasSubstr("NOPERM"));
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
