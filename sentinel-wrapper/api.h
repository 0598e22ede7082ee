// A window on the agent, over HTTP: what balancers, schedulers and people ask. Reads the view and
// changes nothing.
//
//   /health             200 when the sentinel answers
//   /liveness           200 as long as this process and its sentinel work, also while it waits for
//                       a first master
//   /readiness          200 when a rolling deployment may go on: it monitors a living master, sees
//                       the other registered sentinels, and they could agree on a fail-over
//   /status             everything, as JSON
//   /metrics            Prometheus text
//
// Anything but 200 is 503, with the reason as JSON.
#pragma once

#include <memory>
#include <string>

#include "common/event/loop.h"
#include "common/http/router.h"
#include "common/http/server.h"
#include "sentinel-wrapper/agent.h"
#include "sentinel-wrapper/config.h"

namespace redis_zk::sentinel_wrapper {

// Why a rolling deployment has to wait for this sentinel; "" when it need not.
std::string why_not_ready(const View& view);

class Api {
  public:
    // Listens if the configuration says so. Throws when it cannot.
    Api(event::Loop& loop, Agent& agent, const Config& config);
    ~Api();

  private:
    http::Response verdict(const std::string& why_not) const;
    http::Response status() const;
    http::Response metrics() const;
    std::string doing() const;

    Agent& agent_;
    const Config& config_;
    http::Router router_;
    std::unique_ptr<http::Server> server_;
};

}  // namespace redis_zk::sentinel_wrapper
