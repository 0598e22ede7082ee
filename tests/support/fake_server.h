// A server on loopback whose manners the test decides: it answers nothing, nonsense, half a
// reply, or closes when it likes. Runs on the loop of the test.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/endpoint.h"
#include "common/event/loop.h"
#include "common/event/readiness.h"
#include "common/event/stream.h"

namespace redis_zk::test {

class FakeServer {
  public:
    // on_bytes is called with what a client sent; without one the server says nothing, ever.
    using OnBytes = std::function<void(event::Stream&, std::string_view)>;
    explicit FakeServer(event::Loop& loop, OnBytes on_bytes = {}, std::string greeting = {});

    core::Endpoint endpoint() const;
    void close_all_connections() { clients_.clear(); }
    std::size_t clients() const { return clients_.size(); }
    const std::string& heard() const { return heard_; }  // all bytes of all clients

  private:
    void accept();

    event::Loop& loop_;
    OnBytes on_bytes_;
    std::string greeting_;
    std::string heard_;
    event::Descriptor listening_;
    event::Readiness readiness_;
    std::vector<std::unique_ptr<event::Stream>> clients_;
};

}  // namespace redis_zk::test
