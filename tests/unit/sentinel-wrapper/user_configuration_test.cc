#include "sentinel-wrapper/user_configuration.h"

#include <gmock/gmock.h>

#include "tests/support/temporary_directory.h"

namespace redis_zk::sentinel_wrapper {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class UserConfigurationTest : public testing::Test {
  protected:
    UserConfiguration read(const std::string& text, const Words& arguments = {}) {
        return read_user_configuration(directory_.write("sentinel.conf", text), arguments,
                                       directory_.path(), "mymaster");
    }

    test::TemporaryDirectory directory_;
};

TEST_F(UserConfigurationTest, KeepsWhatCanWorkUnderAWrapperInItsOrder) {
    const auto user = read(
        "loglevel verbose\n"
        "user default on nopass ~* &* +@all\n"
        "sentinel deny-scripts-reconfig yes\n");
    EXPECT_THAT(user.mistakes, IsEmpty());
    EXPECT_THAT(user.kept,
                ElementsAre(Words{"loglevel", "verbose"},
                            Words{"user", "default", "on", "nopass", "~*", "&*", "+@all"},
                            Words{"sentinel", "deny-scripts-reconfig", "yes"}));
}

TEST_F(UserConfigurationTest, DropsWhatAnEarlierLifeOfASentinelHasWritten) {
    const auto user = read(
        "sentinel current-epoch 7\n"
        "sentinel config-epoch mymaster 7\n"
        "sentinel leader-epoch mymaster 7\n"
        "sentinel known-replica mymaster 10.0.0.7 7000\n"
        "sentinel known-slave mymaster 10.0.0.7 7000\n"
        "sentinel known-sentinel mymaster 10.0.0.8 26379 0123\n");
    EXPECT_THAT(user.mistakes, IsEmpty());
    EXPECT_THAT(user.kept, IsEmpty());
    EXPECT_THAT(user.decided, IsEmpty());
    EXPECT_THAT(user.of_the_master, IsEmpty());
}

TEST_F(UserConfigurationTest, DropsWhatTheWrapperDecidesItself) {
    const auto user = read(
        "PORT 1\n"
        "dir /tmp\n"
        "daemonize yes\n"
        "sentinel MYID 0123\n"
        "sentinel announce-ip 10.0.0.7\n"
        "sentinel monitor mymaster 10.0.0.7 7000 2\n");
    EXPECT_THAT(user.mistakes, IsEmpty());
    EXPECT_THAT(user.kept, IsEmpty());
    EXPECT_EQ(user.decided.size(), 6U);
}

TEST_F(UserConfigurationTest, TakesOverTheSettingsOfTheMaster) {
    const auto user = read(
        "sentinel rename-command mymaster CONFIG hidden\n"
        "sentinel master-reboot-down-after-period mymaster 5\n"
        "sentinel auth-pass mymaster \"two words\"\n"
        "protected-mode yes\n");
    EXPECT_THAT(user.of_the_master, ElementsAre(Words{"rename-command", "CONFIG", "hidden"},
                                                Words{"master-reboot-down-after-period", "5"}));
    EXPECT_EQ(user.auth_pass, "two words");
    EXPECT_TRUE(user.sets_protected_mode);
}

TEST_F(UserConfigurationTest, RefusesWhatCannotWorkUnderAWrapper) {
    EXPECT_THAT(read("sentinel monitor other 10.0.0.7 7000 2\n").mistakes,
                ElementsAre(AllOf(HasSubstr("line 1 of "), HasSubstr("\"other\""),
                                  HasSubstr("\"mymaster\""))));
    EXPECT_THAT(read("sentinel notification-script mymaster /bin/true\n").mistakes,
                ElementsAre(HasSubstr("would be forgotten")));
    EXPECT_THAT(read("replicaof 10.0.0.7 7000\n").mistakes, ElementsAre(HasSubstr("follows")));
    EXPECT_THAT(read("sentinel parallel-syncs mymaster many\n").mistakes,
                ElementsAre(HasSubstr("\"many\" is not a whole number above 0")));
    EXPECT_THAT(read("sentinel auth-pass mymaster\n").mistakes,
                ElementsAre(HasSubstr("too few words")));
}

TEST_F(UserConfigurationTest, NeverSpeaksASecretAndWarnsOfOneAmongTheArguments) {
    const auto user =
        read("", {"--requirepass", "hunter2", "--sentinel", "auth-pass", "other", "hunter2"});
    EXPECT_THAT(user.mistakes, AllOf(testing::SizeIs(1), Not(Contains(HasSubstr("hunter2")))));
    EXPECT_THAT(user.warnings, ElementsAre(HasSubstr("requirepass stands in the argument list"),
                                           HasSubstr("sentinel auth-pass stands in the argument")));
}

}  // namespace
}  // namespace redis_zk::sentinel_wrapper
