// A connection and what it said, for the tests of connections.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/event/socket.h"
#include "common/redis/connection.h"
#include "tests/support/fake_server.h"
#include "tests/support/run_until.h"

namespace redis_zk::redis {

struct Client {
    Client(event::Loop& on, Connection::Options options)
        : loop{on}, connection{std::in_place, on, std::move(options), [this](core::Error error) {
                                   closed_with.push_back(std::move(error));
                               }} {}

    void send(std::vector<std::string> command) {
        connection->send(std::move(command), [this](core::Result<Reply> reply) {
            replies.push_back(std::move(reply));
        });
    }
    bool wait_for_replies(std::size_t count) {
        return test::run_until(loop, [&] { return replies.size() >= count; });
    }
    core::Error wait_until_closed() {
        EXPECT_TRUE(test::run_until(loop, [&] { return !closed_with.empty(); }));
        return closed_with.empty() ? core::Error{core::Fault::refused, "was not closed"}
                                   : closed_with.front();
    }

    event::Loop& loop;
    std::vector<core::Result<Reply>> replies;
    std::vector<core::Error> closed_with;
    std::optional<Connection> connection;
};

inline Connection::Options options_for(const test::FakeServer& server,
                                       core::milliseconds timeout = core::milliseconds{5000}) {
    return {.address = server.endpoint(), .connect_timeout = timeout, .command_timeout = timeout};
}

inline core::Endpoint where_nobody_listens() {
    return {"127.0.0.1", event::local_port(event::listen_tcp({"127.0.0.1", 0}).value())};
}

}  // namespace redis_zk::redis
