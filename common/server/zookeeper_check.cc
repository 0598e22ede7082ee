#include "common/server/zookeeper_check.h"

#include <limits>

#include <unistd.h>

#include "common/event/loop.h"
#include "common/event/resolver.h"
#include "common/zk/fault.h"
#include "common/zk/layout.h"
#include "common/zk/session_keeper.h"
#include "common/zk/session_user.h"

namespace redis_zk::server {

using namespace std::chrono_literals;

namespace {

constexpr core::milliseconds time_to_connect = 5s;
constexpr std::int32_t version_of_no_node = std::numeric_limits<std::int32_t>::max();

// Connects, and tries whether we may write below the root: creates an ephemeral node among the
// members and takes it away again, then tries the paths. In the root itself only if something is
// missing there. A root that is missing is said, and left missing.
class ZooKeeperCheck : private zk::SessionUser {
  public:
    ZooKeeperCheck(zk::SessionKeeper& keeper, zk::Layout layout, std::vector<std::string> paths,
                   std::vector<Observation>& findings)
        : SessionUser{keeper},
          layout_{std::move(layout)},
          paths_{std::move(paths)},
          findings_{findings} {}

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
        const std::string path = layout_.member(name_of_trial());
        if (session() == nullptr) return end(connection_is_lost());
        session()->create(
            path, "", zk::CreateMode::ephemeral,
            [this, path](const core::Result<std::string>& created) {
                is_incomplete_ = !created && created.error().code == zk::code::no_node;
                if (!created && !is_incomplete_) return end(nothing_can_be_created(created));
                if (created && session() != nullptr)
                    session()->remove(path, zk::any_version, {}, asker());
                try_to_set(paths_);
            },
            asker());
    }

    // ZooKeeper looks at the access first and at the version then: with a version that no node has
    // nothing is ever changed.
    void try_to_set(std::vector<std::string> paths) {
        if (paths.empty()) return is_incomplete_ ? try_to_complete() : end(all_is_well());
        const std::string path = paths.back();
        paths.pop_back();
        if (session() == nullptr) return end(connection_is_lost());
        session()->set(
            path, "", version_of_no_node,
            [this, path, paths](const core::Result<zk::Stat>& done) {
                const bool is_missing = !done && done.error().code == zk::code::no_node;
                is_incomplete_ = is_incomplete_ || is_missing;
                const bool may_write =
                    done || is_missing || done.error().code == zk::code::bad_version;
                if (!may_write)
                    return end({Verdict::wrong,
                                path + " in ZooKeeper cannot be written: " + done.error().message});
                try_to_set(paths);
            },
            asker());
    }

    // What is missing will be created when the executable runs, which only the root can forbid.
    void try_to_complete() {
        const std::string path = layout_.root() + '/' + name_of_trial();
        if (session() == nullptr) return end(connection_is_lost());
        session()->create(
            path, "", zk::CreateMode::ephemeral,
            [this, path](const core::Result<std::string>& created) {
                if (!created) return end(nothing_can_be_created(created));
                if (session() == nullptr) return end(connection_is_lost());
                session()->remove(
                    path, zk::any_version, [this](const auto&) { end(all_is_well()); }, asker());
            },
            asker());
    }

    static std::string name_of_trial() { return "check-" + std::to_string(getpid()); }

    Observation all_is_well() const {
        return {Verdict::good, layout_.root() + " in ZooKeeper can be written"};
    }

    // The answer before was read from a connection that is reset already.
    static Observation connection_is_lost() {
        return {Verdict::wrong, "the connection to ZooKeeper was lost while it was tried"};
    }

    Observation nothing_can_be_created(const core::Result<std::string>& created) const {
        return {Verdict::wrong, "nothing can be created below " + layout_.root() +
                                    " in ZooKeeper: " + created.error().message};
    }

    void end(Observation finding) {
        findings_.push_back(std::move(finding));
        loop().stop(0);
    }

    zk::Layout layout_;
    std::vector<std::string> paths_;
    bool is_incomplete_ = false;  // something will have to be created in the root
    std::vector<Observation>& findings_;
};

}  // namespace

bool ask_zookeeper(const ClusterConfig& config, const std::vector<std::string>& paths,
                   std::vector<Observation>& findings) {
    const std::size_t found_before = findings.size();
    event::Loop loop;
    event::Resolver resolver{loop};
    std::string last_event;
    zk::SessionKeeper keeper{loop, resolver, config.session_options(),
                             [&](const std::string& sentence) { last_event = sentence; }};
    ZooKeeperCheck check{keeper, config.layout(), paths, findings};
    event::Timer patience{
        loop, [&] {
            findings.push_back({Verdict::wrong, "ZooKeeper does not answer at " +
                                                    zk::spoken(config.hosts.servers) + ": " +
                                                    last_event});
            loop.stop(0);
        }};
    patience.start(time_to_connect);
    loop.run();
    return findings[found_before].verdict == Verdict::good;
}

int report_with_zookeeper(std::vector<Observation> found_here, const ClusterConfig& config,
                          const std::vector<std::string>& paths) {
    ask_zookeeper(config, paths, found_here);
    return report(found_here);
}

}  // namespace redis_zk::server
