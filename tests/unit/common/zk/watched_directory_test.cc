#include "common/zk/watched_directory.h"

#include "tests/unit/common/zk/world.h"

namespace redis_zk::zk {
namespace {

class WatchedDirectoryTest : public DirectTest {
  protected:
    std::string path() const { return root + "/members"; }
    std::unique_ptr<WatchedDirectory> watched(SessionKeeper& keeper) {
        return std::make_unique<WatchedDirectory>(keeper, path(), [this] { ++changes; });
    }
    bool add(const std::string& name, const std::string& data = "") {
        return static_cast<bool>(create(*direct.session, path() + "/" + name, data));
    }
    using Data = std::map<std::string, std::string>;
    static Data data_of(const WatchedDirectory& copy) {
        Data data;
        for (const auto& [name, node] : copy.nodes()) data[name] = node.data;
        return data;
    }
    int changes = 0;
};

TEST_F(WatchedDirectoryTest, FollowsTheOriginalThroughItsWholeLife) {
    const auto kept = keeper(server().port());
    const auto copy = watched(*kept);
    ASSERT_TRUE(until([&] { return copy->is_known(); }));
    EXPECT_TRUE(copy->nodes().empty());  // there is no such directory

    ASSERT_TRUE(make_path(*direct.session, path()));
    ASSERT_TRUE(add("a", "1") && add("b", "1"));
    EXPECT_TRUE(until([&] { return data_of(*copy) == Data{{"a", "1"}, {"b", "1"}}; }));
    ASSERT_TRUE(set(*direct.session, path() + "/a", "2"));
    EXPECT_TRUE(until([&] { return data_of(*copy) == Data{{"a", "2"}, {"b", "1"}}; }));
    ASSERT_TRUE(set(*direct.session, path() + "/a", "3"));
    EXPECT_TRUE(until([&] { return data_of(*copy) == Data{{"a", "3"}, {"b", "1"}}; }));
    ASSERT_TRUE(remove(*direct.session, path() + "/b"));
    EXPECT_TRUE(until([&] { return data_of(*copy) == Data{{"a", "3"}}; }));
    ASSERT_TRUE(remove(*direct.session, path() + "/a"));
    ASSERT_TRUE(remove(*direct.session, path()));
    EXPECT_TRUE(until([&] { return data_of(*copy).empty(); }));
    ASSERT_TRUE(make_path(*direct.session, path()) && add("a", "4"));
    EXPECT_TRUE(until([&] { return data_of(*copy) == Data{{"a", "4"}}; }));
}

TEST_F(WatchedDirectoryTest, TellsOnceOfManyNodesThatAreThereAtTheStart) {
    ASSERT_TRUE(make_path(*direct.session, path()));
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(add(std::to_string(i), "x"));
    const auto kept = keeper(server().port());
    const auto copy = watched(*kept);

    ASSERT_TRUE(until([&] { return copy->is_known(); }));
    EXPECT_EQ(copy->nodes().size(), 50u);
    EXPECT_EQ(changes, 1);
}

TEST_F(WatchedDirectoryTest, ReadsOnlyWhatHasChanged) {
    ASSERT_TRUE(make_path(*direct.session, path()));
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(add(std::to_string(i), "x"));
    const auto kept = keeper(proxy().port());
    const auto copy = watched(*kept);
    ASSERT_TRUE(until([&] { return copy->is_known(); }));
    const auto before = proxy().bytes_to_server();
    ASSERT_TRUE(set(*direct.session, path() + "/7", "y"));

    ASSERT_TRUE(until([&] { return changes == 2; }));
    EXPECT_LT(proxy().bytes_to_server() - before, 100u);  // one request
}

TEST_F(WatchedDirectoryTest, CatchesUpAfterALostConnection) {
    ASSERT_TRUE(make_path(*direct.session, path()) && add("a", "1") && add("b", "1"));
    const auto kept = keeper(proxy().port());
    const auto copy = watched(*kept);
    ASSERT_TRUE(until([&] { return copy->is_current(); }));
    cut_off();
    ASSERT_TRUE(until([&] { return !copy->is_current(); }));
    ASSERT_TRUE(set(*direct.session, path() + "/a", "2"));
    ASSERT_TRUE(remove(*direct.session, path() + "/b") && add("c", "1"));
    proxy().refuse(false);

    EXPECT_TRUE(until([&] { return data_of(*copy) == Data{{"a", "2"}, {"c", "1"}}; }));
}

TEST_F(WatchedDirectoryTest, WatchesInTheNextSessionToo) {
    ASSERT_TRUE(make_path(*direct.session, path()) && add("a", "1"));
    const auto kept = keeper(proxy().port(), short_timeout);
    const auto copy = watched(*kept);
    ASSERT_TRUE(until([&] { return copy->is_current(); }));
    ASSERT_TRUE(expire() && until([&] { return copy->is_current(); }));
    ASSERT_TRUE(set(*direct.session, path() + "/a", "2") && add("b", "1"));

    EXPECT_TRUE(until([&] { return data_of(*copy) == Data{{"a", "2"}, {"b", "1"}}; }));
}

TEST_F(WatchedDirectoryTest, IsUpToDateWhenARefreshIsAnswered) {
    ASSERT_TRUE(make_path(*direct.session, path()) && add("a", "0"));
    const auto kept = keeper(server().port());
    const auto copy = watched(*kept);
    for (const auto* data : {"1", "2", "3"}) {
        ASSERT_TRUE(until([&] { return kept->session() != nullptr; }));
        ASSERT_TRUE(set(*direct.session, path() + "/a", data) && add(data));
        const auto nodes = answer<WatchedDirectory::Nodes>([&](auto done) { copy->refresh(done); });
        ASSERT_TRUE(nodes);
        EXPECT_EQ(nodes->at("a").data, data);
        EXPECT_TRUE(nodes->contains(data));
        EXPECT_EQ(copy->nodes(), *nodes);
    }
}

TEST_F(WatchedDirectoryTest, AnswersARefreshWithoutAConnectionWithAnError) {
    proxy().refuse(true);
    const auto kept = keeper(proxy().port());
    const auto copy = watched(*kept);

    EXPECT_FALSE(answer<WatchedDirectory::Nodes>([&](auto done) { copy->refresh(done); }));
}

}  // namespace
}  // namespace redis_zk::zk
