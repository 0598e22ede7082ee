#include "common/zk/watched_directory.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/zk/fault.h"
#include "common/zk/path.h"
#include "common/zk/session_keeper.h"

namespace redis_zk::zk {

using namespace std::chrono_literals;

WatchedDirectory::WatchedDirectory(SessionKeeper& keeper, std::string path,
                                   std::function<void()> on_change)
    : SessionUser{keeper},
      path_{std::move(path)},
      on_change_{std::move(on_change)},
      soon_{keeper.loop(), [this] { look(); }} {}

WatchedDirectory::~WatchedDirectory() = default;

void WatchedDirectory::refresh(core::Callback<Nodes> on_answer) {
    waiting_.push_back(std::move(on_answer));
    soon_.start(0ms);
}

void WatchedDirectory::session_ready(Session&) {
    must_list_ = must_read_all_ = true;
    look();
}

// What changes now is not told before it has been read again.
void WatchedDirectory::session_away() { is_current_ = false; }

void WatchedDirectory::session_ended() {
    missing_parts_ = 0;
    is_current_ = false;
    soon_.start(0ms);  // whoever waits for an answer is told that there is none
}

// Begins a round if there is anything to read and none under way.
void WatchedDirectory::look() {
    if (missing_parts_ > 0) return;
    auto* connected = session();
    if (connected == nullptr) return answer(no_connection("list " + path_));
    if (!waiting_.empty()) must_list_ = must_read_all_ = true;
    if (!must_list_ && must_read_.empty()) return;

    fault_.reset();
    fresh_ = nodes_;
    reads_all_ = std::exchange(must_read_all_, false);
    missing_parts_ = 1;  // this function
    for (const auto& name : std::exchange(must_read_, {})) read(name);
    if (std::exchange(must_list_, false)) {
        ++missing_parts_;
        const bool must_sync = !waiting_.empty();
        std::ranges::move(std::exchange(waiting_, {}), std::back_inserter(served_));
        if (must_sync)
            connected->sync(
                path_,
                [this](core::Result<core::Done> synced) {
                    if (!synced) return part_done(synced);
                    list();
                },
                asker());
        else
            list();
    }
    part_done(core::Done{});
}

void WatchedDirectory::list() {
    if (session() == nullptr) return part_done(no_connection("list " + path_));
    session()->children(
        path_,
        [this](core::Result<std::optional<std::vector<std::string>>> names) {
            if (!names) return part_done(names.error());
            listed(names->value_or(std::vector<std::string>{}));
            part_done(core::Done{});
        },
        [this] {
            must_list_ = true;
            soon_.start(0ms);
        },
        asker());
}

void WatchedDirectory::listed(const std::vector<std::string>& names) {
    const std::set<std::string> present{names.begin(), names.end()};
    std::erase_if(fresh_, [&present](const auto& entry) { return !present.contains(entry.first); });
    for (const auto& name : present)
        if (reads_all_ || !fresh_.contains(name)) read(name);
}

void WatchedDirectory::read(const std::string& name) {
    ++missing_parts_;
    if (session() == nullptr) return part_done(no_connection("read " + joined(path_, name)));
    session()->get(
        joined(path_, name),
        [this, name](core::Result<std::optional<Node>> node) {
            if (!node) return part_done(node.error());
            if (*node)
                fresh_[name] = **node;
            else
                fresh_.erase(name);
            part_done(core::Done{});
        },
        [this, name] {
            must_read_.insert(name);
            soon_.start(0ms);
        },
        asker());
}

void WatchedDirectory::part_done(const core::Result<core::Done>& result) {
    if (!result && !fault_) fault_ = result.error();
    if (--missing_parts_ == 0) round_done();
}

void WatchedDirectory::round_done() {
    is_current_ = !fault_;
    if (fault_) {
        must_list_ = must_read_all_ = true;
        failed(*fault_);
        return answer(*fault_);
    }
    worked();
    const bool is_news = !is_known_ || nodes_ != fresh_;
    is_known_ = true;
    nodes_ = std::move(fresh_);
    if (must_list_ || !must_read_.empty() || !waiting_.empty()) soon_.start(0ms);
    if (is_news && on_change_) on_change_();
    if (!served_.empty()) answer(nodes_);
}

void WatchedDirectory::answer(const core::Result<Nodes>& result) {
    auto served = std::exchange(served_, {});
    if (session() == nullptr)
        std::ranges::move(std::exchange(waiting_, {}), std::back_inserter(served));
    for (const auto& on_answer : served) on_answer(result);
}

}  // namespace redis_zk::zk
