#include "common/event/socket.h"

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace redis_zk::event {

namespace {

struct FreeAddresses {
    void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

core::Error failure(const std::string& what, int code) {
    return {core::Fault::connection_lost, what + ": " + describe_errno(code), code};
}

Addresses numeric_address(const core::Endpoint& endpoint) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;  // the promise that no resolver is asked
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found))
        return nullptr;
    return Addresses{found};
}

Descriptor stream_socket(int family) {
    return Descriptor{::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
}

void set(const Descriptor& socket, int level, int option, int value) {
    // Refusal is harmless: all of these are improvements, none is needed to be correct.
    (void)setsockopt(socket.number(), level, option, &value, sizeof value);
}

void keep_alive(const Descriptor& socket) {
    set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(socket, IPPROTO_TCP, TCP_KEEPIDLE, 15);
    set(socket, IPPROTO_TCP, TCP_KEEPINTVL, 5);
    set(socket, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

core::Result<Descriptor> begin_connect(Descriptor socket, const sockaddr* address, socklen_t size,
                                       const std::string& what) {
    if (socket.number() < 0) return failure(what, errno);
    // EAGAIN is a unix socket's full backlog: nothing is under way then, unlike with EINPROGRESS.
    if (::connect(socket.number(), address, size) != 0 && errno != EINPROGRESS)
        return failure(what, errno);
    return socket;
}

}  // namespace

std::string describe_errno(int code) { return std::generic_category().message(code); }

core::Result<Descriptor> connect_tcp(const core::Endpoint& endpoint) {
    const std::string what = "cannot connect to " + core::spoken(endpoint);
    const Addresses addresses = numeric_address(endpoint);
    if (!addresses)
        return core::Error{core::Fault::refused, what + ": not a numeric address", EINVAL};
    Descriptor socket = stream_socket(addresses->ai_family);
    keep_alive(socket);
    return begin_connect(std::move(socket), addresses->ai_addr, addresses->ai_addrlen, what);
}

core::Result<Descriptor> connect_unix(const std::string& path) {
    const std::string what = "cannot connect to " + path;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return failure(what, ENAMETOOLONG);
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return begin_connect(stream_socket(AF_UNIX), reinterpret_cast<const sockaddr*>(&address),
                         sizeof address, what);
}

int connect_error(const Descriptor& socket) {
    int code = 0;
    socklen_t size = sizeof code;
    if (getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &code, &size) != 0) return errno;
    return code;
}

core::Result<Descriptor> listen_tcp(const core::Endpoint& endpoint) {
    const std::string what = "cannot listen on " + core::spoken(endpoint);
    const Addresses addresses = numeric_address(endpoint);
    if (!addresses)
        return core::Error{core::Fault::refused, what + ": not a numeric address", EINVAL};
    Descriptor socket = stream_socket(addresses->ai_family);
    if (socket.number() < 0) return failure(what, errno);
    set(socket, SOL_SOCKET, SO_REUSEADDR, 1);
    if (addresses->ai_family == AF_INET6) set(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    if (::bind(socket.number(), addresses->ai_addr, addresses->ai_addrlen) != 0)
        return failure(what, errno);
    if (::listen(socket.number(), 128) != 0) return failure(what, errno);
    return socket;
}

std::uint16_t local_port(const Descriptor& socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (getsockname(socket.number(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
    if (address.ss_family == AF_INET6)
        return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
    return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

}  // namespace redis_zk::event
