#include "watcher/history.h"

#include <gtest/gtest.h>

namespace redis_zk::watcher {
namespace {

std::string change(int term, const std::string& master, const std::string& run_id,
                   const std::string& at) {
    return R"({"term":)" + std::to_string(term) + R"(,"master":")" + master + R"(","run_id":")" +
           run_id + R"(","at":")" + at + R"("})";
}

const std::string now_a = change(10, "10.0.0.1 1", "run-a", "at ten");

TEST(MasterSince, IsWhenItsTermBegan) {
    EXPECT_EQ(master_since(now_a, {{"9", {change(9, "10.0.0.2 2", "run-b", "at nine"), {}}},
                                   {"10", {now_a, {}}}}),
              "at ten");
    EXPECT_EQ(master_since(now_a, {}), "at ten");
}

TEST(MasterSince, IsWhenItWasRecordedFirstAlsoIfItsRecordWasRestoredMeanwhile) {
    zk::WatchedDirectory::Nodes history{{"10", {now_a, {}}},
                                        {"9", {change(9, "10.0.0.1 1", "run-a", "at nine"), {}}},
                                        {"8", {change(8, "10.0.0.1 1", "run-a", "at eight"), {}}},
                                        {"x", {"garbage", {}}},
                                        {"11", {change(11, "10.0.0.2 2", "run-b", "later"), {}}}};
    EXPECT_EQ(master_since(now_a, history), "at eight") << "9 is less than 10";
    history["8"].data = change(8, "10.0.0.1 1", "another run", "at eight");
    EXPECT_EQ(master_since(now_a, history), "at nine") << "the process before it is another master";
    history["9"].data = "garbage";
    EXPECT_EQ(master_since(now_a, history), "at ten") << "who was it then?";
}

TEST(MasterSince, IsUnknownWhenNobodySays) {
    EXPECT_EQ(master_since("", {}), std::nullopt);
    EXPECT_EQ(master_since(R"({"term":1,"master":"10.0.0.1 1"})", {}), std::nullopt);
}

}  // namespace
}  // namespace redis_zk::watcher
