#include "tests/support/tcp_proxy.h"

#include <cassert>

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <sys/socket.h>

namespace redis_zk::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

}  // namespace

struct TcpProxy::Connection {
    TcpProxy& proxy;
    bufferevent* client;
    bufferevent* server;
    bool ends = false;

    Connection(TcpProxy& proxy_, bufferevent* client_, bufferevent* server_)
        : proxy{proxy_}, client{client_}, server{server_} {}
    // libevent would close them a little later, in the loop.
    ~Connection() {
        for (auto* side : {client, server}) {
            const auto descriptor = bufferevent_getfd(side);
            bufferevent_disable(side, EV_READ | EV_WRITE);
            bufferevent_setfd(side, -1);
            if (descriptor >= 0) evutil_closesocket(descriptor);
            bufferevent_free(side);
        }
    }
    void pass_on() const {
        if (!proxy.holds_requests_) {
            proxy.bytes_to_server_ += evbuffer_get_length(bufferevent_get_input(client));
            bufferevent_write_buffer(server, bufferevent_get_input(client));
        }
        if (!proxy.holds_answers_) bufferevent_write_buffer(client, bufferevent_get_input(server));
    }
};

struct TcpProxy::Library {
    static void accepted(evconnlistener*, int descriptor, sockaddr*, int, void* self) noexcept {
        static_cast<TcpProxy*>(self)->accepted(descriptor);
    }
    static void readable(bufferevent*, void* connection) noexcept {
        static_cast<Connection*>(connection)->pass_on();
    }
    // Whoever hangs up right after its last words is heard by the other side first.
    static void changed(bufferevent* side, short what, void* connection) noexcept {
        auto& self = *static_cast<Connection*>(connection);
        if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) == 0) return;
        self.pass_on();
        auto* other = side == self.client ? self.server : self.client;
        if (self.ends || evbuffer_get_length(bufferevent_get_output(other)) == 0) {
            self.proxy.ended(self);
            return;
        }
        self.ends = true;
        bufferevent_disable(side, EV_READ | EV_WRITE);
        bufferevent_setcb(other, nullptr, &Library::written, &Library::changed, connection);
    }
    static void written(bufferevent*, void* connection) noexcept {
        auto& self = *static_cast<Connection*>(connection);
        self.proxy.ended(self);
    }
};

TcpProxy::TcpProxy(event::Loop& loop, std::uint16_t server_port, const char* listen_on,
                   std::uint16_t port)
    : loop_{loop}, server_port_{server_port} {
    auto address = loopback(port);
    inet_pton(AF_INET, listen_on, &address.sin_addr);
    listener_ = evconnlistener_new_bind(loop.base(), &Library::accepted, this,
                                        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 16,
                                        reinterpret_cast<sockaddr*>(&address), sizeof address);
    assert(listener_ != nullptr);
    socklen_t size = sizeof address;
    getsockname(evconnlistener_get_fd(listener_), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
}

TcpProxy::~TcpProxy() { evconnlistener_free(listener_); }

void TcpProxy::hold_requests(bool hold) {
    holds_requests_ = hold;
    for (auto& connection : connections_) connection->pass_on();
}

void TcpProxy::hold_answers(bool hold) {
    holds_answers_ = hold;
    for (auto& connection : connections_) connection->pass_on();
}

void TcpProxy::cut() {
    for (auto& connection : connections_) {
        // Sent at once as a reset, not after what is still to be written.
        const linger at_once{1, 0};
        setsockopt(bufferevent_getfd(connection->client), SOL_SOCKET, SO_LINGER, &at_once,
                   sizeof at_once);
    }
    connections_.clear();
}

std::size_t TcpProxy::answers_held() const {
    std::size_t bytes = 0;
    for (const auto& connection : connections_)
        bytes += evbuffer_get_length(bufferevent_get_input(connection->server));
    return bytes;
}

void TcpProxy::accepted(int descriptor) {
    if (refuses_) {
        evutil_closesocket(descriptor);
        return;
    }
    ++connections_made_;
    auto* client = bufferevent_socket_new(loop_.base(), descriptor, BEV_OPT_CLOSE_ON_FREE);
    auto* server = bufferevent_socket_new(loop_.base(), -1, BEV_OPT_CLOSE_ON_FREE);
    connections_.push_back(std::make_unique<Connection>(*this, client, server));
    auto* connection = connections_.back().get();
    for (auto* side : {client, server})
        bufferevent_setcb(side, &Library::readable, nullptr, &Library::changed, connection);
    auto address = loopback(server_port_);
    bufferevent_socket_connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address);
    bufferevent_enable(client, EV_READ | EV_WRITE);
    bufferevent_enable(server, EV_READ | EV_WRITE);
}

void TcpProxy::ended(Connection& connection) {
    connections_.remove_if([&](const auto& it) { return it.get() == &connection; });
}

}  // namespace redis_zk::test
