// What a watcher does when a sentinel publishes something. All events of Sentinel, each with its
// behaviours, are the one table at the beginning of event_table.cc: to add an event is a line
// there. To add a behaviour is a name here, in both lists, the events that have it, and what it
// does, in Behaviours::perform (watcher/behaviours.cc); it is for our master alone unless
// is_for_any_master() names it.
//
// An event is a hint and never more than that; nothing that it says is believed. So none of the
// behaviours writes the record: it is published when a look has proven it.
#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace redis_zk::watcher {

// In the order in which they are performed.
enum class Behaviour {
    look,   // find out who is master, and publish what is proven
    alarm,  // look all the time: a fail-over goes on, and its next step may come at any moment
    count,
    log,
    warn,  // log it as a warning
    keep,  // for /events
    run_hooks,
};
inline constexpr std::array all_behaviours{Behaviour::look,     Behaviour::alarm, Behaviour::count,
                                           Behaviour::log,      Behaviour::warn,  Behaviour::keep,
                                           Behaviour::run_hooks};

class BehaviourSet {
  public:
    constexpr BehaviourSet(std::initializer_list<Behaviour> members) {
        for (const Behaviour member : members) bits_ |= bit_of(member);
    }
    constexpr bool contains(Behaviour one) const { return (bits_ & bit_of(one)) != 0; }

    bool operator==(const BehaviourSet&) const = default;

  private:
    static constexpr unsigned bit_of(Behaviour one) { return 1U << static_cast<unsigned>(one); }

    unsigned bits_ = 0;
};

// `words` are those of the event's text: a replica's death is another matter than a master's. A
// name that is not in the table is told to people and hooks, and leads to no look.
BehaviourSet behaviours_of(std::string_view name, const std::vector<std::string>& words);

// Not only when the event is about our master, or about none.
bool is_for_any_master(Behaviour behaviour);

// One of those that Sentinel is known to send. Others are taken as well; but what grows with the
// number of names, such as labels of metrics, has to be bounded.
bool is_known_event(std::string_view name);
std::vector<std::string> known_events();

}  // namespace redis_zk::watcher
