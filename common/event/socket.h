// The few ways to get a stream socket. Every socket made here is
// non-blocking and closed on exec: a redis-server that we start must not inherit our connections,
// or the other side would never see them end.
//
// Errors carry errno in Error.code. ECONNREFUSED, and ENOENT for a unix socket, are positive signs
// that nobody listens there; ETIMEDOUT and EHOSTUNREACH prove nothing.
#pragma once

#include <cstdint>
#include <string>

#include "common/core/endpoint.h"
#include "common/core/result.h"
#include "common/event/descriptor.h"

namespace redis_zk::event {

// Begin to connect; the socket becomes writable when it is decided, and connect_error() then says
// how. The host is a numeric address, IPv4 or IPv6: anything else is refused with EINVAL, because
// looking a name up would block.
core::Result<Descriptor> connect_tcp(const core::Endpoint& endpoint);
core::Result<Descriptor> connect_unix(const std::string& path);

// SO_ERROR: 0 when the connection is made, else errno.
int connect_error(const Descriptor& socket);

// Listens. Port 0 lets the kernel choose; local_port() then tells. An IPv6 address takes IPv6 only.
core::Result<Descriptor> listen_tcp(const core::Endpoint& endpoint);
std::uint16_t local_port(const Descriptor& socket);

// "Connection refused", for a message.
std::string describe_errno(int code);

}  // namespace redis_zk::event
