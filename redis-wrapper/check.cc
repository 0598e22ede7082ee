#include "redis-wrapper/check.h"

#include <limits>

#include <unistd.h>

#include "common/event/loop.h"
#include "common/event/resolver.h"
#include "common/zk/fault.h"
#include "common/zk/layout.h"
#include "common/zk/session_keeper.h"
#include "common/zk/session_user.h"
#include "redis-wrapper/local_check.h"

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;

namespace {

constexpr core::milliseconds time_to_connect = 5s;
constexpr std::int32_t version_of_no_node = std::numeric_limits<std::int32_t>::max();

// Connects, and tries whether we may write below the root: creates an ephemeral node and takes it
// away again. A root that is missing is said, and left missing.
class ZooKeeperCheck : private zk::SessionUser {
  public:
    ZooKeeperCheck(zk::SessionKeeper& keeper, zk::Layout layout, std::vector<Observation>& findings)
        : SessionUser{keeper}, layout_{std::move(layout)}, findings_{findings} {}

  private:
    void session_ready(zk::Session& session) override {
        findings_.push_back({Verdict::good, "ZooKeeper answers at " + session.server() +
                                                ", session timeout " +
                                                std::to_string(session.timeout().count()) + " ms"});
        session.stat(
            layout_.root(),
            [this](const core::Result<std::optional<zk::Stat>>& root) {
                if (!root)
                    return end({Verdict::wrong, layout_.root() + ": " + root.error().message});
                if (!*root)
                    return end(
                        {Verdict::good,
                         layout_.root() + " does not exist yet in ZooKeeper; it will be created"});
                try_to_write();
            },
            asker());
    }

    void try_to_write() {
        const std::string path = layout_.member("check-" + std::to_string(getpid()));
        session()->create(
            path, "", zk::CreateMode::ephemeral,
            [this, path](const core::Result<std::string>& created) {
                const bool no_folder = !created && created.error().code == zk::code::no_node;
                if (!created && !no_folder)
                    return end({Verdict::wrong, "nothing can be created below " + layout_.root() +
                                                    " in ZooKeeper: " + created.error().message});
                if (created) session()->remove(path, zk::any_version, {}, asker());
                try_to_set({layout_.master(), layout_.term(), layout_.roster()});
            },
            asker());
    }

    // ZooKeeper looks at the access first and at the version then: with a version that no node has
    // nothing is ever changed.
    void try_to_set(std::vector<std::string> paths) {
        if (paths.empty())
            return end({Verdict::good, layout_.root() + " in ZooKeeper can be written"});
        const std::string path = paths.back();
        paths.pop_back();
        session()->set(
            path, "", version_of_no_node,
            [this, path, paths](const core::Result<zk::Stat>& done) {
                const bool may_write = done || done.error().code == zk::code::bad_version ||
                                       done.error().code == zk::code::no_node;
                if (!may_write)
                    return end({Verdict::wrong,
                                path + " in ZooKeeper cannot be written: " + done.error().message});
                try_to_set(paths);
            },
            asker());
    }

    void end(Observation finding) {
        findings_.push_back(std::move(finding));
        loop().stop(0);
    }

    zk::Layout layout_;
    std::vector<Observation>& findings_;
};

std::vector<Observation> zookeeper_findings(const Config& config) {
    std::vector<Observation> findings;
    event::Loop loop;
    event::Resolver resolver{loop};
    std::string last_event;
    zk::SessionKeeper keeper{loop,
                             resolver,
                             {config.hosts.servers, config.session_timeout, config.zk_credentials},
                             [&](const std::string& sentence) { last_event = sentence; }};
    ZooKeeperCheck check{keeper, zk::Layout{config.hosts.chroot, config.root}, findings};
    event::Timer patience{
        loop, [&] {
            findings.push_back({Verdict::wrong, "ZooKeeper does not answer at " +
                                                    zk::spoken(config.hosts.servers) + ": " +
                                                    last_event});
            loop.stop(0);
        }};
    patience.start(time_to_connect);
    loop.run();
    return findings;
}

}  // namespace

int check(const Config& config) {
    auto findings = local_observations(config);
    for (auto& finding : zookeeper_findings(config)) findings.push_back(std::move(finding));
    return report(findings);
}

}  // namespace redis_zk::redis_wrapper
