// A window on the agent, over HTTP: what balancers, schedulers and people ask. Reads the view and
// changes nothing.
//
//   /master /primary    200 when this node is master and takes writes
//   /replica?lag=1mb    200 when it is a replica in sync (and at most so far behind, in bytes)
//   /health             200 when redis answers and can serve reads, in either role
//   /liveness           200 as long as this process and its redis work, loading included
//   /readiness          200 when a rolling deployment may go on: master, or replica in sync
//   /status             everything, as JSON
//   /metrics            Prometheus text
//
// Anything but 200 is 503, with the reason as JSON.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/event/loop.h"
#include "common/http/router.h"
#include "common/http/server.h"
#include "redis-wrapper/agent.h"
#include "redis-wrapper/config.h"

namespace redis_zk::redis_wrapper {

class Api {
  public:
    // Listens if the configuration says so. Throws when it cannot.
    Api(event::Loop& loop, Agent& agent, const Config& config);
    ~Api();

  private:
    http::Response role(bool wanted, const char* what) const;
    http::Response replica(const http::Request& request) const;
    http::Response liveness() const;
    http::Response readiness() const;
    http::Response status() const;
    http::Response metrics() const;
    std::string why_not() const;
    std::vector<std::string> notes() const;

    Agent& agent_;
    const Config& config_;
    http::Router router_;
    std::unique_ptr<http::Server> server_;
};

}  // namespace redis_zk::redis_wrapper
