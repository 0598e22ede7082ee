// Keeps one ephemeral node true: as long as this object lives there is a node with this path, this
// data and our session as its owner; again after every expiry, whatever answers got lost.
//
// It never remembers whether a create went through; it looks. The node is ours exactly if its
// ephemeralOwner is our session. A node with our name that another session owns was left by a
// former life of ours (the name contains an id that nobody else has): it would vanish under us
// when that session expires, so it is removed and created again. Should somebody else really
// use the same name, the two do not fight at full speed: each replacement waits longer.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "common/zk/session_user.h"

namespace redis_zk::zk {

class Registration : private SessionUser {
  public:
    // `on_change` is told when the node has become true, and when it is no longer known to be ours
    // (the session ended, somebody removed it). It is called from the loop.
    Registration(SessionKeeper& keeper, std::string path, std::string data,
                 std::function<void(bool is_registered)> on_change);
    ~Registration() override;

    // Written as soon as possible, only if it differs. Of several changes in a row only the last
    // is written.
    void set_data(std::string data);

    // Our node exists in this session; what set_data() was given last may still be on its way.
    // Stays true through a loss of connection, as the node does.
    bool is_registered() const { return is_registered_; }

    // On the way out: takes the node away and calls back when it is certainly gone, which without
    // a connection takes until there is one. Only a node of our own session is removed.
    void remove(std::function<void()> on_removed);

  private:
    void session_ready(Session& session) override;
    void session_ended() override;

    void look();
    void looked(const std::optional<Node>& node);
    void create();
    void replace(const Node& leftover);
    void write(const Node& node);
    void take_away(const Node& node);
    void gone();
    void is_now(bool registered);

    std::string path_;
    std::string data_;
    std::function<void(bool)> on_change_;
    std::function<void()> on_removed_;
    bool is_wanted_ = true;
    bool is_registered_ = false;
    bool busy_ = false;        // a question is under way
    bool look_again_ = false;  // something changed meanwhile
    int replacements_ = 0;     // in quick succession
    core::TimePoint replaced_at_;
    event::Timer replace_later_;
};

}  // namespace redis_zk::zk
