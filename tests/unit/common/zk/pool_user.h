// What the tests of the pool of sentinel ids share: somebody who wants an id, and a look at the
// pool from outside.
#pragma once

#include "common/zk/documents.h"
#include "common/zk/identity_pool.h"
#include "tests/unit/common/zk/world.h"

namespace redis_zk::zk {

using PoolState = IdentityPool::State;
using IdentityState = core::SentinelIdentity::State;

constexpr core::milliseconds long_ghost_timeout = 60s;

// A sentinel-wrapper, as far as its id is concerned.
struct PoolUser {
    PoolUser(std::unique_ptr<SessionKeeper> keeper_, const std::string& root,
             core::milliseconds ghost_timeout = long_ghost_timeout)
        : keeper{std::move(keeper_)},
          pool{*keeper,
               {Layout{"", root}, ghost_timeout, [] { return std::string{"noon"}; }},
               [this] { observe(); }} {}

    void observe() {
        if (told.empty() || told.back() != pool.id()) told.push_back(pool.id());
    }
    bool owns() const { return pool.state() == PoolState::owned && pool.is_confirmed(); }

    std::vector<std::string> told;  // the ids that it had, "" for none
    std::unique_ptr<SessionKeeper> keeper;
    IdentityPool pool;
};

class IdentityPoolTest : public DirectTest {
  protected:
    std::unique_ptr<PoolUser> user(core::milliseconds ghost_timeout = long_ghost_timeout) {
        return std::make_unique<PoolUser>(keeper(server().port()), root, ghost_timeout);
    }
    // Has a session that ends soon after the proxy was cut.
    std::unique_ptr<PoolUser> user_behind_proxy(
        core::milliseconds ghost_timeout = long_ghost_timeout) {
        return std::make_unique<PoolUser>(keeper(proxy().port(), short_timeout), root,
                                          ghost_timeout);
    }
    static core::Endpoint address(std::uint16_t port) { return {"10.0.0.9", port}; }

    // The id that the user gets.
    std::string claimed(PoolUser& one, std::uint16_t port) {
        one.pool.claim(address(port));
        EXPECT_TRUE(until([&] { return one.owns(); }));
        return one.pool.id();
    }
    void released(PoolUser& one) {
        one.pool.release();
        EXPECT_TRUE(until([&] { return one.pool.state() == PoolState::none; }));
    }
    // The id of somebody who was there and has gone, as soon as the others call it abandoned.
    std::string abandoned(std::uint16_t port) {
        auto gone = user();
        const auto id = claimed(*gone, port);
        gone.reset();
        EXPECT_TRUE(until([&] { return is_abandoned(id); }));
        return id;
    }
    bool is_abandoned(const std::string& id) {
        return identity(id).state == IdentityState::abandoned;
    }
    // Wants an id, of which there are abandoned ones only: until somebody has to be asked.
    void suspects_somebody(PoolUser& one, std::uint16_t port) {
        one.pool.claim(address(port));
        EXPECT_TRUE(until([&] { return one.pool.suspect().has_value(); }));
    }
    // Takes the id of an owner who is cut off, as soon as it is abandoned.
    std::string taken_from_the_absent(PoolUser& one, std::uint16_t port) {
        suspects_somebody(one, port);
        if (const auto suspect = one.pool.suspect()) one.pool.answer(suspect->id, false);
        EXPECT_TRUE(until([&] { return one.owns(); }));
        return one.pool.id();
    }

    std::string folder() const { return root + "/sentinel-ids"; }
    std::string path(const std::string& id) const { return folder() + "/" + id; }
    std::vector<std::string> ids() {
        return (*children(*direct.session, folder())).value_or(std::vector<std::string>{});
    }
    std::optional<Node> entry(const std::string& id) { return *get(*direct.session, path(id)); }
    std::optional<Node> owner(const std::string& id) {
        return *get(*direct.session, path(id) + "/owner");
    }
    core::SentinelIdentity identity(const std::string& id) {
        const auto node = entry(id);
        const auto read = parse_sentinel_identity(node ? node->data : "");
        return read ? *read : core::SentinelIdentity{};
    }
};

}  // namespace redis_zk::zk
