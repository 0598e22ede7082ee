// Questions to other nodes and to sentinels. Each opens a connection, asks, and closes it; every
// answer comes once, in bounded time. Names are resolved first, without blocking.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/core/endpoint.h"
#include "common/core/opinion.h"
#include "common/core/probe.h"
#include "common/event/loop.h"
#include "common/event/next_turn.h"
#include "common/event/resolver.h"
#include "common/redis/connection.h"
#include "common/redis/sentinel.h"

namespace redis_zk::redis {

class Questions {
  public:
    struct Options {
        Credentials of_nodes;
        Credentials of_sentinels;
        std::string master_name;
    };

    Questions(event::Loop& loop, event::Resolver& resolver, Options options);
    ~Questions();
    Questions(const Questions&) = delete;
    Questions& operator=(const Questions&) = delete;

    // An unknown cluster (empty) is proven by anybody who answers.
    void ask_node(const core::Endpoint& node, const std::string& cluster,
                  std::function<void(core::Probe)> on_answer);

    // All of them at once; on_answer comes when each has answered or its time was up.
    void ask_sentinels(const std::vector<core::Endpoint>& sentinels,
                       std::function<void(std::map<core::Endpoint, core::Opinion>)> on_answer);

    // How it sees its master. Error.code says more, see connection.h.
    void ask_sentinel_for_master(const core::Endpoint& sentinel,
                                 core::Callback<SentinelMaster> on_answer);

    struct FailoverAnswer {
        bool is_under_way = false;  // by this request, or since before, or nobody knows
        std::string sentence;       // about what the sentinel said
    };
    void request_failover(const core::Endpoint& sentinel,
                          std::function<void(FailoverAnswer)> on_answer);

    struct WhoIsWho {
        std::string id;                          // its own `sentinel myid`
        std::optional<core::Endpoint> knows_at;  // where it believes the other one to be
    };
    // Who it is, and where it knows the sentinel with the id `other`. Error.code says more, see
    // connection.h: nobody listens there, silence, our password is refused. Refused otherwise:
    // whoever answers is no sentinel.
    void ask_sentinel_who_is_who(const core::Endpoint& sentinel, const std::string& other,
                                 core::Callback<WhoIsWho> on_answer);

  private:
    class Conversation;
    struct Poll;

    // Opens a connection to `target` and hands it to `talk`; `failed` is called instead, or later,
    // when there is none.
    void converse(const core::Endpoint& target, Credentials credentials,
                  std::function<void(Conversation&)> talk,
                  std::function<void(const core::Error&)> failed);
    static void ask_for_login(Conversation& conversation, const Credentials& login,
                              const std::function<void(core::Probe)>& on_answer);
    void ask_sentinel(Conversation& conversation,
                      std::function<void(const core::Opinion&)> on_answer);
    void ask_for_last_vote(Conversation& conversation,
                           std::function<void(const core::Opinion&)> on_answer);
    void finish(Conversation& conversation);

    event::Loop& loop_;
    event::Resolver& resolver_;
    Options options_;
    std::list<std::unique_ptr<Conversation>> conversations_;
    std::list<std::unique_ptr<Conversation>> finished_;
    std::list<Poll> polls_;
    event::NextTurn clean_soon_;
};

}  // namespace redis_zk::redis
