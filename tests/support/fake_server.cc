#include "tests/support/fake_server.h"

#include <cassert>
#include <memory>

#include <sys/socket.h>

#include "common/event/socket.h"

namespace redis_zk::test {

FakeServer::FakeServer(event::Loop& loop, OnBytes on_bytes, std::string greeting)
    : loop_{loop},
      on_bytes_{std::move(on_bytes)},
      greeting_{std::move(greeting)},
      listening_{event::listen_tcp({"127.0.0.1", 0}).value()},
      readiness_{loop, [this](event::Readiness::Ready) { accept(); }} {
    const bool watched = readiness_.watch(listening_.number(), event::Readiness::Interest::read);
    assert(watched);
}

core::Endpoint FakeServer::endpoint() const { return {"127.0.0.1", event::local_port(listening_)}; }

void FakeServer::accept() {
    event::Descriptor client{::accept4(listening_.number(), nullptr, nullptr, SOCK_NONBLOCK)};
    if (!client.is_open()) return;
    auto& slot = clients_.emplace_back();
    const std::size_t index = clients_.size() - 1;
    slot = std::make_unique<event::Stream>(
        loop_, std::move(client), event::Stream::State::connected,
        event::Stream::Handlers{.on_connected = {},
                                .on_bytes =
                                    [this, index](std::string_view bytes) {
                                        heard_ += bytes;
                                        if (on_bytes_) on_bytes_(*clients_[index], bytes);
                                    },
                                .on_sent = {},
                                .on_end = [](int) {}});
    slot->send(greeting_);
}

}  // namespace redis_zk::test
