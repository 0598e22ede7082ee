// The right to do something that only one may do at a time: a place in a queue of ephemeral,
// sequential nodes; whoever is first holds the lock.
//
//  - Each request has an id of its own in the name of its node. Did the create go through although
//    its answer got lost? Synchronise, list, look for the id. Asking again without looking would
//    leave two nodes, and the forgotten one would block the queue until the session ends.
//  - Everybody watches only the one in front: a release wakes one, not all.
//  - The numbers in the names are compared as numbers.
//
// The lock is bound to the session. While the connection is lost it is still held (nobody else can
// get it before the session expires), but the holder cannot know for how much longer: what it does
// under the lock has to be a Session::multi with a check, as the record is written.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/zk/session_user.h"

namespace redis_zk::zk {

// "<guid>-0000000042" taken apart; nothing if it is not of this form.
struct Ticket {
    std::string name;
    std::string guid;
    std::int32_t number = 0;
};
std::optional<Ticket> parse_ticket(std::string_view name);

// ZooKeeper counts in 32 bits and goes on with negative numbers after 2147483647.
bool is_before(const Ticket& one, const Ticket& other);

class Lock : private SessionUser {
  public:
    enum class State { none, requested, held };

    // `folder` is created when it is missing. `on_change` is told when the lock was got, and when
    // it was lost, that is, when a request or a held lock ended without release(): the session is
    // over or somebody has removed the node. It has to be requested anew then.
    Lock(SessionKeeper& keeper, std::string folder, std::function<void(State)> on_change);

    // As release(), but nobody asks again if an answer gets lost: a node may then stay until the
    // session ends. Meant for the way out.
    ~Lock() override;

    // No effect unless the state is none. Without a connection it waits for one.
    void request();

    // The state is none at once, nothing is told; the node goes away as soon as possible.
    void release();

    State state() const { return state_; }

  private:
    void session_ready(Session& session) override;
    void session_ended() override;

    void look();
    void looked(const std::vector<std::string>& names);
    void remove_leftover(const std::string& name);
    void join_queue();
    void wait_for(const Ticket& one, State meanwhile);
    void lost();
    std::string path_of(const std::string& name) const;

    std::string folder_;
    std::function<void(State)> on_change_;
    State state_ = State::none;
    std::string guid_;                    // of the present request
    std::string own_name_;                // of our node, once it was seen
    std::vector<std::string> leftovers_;  // ids of released requests that may still have a node
    bool busy_ = false;
    bool look_again_ = false;
    bool must_sync_ = false;  // an answer got lost: the next list must not be an old one
};

}  // namespace redis_zk::zk
