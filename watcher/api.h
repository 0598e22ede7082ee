// A window on the agent, over HTTP: what clients without Sentinel support, balancers, schedulers
// and people ask. Reads what is known and changes nothing; asks nobody, so that hundreds of
// requests a second keep it from nothing.
//
//   /sentinel           "host port" of a sentinel, at random
//   /sentinels          "host:port,host:port" of all of them
//   /sentinels.json     the same, with what each believes
//   /master.json        who is master
//   /status             everything, as JSON
//   /events             the last events of sentinels
//   /history            the last changes of master
//   /                   a short page for people
//   /health             200 when it can keep the record true: ZooKeeper is there and a sentinel is
//                       listened to
//   /liveness           200 as long as this process works
//   /readiness          200 when a rolling deployment may go on: healthy, and it has looked at
//                       everything
//   /metrics            Prometheus text
//
// Anything but 200 is 503, with the reason as JSON.
#pragma once

#include <memory>
#include <random>
#include <string>

#include "common/event/loop.h"
#include "common/http/router.h"
#include "common/http/server.h"
#include "watcher/agent.h"
#include "watcher/config.h"
#include "watcher/pages.h"

namespace redis_zk::watcher {

class Api {
  public:
    // Listens. Throws when it cannot.
    Api(event::Loop& loop, Agent& agent, const Config& config);
    ~Api();

  private:
    void add_pages();
    void add_verdicts();
    http::Response verdict(const std::string& why_not) const;
    http::Response metrics() const;
    Surroundings surroundings() const;

    Agent& agent_;
    http::Router router_;
    std::mt19937_64 random_;
    std::unique_ptr<http::Server> server_;
};

}  // namespace redis_zk::watcher
