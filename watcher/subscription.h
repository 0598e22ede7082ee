// Listens to everything that one sentinel publishes. Asks it first whether it knows our master at
// all, subscribes, and sends PING from time to time: a sentinel that hangs and one that has nothing
// to say look the same otherwise. What it says may be anything, and is handed on as it came.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/event/loop.h"
#include "common/event/resolver.h"
#include "common/event/timer.h"
#include "common/redis/connection.h"

namespace redis_zk::watcher {

class Subscription {
  public:
    struct Options {
        core::Endpoint sentinel;  // its host may be a name
        redis::Credentials credentials;
        std::string master_name;
    };
    struct Handlers {
        // It was asked, and is heard from now on; with whom it names, for the log.
        std::function<void(const std::string& answer)> on_listening;
        std::function<void(std::string_view channel, std::string_view text)> on_message;
        // Once, and then nothing more. Destroying the subscription is allowed in every handler.
        std::function<void(const std::string& why)> on_lost;
    };

    Subscription(event::Loop& loop, event::Resolver& resolver, Options options, Handlers handlers);
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

    const core::Endpoint& sentinel() const { return options_.sentinel; }

  private:
    void connect(const std::string& address);
    void ask();
    void subscribe(const std::string& answer);
    void ping();
    void pushed(const redis::Reply& message, const std::string& answer);
    void lose(const std::string& why);

    event::Loop& loop_;
    Options options_;
    Handlers handlers_;
    bool is_listening_ = false;
    event::Lookup lookup_;
    event::Timer ping_soon_;
    std::unique_ptr<redis::Connection> connection_;
};

}  // namespace redis_zk::watcher
