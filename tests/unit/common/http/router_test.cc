#include "common/http/router.h"

#include <stdexcept>

#include <gtest/gtest.h>

namespace redis_zk::http {
namespace {

Response says(std::string_view text) {
    Response response;
    response.body = text;
    return response;
}

Router routes(std::string token = {}) {
    Router router{std::move(token)};
    router.get("/status", [](const Request&) { return says("status"); });
    router.post("/failover", Router::Effect::changes_something,
                [](const Request& request) { return says("failover " + request.body); });
    router.post("/check", Router::Effect::changes_nothing,
                [](const Request&) { return says("check"); });
    router.get("/both", [](const Request&) { return says("got"); });
    router.post("/both", Router::Effect::changes_something,
                [](const Request&) { return says("posted"); });
    router.get("/broken", [](const Request&) -> Response { throw std::runtime_error{"secret"}; });
    return router;
}

Request request(std::string method, std::string path, std::string token = {}) {
    return {std::move(method), std::move(path), {}, "body", std::move(token)};
}

TEST(Router, AnswersHeadAsItAnswersGet) {
    EXPECT_EQ(routes().answer(request("GET", "/status")).body, "status");
    EXPECT_EQ(routes().answer(request("HEAD", "/status")).body, "status");
}

TEST(Router, ListsThePagesThatCanBeAskedForWithGet) {
    EXPECT_EQ(routes().pages(), (std::vector<std::string>{"/both", "/broken", "/status"}));
}

TEST(Router, TellsAnUnknownPathFromAnUnknownMethod) {
    EXPECT_EQ(routes().answer(request("GET", "/nothing")).status, 404);
    EXPECT_EQ(routes().answer(request("OPTIONS", "/nothing")).status, 404);
    for (const char* method : {"POST", "PUT", "DELETE", "NONSENSE", "get"}) {
        const Response refusal = routes().answer(request(method, "/status"));
        EXPECT_EQ(refusal.status, 405) << method;
        EXPECT_EQ(refusal.allow, "GET, HEAD, OPTIONS");
        EXPECT_EQ(refusal.content_type, "application/json");
    }
    EXPECT_EQ(routes().answer(request("GET", "/failover")).allow, "POST, OPTIONS");
}

TEST(Router, AnswersOptionsAsGetWithTheMethodsOfThePath) {
    const Response options = routes().answer(request("OPTIONS", "/both"));
    EXPECT_EQ(options.status, routes().answer(request("GET", "/both")).status);
    EXPECT_EQ(routes().answer(request("OPTIONS", "/failover")).status, 204);
    EXPECT_EQ(options.allow, "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(routes().answer(request("OPTIONS", "/*")).status, 204);
}

TEST(Router, ChangesNothingWithoutTheToken) {
    EXPECT_EQ(routes("secret").answer(request("POST", "/failover", "secret")).body,
              "failover body");
    const Response without = routes("secret").answer(request("POST", "/failover"));
    EXPECT_EQ(without.status, 401);
    EXPECT_TRUE(without.wants_credentials);
    for (const char* wrong : {"secre", "secrets", "Secret", "secretsecret", "x"})
        EXPECT_EQ(routes("secret").answer(request("POST", "/failover", wrong)).status, 403)
            << wrong;
    EXPECT_EQ(routes("secret").answer(request("POST", "/check", "wrong")).status, 403);
}

TEST(Router, ChangesNothingAtAllWhenNoTokenIsConfigured) {
    EXPECT_EQ(routes().answer(request("POST", "/failover")).status, 403);
    EXPECT_EQ(routes().answer(request("POST", "/failover", "any")).status, 403);
    EXPECT_EQ(routes().answer(request("POST", "/check")).body, "check");
}

TEST(Router, AsksForNoTokenToRead) {
    EXPECT_EQ(routes("secret").answer(request("GET", "/both")).body, "got");
}

TEST(Router, TurnsAnExceptionInto500WithoutItsText) {
    const Response response = routes().answer(request("GET", "/broken"));
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(response.body.find("secret"), std::string::npos);
}

TEST(EqualInConstantTime, IsEquality) {
    EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
    EXPECT_TRUE(equal_in_constant_time("", ""));
    for (const char* other : {"", "ab", "abd", "abca", "abcabc"})
        EXPECT_FALSE(equal_in_constant_time(other, "abc")) << other;
    EXPECT_FALSE(equal_in_constant_time("a", ""));
    EXPECT_FALSE(equal_in_constant_time(std::string_view("\0", 1), ""));
}

}  // namespace
}  // namespace redis_zk::http
