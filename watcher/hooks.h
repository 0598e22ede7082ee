// Commands of the user's that run when a sentinel publishes an event: ON_EVENT, as in
// "+switch-master=/path/to/hook". They cannot hurt: each has bounded time, bounded output and a
// bounded queue, sees no secret, and delays nothing; what fails is logged and counted.
//
// A command gets the event's name and its words as arguments, and in its environment
//
//     REDIS_ZK_EVENT        +switch-master
//     REDIS_ZK_EVENT_TEXT   all words, with blanks between them
//     REDIS_ZK_AT           2026-11-21T10:00:00.123Z, when the watcher heard it
//     REDIS_ZK_SENTINEL     10.0.0.9:31007, who said so
//     REDIS_ZK_MASTER_NAME  mymaster
//     REDIS_ZK_HOSTS        the servers of ZooKeeper, with the chroot
//     REDIS_ZK_ROOT         /redis
//
// beside what a command usually needs (PATH, HOME, TZ, ...) and nothing else: in the watcher's own
// environment there may be passwords. An event is a hint: a command that must know who is master
// reads the record.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/app/metrics.h"
#include "common/core/time.h"
#include "common/event/loop.h"
#include "common/event/reaper.h"
#include "watcher/event.h"

namespace redis_zk::watcher {

struct Hook {
    std::string event;
    std::string executable;  // an absolute path

    bool operator==(const Hook&) const = default;
};

class Hooks {
  public:
    struct Options {
        std::vector<Hook> hooks;
        // After it the command is killed with everything that it has started (its process group).
        core::milliseconds timeout{10'000};
        // Events that may wait for one command. Beyond it the oldest are dropped: the newest says
        // more about what is true.
        std::size_t queue = 100;
        std::string master_name;
        std::string zookeeper_hosts;
        std::string zookeeper_root;
    };

    Hooks(event::Loop& loop, event::Reaper& reaper, Options options, app::Metrics& metrics);
    // Kills what runs; what waits is dropped.
    ~Hooks();
    Hooks(const Hooks&) = delete;
    Hooks& operator=(const Hooks&) = delete;

    // Every command for this event runs, one at a time each, in the order of the events. Starts
    // none before the callback that is running now has returned.
    void run(const Event& event);

    // Nothing runs and nothing waits.
    bool is_idle() const;

  private:
    class Runner;

    Options options_;
    std::map<std::string, std::unique_ptr<Runner>> runners_;  // by executable
};

// The whole environment of a command, made from ours and from the event.
std::map<std::string, std::string> environment_of_hook(
    const Event& event, const Hooks::Options& options,
    const std::map<std::string, std::string>& ours);

}  // namespace redis_zk::watcher
