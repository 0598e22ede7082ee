#include "common/http/request_reader.h"

#include <optional>

#include <gtest/gtest.h>

namespace redis_zk::http {
namespace {

constexpr Limits limits{.header_bytes = 1000, .body_bytes = 100};

std::optional<IncomingRequest> next_request(RequestReader& reader) {
    auto next = reader.next();
    if (auto* request = std::get_if<IncomingRequest>(&next)) return *request;
    return std::nullopt;
}

// The status with which something is refused; 0 if it is not.
int refused(std::string_view bytes) {
    RequestReader reader{limits};
    reader.feed(bytes);
    const auto next = reader.next();
    const auto* refusal = std::get_if<Response>(&next);
    return refusal == nullptr ? 0 : refusal->status;
}

TEST(RequestReader, ReadsARequestWhereverItsBytesAreCut) {
    const std::string bytes =
        "POST //a?b=c HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer abc\r\nContent-Length: 5\r\n\r\n"
        "helloGET / HTTP/1.0\r\n\r\n";
    const std::size_t length = bytes.find("GET");
    for (std::size_t cut = 1; cut < length; ++cut) {
        RequestReader reader{limits};
        reader.feed(bytes.substr(0, cut));
        ASSERT_FALSE(next_request(reader)) << cut;
        EXPECT_TRUE(reader.is_in_the_middle());
        reader.feed(bytes.substr(cut));
        const auto first = next_request(reader);
        ASSERT_TRUE(first) << cut;
        EXPECT_EQ(first->request.method, "POST");
        EXPECT_EQ(first->request.path, "/a");
        EXPECT_EQ(first->request.query.at("b"), "c");
        EXPECT_EQ(first->request.body, "hello");
        EXPECT_EQ(first->request.token, "abc");
        EXPECT_TRUE(first->keeps_alive);
        const auto second = next_request(reader);
        ASSERT_TRUE(second) << cut;
        EXPECT_EQ(second->request.method, "GET");
        EXPECT_EQ(second->version, 10U);
        EXPECT_FALSE(second->keeps_alive);
        EXPECT_FALSE(reader.is_in_the_middle());
    }
}

TEST(RequestReader, ReadsAChunkedBody) {
    RequestReader reader{limits};
    reader.feed(
        "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    EXPECT_EQ(next_request(reader)->request.body, "abcde");
}

TEST(RequestReader, KnowsWhoWantsToStay) {
    const auto stays = [](std::string_view bytes) {
        RequestReader reader{limits};
        reader.feed(bytes);
        return next_request(reader)->keeps_alive;
    };
    EXPECT_TRUE(stays("GET / HTTP/1.1\r\n\r\n"));
    EXPECT_FALSE(stays("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"));
    EXPECT_FALSE(stays("GET / HTTP/1.0\r\n\r\n"));
    EXPECT_TRUE(stays("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(RequestReader, ReadsBearerTokensOnly) {
    const auto token = [](const std::string& authorization) {
        RequestReader reader{limits};
        reader.feed("GET / HTTP/1.1\r\nAuthorization: " + authorization + "\r\n\r\n");
        return next_request(reader)->request.token;
    };
    EXPECT_EQ(token("Bearer abc"), "abc");
    EXPECT_EQ(token("bearer   abc"), "abc");
    EXPECT_EQ(token("Basic abc"), "");
    EXPECT_EQ(token("Bearer"), "");
    EXPECT_EQ(token("Bearerabc"), "");
}

TEST(RequestReader, RefusesATooLargeHeaderBeforeItHasEnded) {
    EXPECT_EQ(refused("GET / HTTP/1.1\r\nX: " + std::string(990, 'x')), 431);
    EXPECT_EQ(refused("GET /" + std::string(2000, 'x')), 431);
    EXPECT_EQ(refused("GET / HTTP/1.1\r\nX: " + std::string(1000, 'x') + "\r\n\r\n"), 431);
}

TEST(RequestReader, RefusesATooLargeBodyBeforeItHasCome) {
    EXPECT_EQ(refused("POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n"), 413);
    EXPECT_EQ(refused("POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n"), 0);
    EXPECT_EQ(refused("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n" +
                      std::string(200, 'x')),
              413);
}

TEST(RequestReader, RefusesGarbage) {
    for (const char* garbage :
         {"\r\nx\r\n\r\n", "hello\r\n\r\n", "GET\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n",
          "GET / HTTP/1.1\r\nno colon\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
          "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "GET / HTTP/1.1\r\nX: a\x01\r\n\r\n", "GET relative HTTP/1.1\r\n\r\n",
          "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"})
        EXPECT_EQ(refused(garbage), 400) << garbage;
    EXPECT_EQ(refused("GET / HTTP/2.0\r\n\r\n"), 505);
    EXPECT_EQ(refused("GET / FTP/1.1\r\n\r\n"), 505);
}

TEST(RequestReader, SaysOnceThatABodyIsWanted) {
    RequestReader reader{limits};
    EXPECT_FALSE(reader.must_say_continue());
    reader.feed("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
    EXPECT_FALSE(next_request(reader));
    EXPECT_TRUE(reader.must_say_continue());
    EXPECT_FALSE(reader.must_say_continue());
    reader.feed("x");
    EXPECT_TRUE(next_request(reader));
}

}  // namespace
}  // namespace redis_zk::http
