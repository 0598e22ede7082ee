#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/app/options.h"
#include "common/app/secret_file.h"
#include "tests/unit/common/app/temporary_file.h"

namespace redis_zk::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const Options options{{.name = "wrapper"},
                      {{.name = "redis-password", .kind = Kind::secret},
                       {.name = "redis-username", .initial = "default"}}};

constexpr const char* password = "correct horse";

TEST(OptionSecret, ComesFromAFileWithoutTheNewlineAtItsEnd) {
    const TemporaryFile file{std::string{password} + " \n"};
    const Settings settings = options.read({{"--redis-password-file", file.path()}});
    EXPECT_EQ(settings.text("redis-password"), std::string{password} + ' ');
    EXPECT_THAT(settings.mistakes, IsEmpty());
    EXPECT_THAT(settings.warnings, IsEmpty());
}

TEST(OptionSecret, ComesFromTheEnvironmentInBothForms) {
    const TemporaryFile file{password};
    EXPECT_EQ(options.read({{}, {{"REDIS_PASSWORD", password}}}).text("redis-password"), password);
    EXPECT_EQ(options.read({{}, {{"REDIS_PASSWORD_FILE", file.path()}, {"REDIS_PASSWORD", ""}}})
                  .text("redis-password"),
              password);
}

TEST(OptionSecret, ComesFromALineThatNamesItsFile) {
    const TemporaryFile file{password};
    const TemporaryFile config{"redis-password-file = " + file.path()};
    EXPECT_EQ(options.read({{"--config", config.path()}}).text("redis-password"), password);
    EXPECT_EQ(options.read({{"--config", config.path()}, {{"REDIS_PASSWORD", "other"}}})
                  .text("redis-password"),
              "other");
}

TEST(OptionSecret, OfTheFlagsFileCountsBeforeTheEnvironment) {
    const TemporaryFile file{password};
    EXPECT_EQ(options.read({{"--redis-password-file", file.path()}, {{"REDIS_PASSWORD", "other"}}})
                  .text("redis-password"),
              password);
}

TEST(OptionSecret, IsRefusedInAnArgumentListAndNeverRepeated) {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"--redis-password", password},
          {std::string{"--redis-password="} + password}}) {
        const auto mistakes = options.read({arguments}).mistakes;
        ASSERT_THAT(mistakes, ElementsAre(HasSubstr("--redis-password: a secret is not written")));
        EXPECT_THAT(mistakes.front(), HasSubstr("redis-password-file, or REDIS_PASSWORD in the"));
        EXPECT_THAT(mistakes.front(), Not(HasSubstr(password)));
    }
}

TEST(OptionSecret, IsNotRepeatedWhenItsFlagIsMistyped) {
    const auto mistakes = options.read({{"--redis-pasword", password}}).mistakes;
    ASSERT_EQ(mistakes.size(), 1U);
    EXPECT_THAT(mistakes.front(), Not(HasSubstr(password)));
}

TEST(OptionSecret, IsRefusedInTheConfigFileAndNeverRepeated) {
    const TemporaryFile config{std::string{"redis-password = "} + password + "\nredis-password " +
                               password + '\n'};
    const auto mistakes = options.read({{"--config", config.path()}}).mistakes;
    ASSERT_EQ(mistakes.size(), 2U);
    for (const std::string& mistake : mistakes) EXPECT_THAT(mistake, Not(HasSubstr(password)));
}

TEST(OptionSecret, GivenInTwoFormsIsAMistake) {
    const TemporaryFile file{password};
    EXPECT_THAT(options.read({{}, {{"REDIS_PASSWORD", "a"}, {"REDIS_PASSWORD_FILE", file.path()}}})
                    .mistakes,
                ElementsAre(HasSubstr("REDIS_PASSWORD: is set together with REDIS_PASSWORD_FILE")));
}

TEST(OptionSecret, ThatOthersCanReadGivesAWarningAndCounts) {
    for (const mode_t mode : {0640U, 0604U}) {
        const TemporaryFile file{password, mode};
        const Settings settings = options.read({{}, {{"REDIS_PASSWORD_FILE", file.path()}}});
        EXPECT_EQ(settings.text("redis-password"), password);
        ASSERT_THAT(settings.warnings, ElementsAre(HasSubstr("REDIS_PASSWORD_FILE: ")));
        EXPECT_THAT(settings.warnings.front(), HasSubstr("can be read by others"));
    }
}

TEST(OptionSecret, FileThatIsMissingEmptyTooLongOrOfManyLinesIsAMistake) {
    const TemporaryFile empty{"\n"};
    const TemporaryFile many{"one\ntwo\n"};
    const TemporaryFile longest{std::string(4096, 'x')};
    const TemporaryFile too_long{std::string(4097, 'x')};
    EXPECT_THAT(read_secret_file("/nowhere/x").error().message, HasSubstr("No such file"));
    EXPECT_THAT(read_secret_file("/").error().message, HasSubstr("cannot be read"));
    EXPECT_THAT(read_secret_file(empty.path()).error().message, HasSubstr("is empty"));
    EXPECT_THAT(read_secret_file(many.path()).error().message, HasSubstr("more than one line"));
    EXPECT_TRUE(read_secret_file(longest.path()));
    EXPECT_THAT(read_secret_file(too_long.path()).error().message, HasSubstr("longer than"));
    EXPECT_THAT(read_secret_file("/dev/zero").error().message, HasSubstr("longer than"));
}

TEST(OptionSecret, WithALineBreakInTheEnvironmentIsAMistake) {
    EXPECT_THAT(options.read({{}, {{"REDIS_PASSWORD", "a\nslaveof x 1"}}}).mistakes,
                ElementsAre("REDIS_PASSWORD: holds more than one line"));
}

}  // namespace
}  // namespace redis_zk::app
