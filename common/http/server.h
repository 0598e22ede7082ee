// A small HTTP server on the loop, for one small API. What it protects is the loop: a client that
// is slow, silent, greedy or one of thousands is cut off, and cannot keep the process from
// answering Redis and ZooKeeper.
//
// Speaks HTTP/1.0 and 1.1, keep-alive and pipelining; answers each request at once. No TLS: it
// belongs behind something that speaks it. Nothing of a request is ever logged.
#pragma once

#include <cstddef>
#include <map>
#include <memory>

#include "common/core/endpoint.h"
#include "common/core/time.h"
#include "common/event/descriptor.h"
#include "common/event/loop.h"
#include "common/event/readiness.h"
#include "common/event/timer.h"
#include "common/http/request_reader.h"
#include "common/http/router.h"

namespace redis_zk::http {

class Server {
  public:
    struct Options {
        core::Endpoint listen;  // a numeric address; port 0 lets the kernel choose
        Limits limits{};
        // From the first byte of a request to the last one of the answer, and between requests.
        core::milliseconds patience{5000};
        // At least one. Whoever comes beyond it takes the place of the connection that waits for
        // the longest: clients that keep theirs must not keep a health probe out.
        std::size_t most_connections = 64;
    };

    // Throws std::runtime_error when it cannot listen: that happens before the loop runs. The
    // router must live longer.
    Server(event::Loop& loop, const Router& router, Options options);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::uint16_t port() const;
    std::size_t connections() const { return conversations_.size(); }

  private:
    class Conversation;

    void listen();
    void accept();
    void make_room();
    void finished(const Conversation* conversation);

    event::Loop& loop_;
    const Router& router_;
    Options options_;
    event::Descriptor listening_;
    event::Readiness readiness_;
    event::Timer breath_;  // after an accept that failed for want of descriptors
    std::map<const Conversation*, std::unique_ptr<Conversation>> conversations_;
};

}  // namespace redis_zk::http
