// When the majority that a fail-over needs has to be reachable: GHOST_TIMEOUT, and the time that
// they take to forget one after the other, after the last thing that happened to the sentinels or
// to their master. Looks at the world itself, so that no fault can be missed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "tests/simulation/fake_sentinel.h"
#include "tests/simulation/sentinel.h"

namespace redis_zk::simulation {

class MajorityWatch {
  public:
    explicit MajorityWatch(World& world) : world_{world} {}

    // The recorded master that takes writes, if there is one, and how many strangers were heard.
    // To be asked every second.
    bool is_due(const std::optional<Endpoint>& master, int strangers) {
        Situation now{master, strangers, world_.strangers.size(), {}};
        bool is_calm = master.has_value() && world_.zookeeper_is_up;
        std::size_t living = 0;
        for (const auto& sentinel : world_.sentinels()) {
            const FakeSentinel* child = sentinel->child();
            const bool is_well = child != nullptr && !child->hangs && sentinel->is_connected() &&
                                 !sentinel->is_frozen() && !world_.is_cut(*sentinel) &&
                                 child->look().monitored;
            is_calm = is_calm && (is_well || !sentinel->is_running());
            if (sentinel->is_running()) ++living;
            // One that was restarted between two looks knows nobody, under the same id and address.
            now.sentinels.push_back(child != nullptr
                                        ? child->id() + core::spoken(child->address()) + '#' +
                                              std::to_string(sentinel->life())
                                        : "");
            now.children += sentinel->children();
        }
        if (!is_calm || now != last_) calm_since_ = world_.clock.now();
        last_ = std::move(now);
        const auto to_forget = time_to_see_it + living * time_to_forget;
        return world_.clock.now() - calm_since_ > world_.settings.ghost_timeout + to_forget;
    }

  private:
    static constexpr milliseconds time_to_see_it{30000};
    static constexpr milliseconds time_to_forget{15000};  // until the next one may

    struct Situation {
        std::optional<Endpoint> master;
        int strangers_heard = 0;
        std::size_t strange_nodes = 0;
        std::vector<std::string> sentinels;
        std::uint64_t children = 0;  // one may be back as who it was before anybody looks
        bool operator==(const Situation&) const = default;
    };

    World& world_;
    Situation last_;
    TimePoint calm_since_{};
};

}  // namespace redis_zk::simulation
