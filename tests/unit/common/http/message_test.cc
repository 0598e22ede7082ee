#include "common/http/message.h"

#include <gtest/gtest.h>

namespace redis_zk::http {
namespace {

Request parsed(std::string_view target) {
    Request request;
    EXPECT_TRUE(parse_target(target, request)) << target;
    return request;
}

TEST(ParseTarget, TakesDoubledLeadingSlashesForOne) {
    EXPECT_EQ(parsed("/master").path, "/master");
    EXPECT_EQ(parsed("//master").path, "/master");
    EXPECT_EQ(parsed("////").path, "/");
    EXPECT_EQ(parsed("/a//b").path, "/a//b");
}

TEST(ParseTarget, DecodesPathAndQuery) {
    const Request request = parsed("/a%20b+c?lag=10&name=x%26y+z&empty=&flag&&lag=11#ignored");
    EXPECT_EQ(request.path, "/a b+c");
    EXPECT_EQ(request.query, (std::map<std::string, std::string, std::less<>>{
                                 {"lag", "11"}, {"name", "x&y z"}, {"empty", ""}, {"flag", ""}}));
}

TEST(ParseTarget, TakesTheWholeAddressThatProxiesSend) {
    EXPECT_EQ(parsed("http://host:80/status?x=1").path, "/status");
    EXPECT_EQ(parsed("http://host").path, "/");
}

TEST(ParseTarget, RefusesWhatIsNoPath) {
    Request request;
    for (const char* target : {"", "*", "status", "host:80", "ftp://host/"})
        EXPECT_FALSE(parse_target(target, request)) << target;
}

TEST(PercentDecoded, LeavesBrokenEscapesAlone) {
    EXPECT_EQ(percent_decoded("%41%6a%6A", false), "Ajj");
    for (const char* broken : {"%", "%4", "%zz", "%4z", "%-1", "100%"})
        EXPECT_EQ(percent_decoded(broken, false), broken);
}

TEST(JsonError, IsJsonWhateverTheReason) {
    EXPECT_EQ(json_error(503, "a \"b\"\\\n\xff").body, "{\"error\":\"a \\\"b\\\"\\\\\\u000a?\"}\n");
}

TEST(HeadOf, TellsLengthTypeAndWhetherTheConnectionStays) {
    Response response;
    response.body = "{}";
    EXPECT_EQ(head_of(response, 11, true),
              "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n"
              "Cache-Control: no-store\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_TRUE(head_of(response, 10, false).starts_with("HTTP/1.0 200 OK\r\n"));
    EXPECT_NE(head_of(response, 10, false).find("Connection: close"), std::string::npos);
}

}  // namespace
}  // namespace redis_zk::http
