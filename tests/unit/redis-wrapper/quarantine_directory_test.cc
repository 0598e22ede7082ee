#include "redis-wrapper/quarantine_directory.h"

#include <filesystem>

#include <gmock/gmock.h>

#include "tests/support/temporary_directory.h"

namespace redis_zk::redis_wrapper {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class QuarantineDirectoryTest : public testing::Test {
  protected:
    // As redis does it: a new file takes the place of the old one.
    std::string snapshot(const std::string& content) {
        fs::remove(directory_.path() + "/dump.rdb");
        return directory_.write("dump.rdb", content);
    }
    core::Result<std::string> keep(const std::string& content, core::Lineage lineage,
                                   QuarantineLimits limits = {}) {
        auto kept = keep_in_quarantine(directory_.path(), snapshot(content), lineage, limits);
        if (kept) fs::last_write_time(*kept, fs::file_time_type::clock::now() - 1h + 1s * ++kept_);
        return kept;
    }
    std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const auto& entry : fs::directory_iterator{directory_.path() + "/quarantine"})
            all.push_back(entry.path().filename());
        return all;
    }

    test::TemporaryDirectory directory_;
    int kept_ = 0;
};

TEST_F(QuarantineDirectoryTest, KeepsASnapshotThatIsReplacedLater) {
    const auto kept = keep("REDIS old", {7, 99});
    ASSERT_TRUE(kept) << kept.error().message;
    EXPECT_EQ(*kept, directory_.path() + "/quarantine/7-99.rdb");
    snapshot("REDIS new");
    EXPECT_EQ(directory_.read("quarantine/7-99.rdb"), "REDIS old");
    EXPECT_EQ(fs::status(directory_.path() + "/quarantine").permissions(), fs::perms::owner_all);
}

TEST_F(QuarantineDirectoryTest, KeepsTheNewest) {
    for (const std::int64_t offset : {1000, 20, 3, 4}) ASSERT_TRUE(keep("R", {7, offset}));
    EXPECT_THAT(names(), UnorderedElementsAre("7-20.rdb", "7-3.rdb", "7-4.rdb"));
}

TEST_F(QuarantineDirectoryTest, KeepsNoMoreBytesThanItMay) {
    const QuarantineLimits limits{10, 10};
    ASSERT_TRUE(keep("12345", {1, 1}, limits));
    ASSERT_TRUE(keep("12345", {2, 2}, limits));
    ASSERT_TRUE(keep("123456", {3, 3}, limits));
    EXPECT_THAT(names(), UnorderedElementsAre("3-3.rdb"));
    ASSERT_TRUE(keep("1234", {4, 4}, limits));
    EXPECT_THAT(names(), UnorderedElementsAre("3-3.rdb", "4-4.rdb"));
    const auto too_large = keep("12345678901", {5, 5}, limits);
    ASSERT_FALSE(too_large);
    EXPECT_THAT(too_large.error().message, HasSubstr("QUARANTINE_MAX_MB"));
    EXPECT_THAT(names(), UnorderedElementsAre("3-3.rdb", "4-4.rdb"));
}

TEST_F(QuarantineDirectoryTest, RemovesNothingThatItHasNotMade) {
    directory_.write("quarantine/notes.txt", "a person's");
    directory_.write("quarantine/mine.rdb", "a person's");
    directory_.write("quarantine/7-x.rdb", "a person's");
    ASSERT_TRUE(keep("R", {7, 1}, {1, 100}));
    ASSERT_TRUE(keep("R", {7, 2}, {1, 100}));
    EXPECT_THAT(names(), UnorderedElementsAre("notes.txt", "mine.rdb", "7-x.rdb", "7-2.rdb"));
}

TEST_F(QuarantineDirectoryTest, ReplacesWhatAFormerLifeHasKeptOfTheSameData) {
    ASSERT_TRUE(keep("less", {7, 99}));
    ASSERT_TRUE(keep("more", {7, 99}));
    EXPECT_EQ(directory_.read("quarantine/7-99.rdb"), "more");
}

TEST_F(QuarantineDirectoryTest, SaysWhyNothingIsKept) {
    const auto missing =
        keep_in_quarantine(directory_.path(), directory_.path() + "/dump.rdb", {7, 1}, {});
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().message, HasSubstr("No such file"));
    directory_.write("quarantine", "a file");
    const auto in_the_way = keep("R", {7, 1});
    ASSERT_FALSE(in_the_way);
    EXPECT_EQ(directory_.read("quarantine"), "a file");
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
