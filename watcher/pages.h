// What a watcher answers over HTTP, made from what it knows: pure functions, one for each page.
// The text pages are a contract with clients that know neither ZooKeeper nor Sentinel, and have no
// newline at their end, for not every client strips one.
//
// The lag of a node is that of the master's last answer to ROLE, which lists what each replica has
// acknowledged. The watcher asks for it anyway, so it costs nothing; while nothing happens it is
// up to some ten seconds old, and says how old.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "common/core/time.h"
#include "common/http/message.h"
#include "common/zk/watched_directory.h"
#include "watcher/core/view.h"
#include "watcher/event.h"

namespace redis_zk::watcher {

// What the pages show and the view does not hold.
struct Surroundings {
    std::string doing;    // what is waited for; may be empty
    std::string session;  // of ZooKeeper; may be empty
    core::milliseconds session_timeout{};
    // When the recorded master became it, see history.h: when it was recorded, which is when it
    // could be written to. It was promoted a little earlier.
    std::optional<std::string> since;
};

// /sentinel: "10.0.0.9 31007", any of those that have answered when they were asked last; if none
// has, any that is registered. `chance` chooses. 503 with a reason when there is none.
http::Response sentinel_page(const View& view, std::uint64_t chance);

// /sentinels: "10.0.0.9:31007,10.0.0.10:31007", all that are registered. Else as above.
http::Response sentinels_page(const View& view);

// /sentinels.json: the same with what each believes, and how old that is.
http::Response sentinels_json_page(const View& view, TimePoint now);

// /master.json: who is master by the record, and since when. 503 when the record names nobody.
http::Response master_json_page(const View& view, TimePoint now,
                                const std::optional<std::string>& since);

// /status: everything.
http::Response status_page(const View& view, TimePoint now, const Surroundings& surroundings);

// /events and /history: the newest first.
http::Response events_page(const std::deque<Event>& events);
http::Response history_page(const zk::WatchedDirectory::Nodes& history);

// Why this watcher could not keep the record true at this moment; "" when it could.
std::string why_not_healthy(const View& view);

// Why a rolling deployment has to wait for this watcher: besides, it has not looked at everything
// yet. "" when it need not.
std::string why_not_ready(const View& view);

}  // namespace redis_zk::watcher
