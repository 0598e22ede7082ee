#include "common/zk/identity_pool.h"

#include <algorithm>
#include <set>

#include "tests/unit/common/zk/pool_user.h"

namespace redis_zk::zk {
namespace {

TEST_F(IdentityPoolTest, MakesANewIdWhenThereIsNone) {
    const auto one = user();
    const auto id = claimed(*one, 31001);

    EXPECT_TRUE(core::is_sentinel_id(id));
    EXPECT_EQ(ids(), std::vector{id});
    EXPECT_EQ(identity(id).last_address, address(31001));
    EXPECT_EQ(identity(id).state, IdentityState::owned);
    EXPECT_EQ(owner(id)->stat.owner, one->keeper->session()->id());
    EXPECT_TRUE(until([&] { return one->told == std::vector{std::string{}, id}; }));
}

TEST_F(IdentityPoolTest, TakesAReleasedIdFirst) {
    const auto one = user();
    const auto other = user();
    const auto id = claimed(*one, 31001);
    released(*one);
    EXPECT_EQ(identity(id).state, IdentityState::released);
    EXPECT_EQ(identity(id).last_address, address(31001));
    EXPECT_FALSE(owner(id));

    EXPECT_EQ(claimed(*other, 31002), id);
    EXPECT_EQ(identity(id).last_address, address(31002));
    EXPECT_EQ(ids().size(), 1u);
}

TEST_F(IdentityPoolTest, TakesTheReleasedIdOfItsOwnAddressBeforeOthers) {
    std::vector<std::unique_ptr<PoolUser>> all;
    std::vector<std::string> found;
    for (std::uint16_t i = 0; i < 5; ++i) {
        all.push_back(user());
        found.push_back(claimed(*all.back(), 31000 + i));
    }
    for (const auto& one : all) released(*one);

    const auto again = user();
    EXPECT_EQ(claimed(*again, 31003), found[3]);
}

TEST_F(IdentityPoolTest, NeverLendsOneIdToTwoClaimantsAtOnce) {
    std::vector<std::unique_ptr<PoolUser>> all;
    for (int i = 0; i < 20; ++i) all.push_back(user());
    const auto owners = [&] {
        return std::ranges::count_if(all, [](const auto& one) { return one->owns(); });
    };
    for (std::uint16_t i = 0; i < 5; ++i) claimed(*all[i], 31000 + i);
    for (std::size_t i = 0; i < 5; ++i) released(*all[i]);
    for (std::uint16_t i = 0; i < 20; ++i) all[i]->pool.claim(address(32000 + i));

    ASSERT_TRUE(until([&] { return owners() == 20; }, 30s));
    std::set<std::string> lent;
    for (const auto& one : all) lent.insert(one->pool.id());
    EXPECT_EQ(lent.size(), 20u);
    EXPECT_EQ(ids().size(), 20u);  // none of the five was left out, none was made in vain
}

TEST_F(IdentityPoolTest, PilesNothingUpOverThirtyRestarts) {
    std::vector<std::unique_ptr<PoolUser>> all;
    std::set<std::string> lent;
    for (std::uint16_t i = 0; i < 3; ++i) {
        all.push_back(user());
        lent.insert(claimed(*all.back(), 31000 + i));
    }
    for (std::uint16_t round = 0; round < 30; ++round) {
        auto& one = all[round % 3];
        released(*one);
        one = user();
        lent.insert(claimed(*one, 32000 + round));
    }

    EXPECT_EQ(lent.size(), 3u);
    EXPECT_EQ(ids().size(), 3u);
    for (const auto& id : lent) EXPECT_EQ((*children(*direct.session, path(id)))->size(), 1u);
}

TEST_F(IdentityPoolTest, LeavesAnOwnedIdAloneForTheTimeOfAGhost) {
    const auto observer = user(long_ghost_timeout);
    claimed(*observer, 31001);
    auto gone = user();
    const auto id = claimed(*gone, 31002);
    gone.reset();
    ASSERT_TRUE(until([&] { return !owner(id); }));
    const auto one = user();

    EXPECT_NE(claimed(*one, 31003), id);
    EXPECT_EQ(identity(id).state, IdentityState::owned);
}

TEST_F(IdentityPoolTest, CallsAnIdAbandonedWhenItsOwnerWasGoneForTheTimeOfAGhost) {
    const auto observer = user(500ms);
    claimed(*observer, 31001);
    auto gone = user();
    const auto id = claimed(*gone, 31002);
    const auto was_there = loop.now();
    gone.reset();

    ASSERT_TRUE(until([&] { return is_abandoned(id); }));
    EXPECT_GE(loop.now() - was_there, 500ms);
    EXPECT_EQ(identity(id).last_address, address(31002));
}

TEST_F(IdentityPoolTest, TakesAnAbandonedIdWhenNobodyAnswersAtItsLastAddress) {
    const auto observer = user(100ms);
    claimed(*observer, 31001);
    const auto id = abandoned(31002);
    const auto one = user();
    suspects_somebody(*one, 31003);

    EXPECT_EQ(*one->pool.suspect(), (IdentityPool::Suspect{id, address(31002)}));
    EXPECT_EQ(one->pool.state(), PoolState::claiming);
    one->pool.answer(id, false);
    ASSERT_TRUE(until([&] { return one->owns(); }));
    EXPECT_EQ(one->pool.id(), id);
    EXPECT_FALSE(one->pool.suspect());
}

TEST_F(IdentityPoolTest, LeavesAnAbandonedIdToASentinelThatStillAnswers) {
    const auto observer = user(100ms);
    claimed(*observer, 31001);
    const auto id = abandoned(31002);
    const auto one = user();
    suspects_somebody(*one, 31003);
    one->pool.answer("somebody else", false);
    one->pool.answer(id, true);

    ASSERT_TRUE(until([&] { return one->owns(); }));
    EXPECT_NE(one->pool.id(), id);
    EXPECT_EQ(ids().size(), 3u);
}

TEST_F(IdentityPoolTest, PrefersWhatIsReleasedWhileItWaitsForAnAnswer) {
    const auto observer = user(100ms);
    const auto released_id = claimed(*observer, 31001);
    const auto id = abandoned(31002);
    const auto one = user();
    suspects_somebody(*one, 31003);
    released(*observer);

    ASSERT_TRUE(until([&] { return one->owns(); }));
    EXPECT_EQ(one->pool.id(), released_id);
    EXPECT_FALSE(one->pool.suspect());
}

TEST_F(IdentityPoolTest, ReportsWhatItDoesNotUnderstandAndLeavesItAlone) {
    const std::string odd_id(40, 'a');
    const std::map<std::string, std::string> garbage{
        {path("hello"), "hello"},
        {path(odd_id), "{\"state\":\"released\"}"},
        {path(std::string(40, 'b')), ""},
        {path(std::string(40, 'c')), R"({"address":"nowhere","state":"released","claimant":"x"})"},
    };
    for (const auto& [where, text] : garbage) {
        ASSERT_TRUE(make_path(*direct.session, where));
        ASSERT_TRUE(set(*direct.session, where, text));
    }
    const auto one = user();
    const auto id = claimed(*one, 31001);

    EXPECT_FALSE(garbage.contains(path(id)));
    EXPECT_EQ(ids().size(), 5u);
    for (const auto& [where, text] : garbage) EXPECT_EQ((*get(*direct.session, where))->data, text);
    EXPECT_TRUE(was_said(path("hello") + " is no sentinel id; it is left alone"));
    EXPECT_TRUE(was_said(path(odd_id) + ": a sentinel id cannot be understood"));
    ASSERT_TRUE(set(*direct.session, path(odd_id), "{\"state\":\"released\"}"));
    run_for(loop, 100ms);
    EXPECT_EQ(
        std::ranges::count_if(
            events, [&](const auto& it) { return it.find(path(odd_id)) != std::string::npos; }),
        1);
}

TEST_F(IdentityPoolTest, KeepsTheFieldsThatItDoesNotKnow) {
    const std::string id(40, 'a');
    ASSERT_TRUE(make_path(*direct.session, path(id)));
    ASSERT_TRUE(
        set(*direct.session, path(id),
            R"({"address":"10.0.0.1 1","state":"released","claimant":"x","colour":"red"})"));
    const auto one = user();

    EXPECT_EQ(claimed(*one, 31001), id);
    EXPECT_NE(entry(id)->data.find(R"("colour":"red")"), std::string::npos);
}

TEST_F(IdentityPoolTest, AsksNothingWhileNothingHappens) {
    const auto other = user();
    claimed(*other, 31001);
    PoolUser one{keeper(proxy().port()), root};
    claimed(one, 31002);
    run_for(loop, 200ms);
    const auto before = proxy().bytes_to_server();
    run_for(loop, 500ms);

    EXPECT_EQ(proxy().bytes_to_server(), before);
}

}  // namespace
}  // namespace redis_zk::zk
