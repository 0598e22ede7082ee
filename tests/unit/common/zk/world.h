// What the tests with a real ZooKeeper share: one server for the program, a loop, a bad network in
// between if wanted, and a root of its own for each test.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/core/result.h"
#include "common/event/loop.h"
#include "common/event/resolver.h"
#include "common/zk/session.h"
#include "common/zk/session_keeper.h"
#include "common/zk/session_user.h"
#include "tests/support/run_until.h"
#include "tests/support/tcp_proxy.h"
#include "tests/support/zookeeper_server.h"

namespace redis_zk::zk {

using test::run_until;
using namespace std::chrono_literals;

test::ZookeeperServer& server();  // started by main.cc

constexpr core::milliseconds short_timeout = 600ms;
constexpr core::milliseconds long_timeout = 20s;

inline void run_for(event::Loop& loop, core::milliseconds time) {
    run_until(
        loop, [] { return false; }, time);
}

// A session and everything that it was in.
struct WatchedSession {
    WatchedSession(event::Loop& loop, std::uint16_t port, core::milliseconds timeout,
                   const std::string& credentials = {})
        : session{std::make_unique<Session>(
              loop, Session::Options{{{"127.0.0.1", port}}, timeout, credentials},
              [this](SessionState state) { states.push_back(state); })} {}
    WatchedSession(const WatchedSession&) = delete;
    WatchedSession& operator=(const WatchedSession&) = delete;
    std::vector<SessionState> states;
    std::unique_ptr<Session> session;
    Session* operator->() const { return session.get(); }
};

class ZooKeeperTest : public testing::Test {
  protected:
    ZooKeeperTest() {
        static int count = 0;
        root = "/test" + std::to_string(++count);
    }

    test::TcpProxy& proxy() {
        if (!proxy_) proxy_ = std::make_unique<test::TcpProxy>(loop, server().port());
        return *proxy_;
    }

    template <typename Condition>
    bool until(Condition condition, core::milliseconds patience = 10s) {
        return run_until(loop, condition, patience);
    }
    // Until refuse(false).
    void cut_off() {
        proxy().refuse(true);
        proxy().cut();
    }
    // Until the server has given up the session of `short_timeout` behind the proxy, as its keeper
    // learns when it is back.
    bool expire() {
        cut_off();
        run_for(loop, short_timeout * 2 + 400ms);
        proxy().refuse(false);
        return until([&] { return was_said("has expired"); });
    }
    bool connected(const WatchedSession& one) {
        return until([&] { return one->is_connected(); });
    }

    // Asks, and runs the loop until there is the answer.
    template <typename T>
    core::Result<T> answer(const std::function<void(core::Callback<T>)>& ask) {
        std::optional<core::Result<T>> result;
        ask([&](core::Result<T> it) { result.emplace(std::move(it)); });
        if (!until([&] { return result.has_value(); }))
            return core::Error{core::Fault::refused, "the test waits for ever", 4711};
        return *result;
    }
    core::Result<core::Done> make_path(Session& session, const std::string& path) {
        return answer<core::Done>([&](auto done) { session.create_path(path, done); });
    }
    core::Result<std::string> create(Session& session, const std::string& path,
                                     const std::string& data = "",
                                     CreateMode mode = CreateMode::persistent) {
        return answer<std::string>([&](auto done) { session.create(path, data, mode, done); });
    }
    core::Result<std::optional<Node>> get(Session& session, const std::string& path) {
        return answer<std::optional<Node>>([&](auto done) { session.get(path, done); });
    }
    core::Result<std::optional<std::vector<std::string>>> children(Session& session,
                                                                   const std::string& path) {
        return answer<std::optional<std::vector<std::string>>>(
            [&](auto done) { session.children(path, done); });
    }
    core::Result<core::Done> remove(Session& session, const std::string& path) {
        return answer<core::Done>([&](auto done) { session.remove(path, any_version, done); });
    }
    core::Result<Stat> set(Session& session, const std::string& path, const std::string& data,
                           std::int32_t version = any_version) {
        return answer<Stat>([&](auto done) { session.set(path, data, version, done); });
    }

    SessionKeeper::Options keeper_options(std::uint16_t port, core::milliseconds timeout) {
        return {{{"127.0.0.1", port}}, timeout, {}};
    }
    std::unique_ptr<SessionKeeper> keeper(std::uint16_t port,
                                          core::milliseconds timeout = long_timeout) {
        return std::make_unique<SessionKeeper>(
            loop, resolver, keeper_options(port, timeout),
            [this](const std::string& sentence) { events.push_back(sentence); });
    }
    bool was_said(const std::string& part) const {
        for (const auto& sentence : events)
            if (sentence.find(part) != std::string::npos) return true;
        return false;
    }

    event::Loop loop;
    event::Resolver resolver{loop};
    std::string root;
    std::vector<std::string> events;

  private:
    std::unique_ptr<test::TcpProxy> proxy_;
};

// With a session of its own, to look and to write past what is tested.
class DirectTest : public ZooKeeperTest {
  protected:
    DirectTest() { EXPECT_TRUE(connected(direct)); }

    WatchedSession direct{loop, server().port(), long_timeout};
};

}  // namespace redis_zk::zk
