// A window on the agent, over HTTP: what balancers, schedulers and people ask.
//
//   /master /primary    200 when this node is master and open, was seen so a moment ago, and nobody
//                       else is named; also when redis refuses writes for want of replicas, since
//                       no other node would take them
//   /replica?lag=1mb    200 when it is a replica in sync (and has at most so many bytes received
//                       and not applied; it does not know what its master has not sent)
//   /health             200 when redis answers and can serve reads, in either role
//   /liveness           200 as long as this process and its redis work, loading included
//   /readiness          200 when a rolling deployment may go on: master, or replica in sync
//   /status             everything, as JSON
//   /metrics            Prometheus text
//   POST /handover      another node shall be master: 202, and /status tells what became of it; 409
//                       with the reason when that cannot be now; needs HTTP_TOKEN
//
// Of the others anything but 200 is 503, with the reason as JSON.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/event/loop.h"
#include "common/http/router.h"
#include "common/http/server.h"
#include "redis-wrapper/agent.h"
#include "redis-wrapper/config.h"

namespace redis_zk::redis_wrapper {

// "100", "64kb", "1mb", "2gb": bytes, as Redis writes them. None for anything else.
std::optional<std::int64_t> parse_bytes(std::string_view text);

class Api {
  public:
    // Listens if the configuration says so. Throws when it cannot.
    Api(event::Loop& loop, Agent& agent, const Config& config);
    ~Api();

  private:
    http::Response answer(const std::string& obstacle) const;
    http::Response replica(const http::Request& request) const;
    http::Response liveness() const;
    http::Response readiness() const;
    http::Response status() const;
    http::Response metrics() const;
    http::Response hand_over() const;
    std::string obstacle_to_master() const;
    bool is_master() const { return obstacle_to_master().empty(); }
    std::string spoken_state() const;
    std::string doing() const;
    std::vector<std::string> notes() const;

    Agent& agent_;
    const Config& config_;
    http::Router router_;
    std::unique_ptr<http::Server> server_;
};

}  // namespace redis_zk::redis_wrapper
