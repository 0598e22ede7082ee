#include "redis-wrapper/state_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/support/temporary_directory.h"

namespace redis_zk::redis_wrapper {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const StateFile::Time noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + 12h};

core::Claim claim(std::int64_t offset = 3003, std::uint64_t term = 7) {
    return {.node = "5f3c",
            .cluster = "c1",
            .lineage = core::Lineage{term, offset},
            .replication_id = std::string(40, 'a'),
            .keys = 12,
            .past = {{std::string(40, 'b'), 6}}};
}

class StateFileTest : public testing::Test {
  protected:
    ino_t inode() const {
        struct stat status {};
        EXPECT_EQ(stat(file_.path().c_str(), &status), 0);
        return status.st_ino;
    }
    std::optional<core::Claim> found() const {
        StateFile reader{directory_.path()};
        const auto is_read = reader.read();
        EXPECT_TRUE(is_read) << is_read.error().message;
        return reader.claim();
    }

    test::TemporaryDirectory directory_;
    StateFile file_{directory_.path()};
};

TEST_F(StateFileTest, HasNothingToSayWhereThereIsNoFile) {
    EXPECT_TRUE(file_.read());
    EXPECT_FALSE(file_.claim());
    EXPECT_TRUE(directory_.is_empty());
}

TEST_F(StateFileTest, GivesBackWhatWasWritten) {
    ASSERT_TRUE(file_.write(claim(), noon));
    EXPECT_EQ(found(), claim());
    EXPECT_THAT(directory_.read("redis-zk.state"), HasSubstr("\"at\":\"2026-11-21T12:00:00Z\""));
    EXPECT_FALSE(std::filesystem::exists(file_.path() + ".new"));
}

TEST_F(StateFileTest, RemembersThatTheDataHaveWritesOfTheirOwn) {
    core::Claim own = claim();
    for (const auto writes : {core::OwnWrites::handed_over, core::OwnWrites::uncounted,
                              core::OwnWrites::none, core::OwnWrites::counted}) {
        own.own_writes = writes;
        ASSERT_TRUE(file_.write(own, noon));
        EXPECT_EQ(found(), own);
    }
    EXPECT_FALSE(parse_claim(R"({"version":1,"node":"5f3c","cluster":"c1","replication_id":"a",
                                 "keys":1,"past":[],"own_writes":"yes"})"));
}

TEST_F(StateFileTest, CanClaimNothing) {
    core::Claim none = claim();
    none.lineage.reset();
    ASSERT_TRUE(file_.write(none, noon));
    EXPECT_EQ(found(), none);
}

TEST_F(StateFileTest, RemembersEarlyCrashesAndSaysNothingOfNone) {
    EXPECT_EQ(to_json(claim(), noon).find("early_crashes"), std::string::npos);
    core::Claim stormy = claim();
    stormy.early_crashes = {3, 1795255200};
    ASSERT_TRUE(file_.write(claim(), noon));
    const ino_t first = inode();
    ASSERT_TRUE(file_.write(stormy, noon));
    EXPECT_NE(inode(), first) << "it is brought to the disk";
    EXPECT_EQ(found(), stormy);
    ASSERT_TRUE(file_.write(claim(), noon));
    EXPECT_EQ(found(), claim());
}

TEST_F(StateFileTest, IsNotWrittenWhenNothingChanged) {
    ASSERT_TRUE(file_.write(claim(), noon));
    ASSERT_TRUE(file_.write(claim(), noon + 1h));
    EXPECT_THAT(directory_.read("redis-zk.state"), HasSubstr("12:00:00Z"));
}

TEST_F(StateFileTest, OverwritesNumbersInPlaceAndReplacesTheFileForAnythingElse) {
    ASSERT_TRUE(file_.write(claim(3003), noon));
    const ino_t first = inode();
    ASSERT_TRUE(file_.write(claim(9'000'000'000'000'000'000), noon));
    EXPECT_EQ(inode(), first);
    EXPECT_EQ(found(), claim(9'000'000'000'000'000'000));
    ASSERT_TRUE(file_.write(claim(5), noon));
    EXPECT_EQ(found(), claim(5));
    ASSERT_TRUE(file_.write(claim(5, 8), noon));
    EXPECT_NE(inode(), first);
    EXPECT_EQ(found(), claim(5, 8));
}

TEST_F(StateFileTest, KeepsItsNumbersInTheFirstBlockOfTheDisk) {
    core::Claim long_one = claim();
    long_one.past.assign(50, {std::string(40, 'b'), 6});
    const std::string text = to_json(long_one, noon);
    EXPECT_LT(text.find("\"term\""), 400U);
    EXPECT_LT(text.find("\"offset\""), text.find("\"term\""));
    EXPECT_LT(text.find("\"keys\""), text.find("\"term\""));
}

TEST_F(StateFileTest, IsWrittenAnewWhenSomebodyRemovedIt) {
    ASSERT_TRUE(file_.write(claim(1), noon));
    std::filesystem::remove(file_.path());
    ASSERT_TRUE(file_.write(claim(2), noon));
    EXPECT_EQ(found(), claim(2));
}

TEST_F(StateFileTest, SaysWhyItCannotBeWritten) {
    StateFile nowhere{directory_.path() + "/missing"};
    const auto written = nowhere.write(claim(), noon);
    ASSERT_FALSE(written);
    EXPECT_THAT(written.error().message, HasSubstr("No such file or directory"));
}

TEST_F(StateFileTest, IsNotBelievedAndSetAsideWhenItIsGarbage) {
    directory_.write("redis-zk.state", "{\"version\":1,");
    StateFile garbage{directory_.path()};
    EXPECT_FALSE(garbage.read());
    EXPECT_FALSE(garbage.claim());
    ASSERT_TRUE(garbage.set_aside());
    EXPECT_EQ(directory_.read("redis-zk.state.unreadable"), "{\"version\":1,");
    EXPECT_FALSE(std::filesystem::exists(garbage.path()));
}

TEST_F(StateFileTest, RefusesEveryKindOfGarbage) {
    const std::string good = to_json(claim(), noon);
    const auto with = [&good](const std::string& old_text, const std::string& new_text) {
        std::string text = good;
        return text.replace(text.find(old_text), old_text.size(), new_text);
    };
    ASSERT_TRUE(parse_claim(good));
    for (const std::string& text :
         {std::string{}, std::string{"[]"}, std::string{"null"}, std::string(100, '\0'),
          good.substr(0, good.size() / 2), with("\"term\":7", "\"term\":-7"),
          with("\"term\":7", "\"term\":\"7\""), with("\"offset\":3003", "\"offset\":1e99"),
          with("\"offset\":3003", "\"offset\":18446744073709551615"), with("\"offset\":3003,", ""),
          with("\"node\":\"5f3c\"", "\"node\":\"\""), with("\"version\":1", "\"version\":2"),
          with("\"version\":1", "\"version\":\"1\""), with("\"past\":[", "\"past\":[7,")})
        EXPECT_FALSE(parse_claim(text)) << text;
    for (const std::string crashes :
         {"7", "{}", "null", R"({"count":1})", R"({"count":-1,"last_at":1})",
          R"({"count":3000000000,"last_at":1})", R"({"count":"1","last_at":1})",
          R"({"count":1,"last_at":1e99})", R"({"count":1,"last_at":18446744073709551615})"})
        EXPECT_FALSE(parse_claim(with("\"past\"", "\"early_crashes\":" + crashes + ",\"past\"")))
            << crashes;
}

TEST_F(StateFileTest, RefusesAFileThatIsMuchTooLong) {
    directory_.write("redis-zk.state", std::string(2 << 20, ' '));
    EXPECT_FALSE(file_.read());
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
