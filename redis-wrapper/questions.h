// Questions to other nodes and to sentinels. Each opens a connection, asks, and closes it; every
// answer comes once, in bounded time. Names are resolved first, without blocking.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/core/endpoint.h"
#include "common/event/loop.h"
#include "common/event/next_turn.h"
#include "common/event/resolver.h"
#include "common/redis/connection.h"
#include "redis-wrapper/core/view.h"

namespace redis_zk::redis_wrapper {

// The channel to which the wrapper of each node of a cluster listens at its own Redis. A node
// proves that it belongs to the cluster by having a listener there: an address alone may be
// anybody's by now, and a plain Redis has no other place where such a thing could be kept.
std::string membership_channel(const std::string& cluster);

class Questions {
  public:
    Questions(event::Loop& loop, event::Resolver& resolver, redis::Credentials credentials,
              std::string master_name);
    ~Questions();
    Questions(const Questions&) = delete;
    Questions& operator=(const Questions&) = delete;

    // An unknown cluster (empty) is proven by anybody who answers.
    void ask_node(const core::Endpoint& node, const std::string& cluster,
                  std::function<void(Probe)> on_answer);

    // All of them at once; on_answer comes when each has answered or its time was up.
    void ask_sentinels(const std::vector<core::Endpoint>& sentinels,
                       std::function<void(std::map<core::Endpoint, Opinion>)> on_answer);

    // `on_answer` gets a sentence about what the sentinel said.
    void request_failover(const core::Endpoint& sentinel,
                          std::function<void(std::string)> on_answer);

  private:
    class Conversation;
    struct Poll;

    // Opens a connection to `target` and hands it to `talk`; `failed` is called instead, or later,
    // when there is none.
    void converse(const core::Endpoint& target, redis::Credentials credentials,
                  std::function<void(Conversation&)> talk,
                  std::function<void(const core::Error&)> failed);
    void ask_sentinel(Conversation& conversation, std::function<void(const Opinion&)> on_answer);
    void finish(Conversation& conversation);

    event::Loop& loop_;
    event::Resolver& resolver_;
    redis::Credentials credentials_;
    std::string master_name_;
    std::list<std::unique_ptr<Conversation>> conversations_;
    std::list<std::unique_ptr<Conversation>> finished_;
    std::list<Poll> polls_;
    event::NextTurn clean_soon_;
};

}  // namespace redis_zk::redis_wrapper
