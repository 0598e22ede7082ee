#include "common/zk/readings.h"

#include <gtest/gtest.h>

namespace redis_zk::zk {
namespace {

TEST(Complaints, AreSaidOnceUntilTheyChange) {
    std::vector<std::string> said;
    Complaints complaints{[&](const std::string& sentence) { said.push_back(sentence); }};
    complaints.about("/a", "");
    complaints.about("/a", "a is garbage");
    complaints.about("/a", "a is garbage");
    complaints.about("/b", "b is garbage");
    complaints.about("/a", "");
    complaints.about("/a", "a is garbage");
    const std::string left = "; it is left alone";
    EXPECT_EQ(said,
              (std::vector{"a is garbage" + left, "b is garbage" + left, "a is garbage" + left}));
}

// Of a member that comes and goes with an id of its own each time, for years.
TEST(Complaints, AreForgottenWithWhatTheyAreAbout) {
    int said = 0;
    Complaints complaints{[&](const std::string&) { ++said; }};
    for (const char* path : {"/r/members/a", "/r/members/b", "/r/members", "/r/term"})
        complaints.about(path, "it is garbage");
    EXPECT_EQ(said, 4);
    complaints.forget_absent("/r/members", [](const std::string& name) { return name == "a"; });
    for (const char* path : {"/r/members/a", "/r/members/b", "/r/members", "/r/term"})
        complaints.about(path, "it is garbage");
    EXPECT_EQ(said, 5) << "only that about b was forgotten";
}

}  // namespace
}  // namespace redis_zk::zk
