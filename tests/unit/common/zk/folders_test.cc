#include "common/zk/folders.h"

#include "tests/unit/common/zk/world.h"

namespace redis_zk::zk {
namespace {

class FoldersTest : public DirectTest {
  protected:
    std::string members() const { return root + "/members"; }

    // Those of somebody with these credentials, or without any.
    std::unique_ptr<SessionKeeper> keeper_with(const std::string& credentials) {
        return std::make_unique<SessionKeeper>(
            loop, resolver,
            SessionKeeper::Options{{{"127.0.0.1", server().port()}}, long_timeout, credentials},
            [](const std::string&) {});
    }
    std::unique_ptr<Folders> folders(SessionKeeper& keeper) {
        return std::make_unique<Folders>(
            keeper, std::vector{members()}, std::vector{root},
            Folders::Handlers{[] {}, [this](const std::string& it) { complaints.push_back(it); }});
    }
    bool exists(const std::string& path) {
        const auto node = get(*direct.session, path);
        return node && *node;
    }

    std::vector<std::string> complaints;
};

TEST_F(FoldersTest, AreMadeWhenTheyAreMissing) {
    const auto kept = keeper_with("");
    const auto made = folders(*kept);
    EXPECT_TRUE(until([&] { return exists(members()); }));
}

TEST_F(FoldersTest, ComplainOfWhatIsOpenToAllAlthoughThereAreCredentials) {
    ASSERT_TRUE(make_path(*direct.session, root));
    const auto kept = keeper_with("me:secret");
    const auto made = folders(*kept);
    ASSERT_TRUE(until([&] { return !complaints.empty(); }));
    EXPECT_EQ(complaints, std::vector{"everybody may change " + root +
                                      " in ZooKeeper, although ZK_AUTH is given: it was there "
                                      "before, and keeps its access"});
}

TEST_F(FoldersTest, AreMeantToBeOpenToAllWithoutCredentials) {
    ASSERT_TRUE(make_path(*direct.session, root));
    const auto kept = keeper_with("");
    const auto made = folders(*kept);
    ASSERT_TRUE(until([&] { return exists(members()); }));
    // Whatever was asked when the folder was made has been answered by then.
    ASSERT_TRUE(get(*kept->session(), root));
    EXPECT_TRUE(complaints.empty());
}

}  // namespace
}  // namespace redis_zk::zk
