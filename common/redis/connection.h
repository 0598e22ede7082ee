// An asynchronous connection to one Redis or Sentinel, over TCP or a unix socket. Connects and
// authenticates by itself; every command has a deadline. When the connection is lost all pending
// commands fail and the owner is told once; it is then closed for good, and the owner builds a new
// one (with backoff, which is its business).
//
// Built on hiredis's parser and formatter, not on its asynchronous half: that one of hiredis 0.14
// asserts, hence kills the process, when a server answers once more than it was asked or pushes
// something else than a list [measured]. Garbage from a server must change nothing.
//
// One deadline timer per connection, armed for the connect, then for the oldest pending command. A
// deadline that passes closes the connection, for a reply that comes late cannot be told from the
// next one's.
//
// What the end of a connection says is in Error.code:
//   ECONNREFUSED, ENOENT  nobody listens there: a positive sign that no process serves this address
//   ETIMEDOUT             silence, while connecting or on a command: proves nothing
//   ECONNRESET            the other side closed
//   EPROTO                it does not speak Redis, or answered what was not asked
//   EACCES                it refused our credentials (with Fault::refused; all others come with
//                         Fault::connection_lost)
//   ENOTCONN              sent after it had closed
//   EINVAL                the host is not a numeric address (Fault::refused)
// others as connect(2), recv(2) and send(2) give them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "common/core/endpoint.h"
#include "common/core/result.h"
#include "common/core/time.h"
#include "common/event/loop.h"
#include "common/redis/reply.h"

namespace redis_zk::redis {

// The error tells of the end of a connection, of which its owner is told next; any other one is the
// server's answer to one command.
bool is_over(const core::Error& error);

struct UnixSocket {
    std::string path;
};
// The host must be a numeric address: looking a name up would block.
using Address = std::variant<core::Endpoint, UnixSocket>;

// For people: "10.0.0.7:31002", "/run/redis.sock".
std::string spoken(const Address& address);

struct Credentials {
    std::string username;  // empty: the default user, with the AUTH that Redis before 6.2 knows too
    std::string password;  // empty: do not authenticate
};

class Connection {
  public:
    struct Options {
        Address address;
        Credentials credentials{};
        core::milliseconds connect_timeout{1000};  // authentication included
        core::milliseconds command_timeout{1000};  // counted from when it could be sent
    };

    // on_closed is called once, on the loop and never from inside send() or the constructor, when
    // the connection could not be made or was lost, after the pending commands have failed with
    // the same error. Destroying the connection, which any callback may do, calls nobody back.
    Connection(event::Loop& loop, Options options, std::function<void(core::Error)> on_closed);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Commands may be sent at once, before the connection is made. An error reply of the server
    // is Fault::refused with the server's own text. `on_reply` may be empty. On a closed
    // connection on_reply gets ENOTCONN, later on the loop.
    void send(std::vector<std::string> command, core::Callback<Reply> on_reply);

    // Turns this connection into one that listens: on_message gets every pushed message
    // (SUBSCRIBE, PSUBSCRIBE) as a list reply, the confirmations included. At most once per
    // connection; `command` may name several channels. The server's refusal closes the
    // connection. From then on the server accepts only PING, which the owner sends from time to
    // time: silence is all that a dead publisher would show.
    void subscribe(std::vector<std::string> command, std::function<void(const Reply&)> on_message);

    // Connected and authenticated.
    bool is_open() const;

  private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace redis_zk::redis
