#include "common/http/server.h"

#include <list>
#include <optional>
#include <stdexcept>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "common/event/socket.h"
#include "common/event/stream.h"
#include "tests/support/run_until.h"

namespace redis_zk::http {
namespace {

using std::chrono::milliseconds;
using test::run_until;

// A client that sends bytes as they are and keeps what it hears.
class Client {
  public:
    Client(event::Loop& loop, std::uint16_t port)
        : loop_{loop},
          stream_{std::in_place, loop, event::connect_tcp({"127.0.0.1", port}).value(),
                  event::Stream::State::connecting,
                  event::Stream::Handlers{
                      .on_connected = {},
                      .on_bytes = [this](std::string_view bytes) { heard_ += bytes; },
                      .on_sent = {},
                      .on_end = [this](int code) { end_ = code; }}} {}

    void send(std::string_view bytes) { stream_->send(bytes); }
    void read(bool on) { stream_->read(on); }
    void leave() { stream_.reset(); }
    const std::string& heard() const { return heard_; }
    bool is_cut() const { return end_.has_value(); }
    std::optional<int> end() const { return end_; }
    bool hears(std::string_view text) {
        return run_until(loop_, [&] { return heard_.find(text) != std::string::npos; });
    }
    bool waits_until_cut() {
        return run_until(loop_, [&] { return is_cut(); });
    }
    std::size_t count(std::string_view text) const {
        std::size_t found = 0;
        for (auto at = heard_.find(text); at != std::string::npos; at = heard_.find(text, at + 1))
            ++found;
        return found;
    }

  private:
    event::Loop& loop_;
    std::string heard_;
    std::optional<int> end_;
    std::optional<event::Stream> stream_;
};

class HttpServer : public testing::Test {
  protected:
    HttpServer() {
        router_.get("/status", [](const Request& request) {
            Response response;
            response.status = request.query.contains("ill") ? 503 : 200;
            response.body = "{\"state\":\"fine\"}";
            return response;
        });
        router_.get("/large", [](const Request&) {
            Response response;
            response.body.assign(1024 * 1024, 'x');
            return response;
        });
        router_.post("/echo", Router::Effect::changes_something, [](const Request& request) {
            Response response;
            response.body = request.body;
            return response;
        });
    }

    Server& serve(milliseconds patience = milliseconds{10000}, std::size_t most_connections = 64) {
        return server_.emplace(loop_, router_,
                               Server::Options{.listen = {"127.0.0.1", 0},
                                               .limits = {},
                                               .patience = patience,
                                               .most_connections = most_connections});
    }
    Client client() { return Client{loop_, server_->port()}; }

    // What the server sends until it closes.
    std::string exchange(std::string_view bytes) {
        Client one = client();
        one.send(bytes);
        EXPECT_TRUE(one.waits_until_cut()) << bytes.substr(0, 100);
        return one.heard();
    }

    event::Loop loop_;
    Router router_{"secret"};
    std::optional<Server> server_;
};

TEST_F(HttpServer, AnswersGetOverHttp10And11) {
    serve();
    const std::string old = exchange("GET /status HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(old.starts_with("HTTP/1.0 200 OK\r\n"));
    EXPECT_TRUE(old.ends_with("\r\n\r\n{\"state\":\"fine\"}"));
    const std::string current =
        exchange("GET //status?ill HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(current.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
}

TEST_F(HttpServer, AnswersHeadWithTheHeadersOfGetAndNoBody) {
    serve();
    const std::string get = exchange("GET /status HTTP/1.0\r\n\r\n");
    const std::string head = exchange("HEAD /status HTTP/1.0\r\n\r\n");
    EXPECT_EQ(head, get.substr(0, get.find("\r\n\r\n") + 4));
    EXPECT_NE(head.find("Content-Length: 16"), std::string::npos);
}

TEST_F(HttpServer, AnswersOptionsWithTheMethodsOfThePath) {
    serve();
    EXPECT_NE(exchange("OPTIONS /status HTTP/1.0\r\n\r\n").find("Allow: GET, HEAD, OPTIONS\r\n"),
              std::string::npos);
    EXPECT_TRUE(exchange("OPTIONS * HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 204 No Content\r\n"));
}

TEST_F(HttpServer, SaysItsErrorsInJson) {
    serve();
    for (const auto& [bytes, status] : std::vector<std::pair<std::string, std::string>>{
             {"GET /nothing HTTP/1.0\r\n\r\n", "404 Not Found"},
             {"DELETE /status HTTP/1.0\r\n\r\n", "405 Method Not Allowed"},
             {"POST /echo HTTP/1.0\r\n\r\n", "401 Unauthorized"},
             {"POST /echo HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n", "413 Payload Too Large"},
             {"GET /" + std::string(100000, 'x'), "431 Request Header Fields Too Large"},
             {"\x16\x03\x01 garbage\r\n\r\n", "400 Bad Request"}}) {
        const std::string answer = exchange(bytes);
        EXPECT_EQ(answer.substr(9, status.size()), status);
        EXPECT_NE(answer.find("Content-Type: application/json\r\n"), std::string::npos);
        EXPECT_NE(answer.find("\r\n\r\n{\"error\":\""), std::string::npos);
    }
}

TEST_F(HttpServer, TakesAPostWithTheTokenAndNoOther) {
    serve();
    const std::string rest = "Content-Length: 5\r\nConnection: close\r\n\r\nhello";
    EXPECT_TRUE(exchange("POST /echo HTTP/1.1\r\nAuthorization: Bearer secret\r\n" + rest)
                    .ends_with("\r\n\r\nhello"));
    EXPECT_TRUE(exchange("POST /echo HTTP/1.1\r\nAuthorization: Bearer wrong\r\n" + rest)
                    .starts_with("HTTP/1.1 403 Forbidden\r\n"));
    EXPECT_NE(exchange("POST /echo HTTP/1.1\r\n" + rest).find("WWW-Authenticate: Bearer\r\n"),
              std::string::npos);
}

TEST_F(HttpServer, AnswersARequestThatComesByteByByte) {
    serve();
    Client one = client();
    for (const char letter : std::string{"GET /status HTTP/1.1\r\nHost: x\r\n\r\n"}) {
        EXPECT_EQ(one.heard(), "");
        one.send({&letter, 1});
        test::run_what_is_due(loop_);
    }
    EXPECT_TRUE(one.hears("fine"));
    EXPECT_FALSE(one.is_cut());
}

TEST_F(HttpServer, AnswersPipelinedRequestsInTheirOrderOnOneConnection) {
    serve();
    Client one = client();
    one.send(
        "GET /status HTTP/1.1\r\n\r\nGET /nothing HTTP/1.1\r\n\r\n"
        "POST /echo HTTP/1.1\r\nAuthorization: Bearer secret\r\nContent-Length: 4\r\n\r\nlast");
    ASSERT_TRUE(one.hears("\r\n\r\nlast"));
    EXPECT_LT(one.heard().find("fine"), one.heard().find("404"));
    EXPECT_LT(one.heard().find("404"), one.heard().find("last"));
    EXPECT_EQ(one.count("HTTP/1.1 "), 3U);
    EXPECT_FALSE(one.is_cut());
}

TEST_F(HttpServer, DoesNotPileUpAnswersForAClientThatDoesNotRead) {
    serve();
    Client greedy = client();
    std::string many;
    for (int count = 0; count < 200; ++count) many += "GET /large HTTP/1.1\r\n\r\n";
    ASSERT_TRUE(run_until(loop_, [&] { return server_->connections() == 1; }));
    greedy.read(false);
    greedy.send(many);
    test::run_what_is_due(loop_);
    Client other = client();
    other.send("GET /status HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(other.hears("fine"));
    greedy.read(true);
    EXPECT_TRUE(run_until(
        loop_, [&] { return greedy.heard().size() > 200U * 1024 * 1024; }, milliseconds{30000}));
}

TEST_F(HttpServer, SaysContinueToAClientThatWaitsForIt) {
    serve();
    Client one = client();
    one.send(
        "POST /echo HTTP/1.1\r\nAuthorization: Bearer secret\r\nExpect: 100-continue\r\n"
        "Content-Length: 5\r\n\r\n");
    ASSERT_TRUE(one.hears("HTTP/1.1 100 Continue\r\n\r\n"));
    one.send("hello");
    EXPECT_TRUE(one.hears("\r\n\r\nhello"));
}

TEST_F(HttpServer, CutsAClientThatSendsAByteNowAndThen) {
    serve(milliseconds{200});
    Client slow = client();
    event::Timer drip{loop_, [&] {
                          slow.send("x");
                          drip.start(milliseconds{20});
                      }};
    slow.send("GET /status HTTP/1.1\r\nX: ");
    drip.start(milliseconds{20});
    const auto began = loop_.now();
    EXPECT_TRUE(slow.waits_until_cut());
    EXPECT_EQ(slow.heard(), "");
    EXPECT_GE(loop_.now() - began, milliseconds{190});
}

TEST_F(HttpServer, CutsAClientThatSaysNothingOrStopsInTheBodyOrDoesNotRead) {
    serve(milliseconds{100});
    Client silent = client();
    Client stopped = client();
    stopped.send("POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nhe");
    Client idle = client();
    idle.send("GET /status HTTP/1.1\r\n\r\n");
    Client deaf = client();
    ASSERT_TRUE(run_until(loop_, [&] { return server_->connections() == 4; }));
    deaf.read(false);
    for (int count = 0; count < 20; ++count) deaf.send("GET /large HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(run_until(loop_, [&] { return server_->connections() == 0; }));
    EXPECT_TRUE(silent.waits_until_cut() && stopped.waits_until_cut() && idle.waits_until_cut());
    EXPECT_EQ(idle.count("fine"), 1U);
}

TEST_F(HttpServer, GivesEachRequestOfAConnectionItsOwnTime) {
    serve(milliseconds{300});
    Client one = client();
    int asked = 0;
    event::Timer ask{loop_, [&] {
                         one.send("GET /status HTTP/1.1\r\n\r\n");
                         if (++asked < 5) ask.start(milliseconds{100});
                     }};
    ask.start(milliseconds{0});
    EXPECT_TRUE(run_until(loop_, [&] { return one.count("fine") == 5 || one.is_cut(); }));
    EXPECT_EQ(one.count("fine"), 5U);
}

TEST_F(HttpServer, CountsTheTimeBetweenRequestsFromTheLastAnswer) {
    serve(milliseconds{1000});
    Client one = client();
    event::Timer next{loop_, [&] { one.send("GET /status HTTP/1.1\r\n\r\n"); }};
    event::Timer rest{loop_, [&] {
                          one.send("status HTTP/1.1\r\n\r\n");
                          next.start(milliseconds{600});
                      }};
    one.send("GET /");
    rest.start(milliseconds{600});
    EXPECT_TRUE(run_until(loop_, [&] { return one.count("fine") == 2 || one.is_cut(); }));
    EXPECT_EQ(one.count("fine"), 2U);
}

TEST_F(HttpServer, LetsAClientThatIsStillSendingHearWhyItIsRefused) {
    serve(milliseconds{500});
    Client one = client();
    one.send("POST /echo HTTP/1.1\r\nContent-Length: 9000000\r\n\r\n" + std::string(8000000, 'x'));
    EXPECT_TRUE(one.waits_until_cut());
    EXPECT_TRUE(one.heard().starts_with("HTTP/1.1 413 "));
    EXPECT_EQ(one.end(), 0);  // an orderly end, no reset
}

TEST_F(HttpServer, AnswersAProbeThoughSixtyFourClientsKeepTheirConnections) {
    serve();
    std::list<Client> clients;
    for (int count = 0; count < 64; ++count) {
        clients.emplace_back(loop_, server_->port()).send("GET /status HTTP/1.1\r\n\r\n");
        ASSERT_TRUE(clients.back().hears("fine"));
    }
    clients.front().send("GET /status HTTP/1.1\r\n\r\n");
    ASSERT_TRUE(run_until(loop_, [&] { return clients.front().count("fine") == 2; }));
    Client probe = client();
    probe.send("GET /status HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(probe.hears("fine"));
    EXPECT_EQ(server_->connections(), 64U);
    EXPECT_TRUE(std::next(clients.begin())->waits_until_cut()) << "it has waited for the longest";
    EXPECT_FALSE(clients.front().is_cut());
    EXPECT_FALSE(clients.back().is_cut());
}

TEST_F(HttpServer, CutsWhoeverIsIdleBeforeWhoeverIsInTheMiddleOfARequest) {
    serve(milliseconds{10000}, 2);
    Client slow = client();
    slow.send("GET /sta");
    ASSERT_TRUE(run_until(loop_, [&] { return server_->connections() == 1; }));
    test::run_what_is_due(loop_);
    Client idle = client();
    ASSERT_TRUE(run_until(loop_, [&] { return server_->connections() == 2; }));
    Client third = client();
    third.send("GET /sta");
    EXPECT_TRUE(idle.waits_until_cut());
    slow.send("tus HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(slow.hears("fine"));
    Client fourth = client();
    EXPECT_TRUE(slow.waits_until_cut());
    fourth.send("GET /sta");
    test::run_what_is_due(loop_);
    Client fifth = client();
    EXPECT_TRUE(third.waits_until_cut()) << "all are slow, and it is for the longest";
    EXPECT_EQ(server_->connections(), 2U);
}

TEST_F(HttpServer, ForgetsClientsThatLeaveInTheMiddle) {
    serve();
    for (const char* bytes : {"", "GET /sta", "POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nh",
                              "GET /large HTTP/1.1\r\n\r\nGET /large HTTP/1.1\r\n\r\n"}) {
        Client one = client();
        one.send(bytes);
        ASSERT_TRUE(run_until(loop_, [&] { return server_->connections() == 1; }));
        test::run_what_is_due(loop_);
        one.leave();
        EXPECT_TRUE(run_until(loop_, [&] { return server_->connections() == 0; })) << bytes;
    }
}

TEST_F(HttpServer, MayBeDestroyedWithClientsOnIt) {
    serve();
    Client one = client();
    one.send("GET /sta");
    ASSERT_TRUE(run_until(loop_, [&] { return server_->connections() == 1; }));
    server_.reset();
    EXPECT_TRUE(one.waits_until_cut());
}

TEST_F(HttpServer, SaysWhyItCannotListen) {
    const Server& first = serve();
    const auto again = [&](core::Endpoint endpoint) -> std::string {
        try {
            const Server second{loop_, router_, {.listen = std::move(endpoint)}};
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return "it can";
    };
    EXPECT_EQ(
        again({"127.0.0.1", first.port()}),
        "cannot listen on 127.0.0.1:" + std::to_string(first.port()) + ": Address already in use");
    EXPECT_EQ(again({"localhost", 0}), "cannot listen on localhost:0: not a numeric address");
    EXPECT_EQ(again({"::1", 0}), "it can");
}

}  // namespace
}  // namespace redis_zk::http
