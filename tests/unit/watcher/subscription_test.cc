#include "watcher/subscription.h"

#include <gtest/gtest.h>

#include "tests/support/fake_server.h"
#include "tests/support/run_until.h"

namespace redis_zk::watcher {
namespace {

using namespace std::chrono_literals;
using test::FakeServer;
using test::run_until;

std::string bulk(const std::string& text) {
    return '$' + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

std::string answer_about_the_master() {
    const std::vector<std::string> words{"name",
                                         "mymaster",
                                         "ip",
                                         "10.0.0.1",
                                         "port",
                                         "6379",
                                         "runid",
                                         "",
                                         "flags",
                                         "master",
                                         "last-ping-sent",
                                         "0",
                                         "last-ok-ping-reply",
                                         "100",
                                         "config-epoch",
                                         "3",
                                         "quorum",
                                         "2",
                                         "num-slaves",
                                         "2",
                                         "num-other-sentinels",
                                         "2",
                                         "down-after-milliseconds",
                                         "1000",
                                         "failover-timeout",
                                         "6000"};
    std::string answer = '*' + std::to_string(words.size()) + "\r\n";
    for (const std::string& word : words) answer += bulk(word);
    return answer;
}

constexpr const char* confirmation = "*3\r\n$10\r\npsubscribe\r\n$1\r\n*\r\n:1\r\n";
constexpr const char* pong = "*2\r\n$4\r\npong\r\n$0\r\n\r\n";

std::string pushed(const std::string& channel, const std::string& text) {
    return "*4\r\n" + bulk("pmessage") + bulk("*") + bulk(channel) + bulk(text);
}

// A sentinel as far as it is asked here.
struct FakeSentinel {
    explicit FakeSentinel(event::Loop& loop)
        : server{loop, [this](event::Stream& client, std::string_view bytes) {
                     if (bytes.find("MASTER") != std::string_view::npos) client.send(about_master);
                     if (bytes.find("PSUBSCRIBE") != std::string_view::npos)
                         client.send(confirmation + messages);
                     if (bytes.find("PING") == std::string_view::npos) return;
                     ++pings;
                     if (answers_pings) client.send(pong);
                 }} {}
    std::string about_master = answer_about_the_master();
    std::string messages;
    bool answers_pings = true;
    int pings = 0;  // that were heard
    FakeServer server;
};

class SubscriptionTest : public testing::Test {
  protected:
    std::unique_ptr<Subscription> subscribe() {
        return std::make_unique<Subscription>(
            loop, resolver, Subscription::Options{sentinel.server.endpoint(), {}, "mymaster"},
            Subscription::Handlers{[this](const std::string& answer) { answers.push_back(answer); },
                                   [this](std::string_view channel, std::string_view text) {
                                       heard.push_back(std::string{channel} + ' ' +
                                                       std::string{text});
                                   },
                                   [this](const std::string& why) { lost.push_back(why); }});
    }

    event::Loop loop;
    event::Resolver resolver{loop};
    FakeSentinel sentinel{loop};
    std::vector<std::string> answers;
    std::vector<std::string> heard;
    std::vector<std::string> lost;
};

TEST_F(SubscriptionTest, AsksFirstAndHandsOnWhatIsPublished) {
    sentinel.messages = pushed("+switch-master", "mymaster 10.0.0.1 6379 10.0.0.2 6379");
    const auto subscription = subscribe();
    ASSERT_TRUE(run_until(loop, [&] { return !heard.empty(); }));
    EXPECT_EQ(heard.front(), "+switch-master mymaster 10.0.0.1 6379 10.0.0.2 6379");
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers.front().find("10.0.0.1:6379 in epoch 3"), 0U) << answers.front();
    const std::string& said = sentinel.server.heard();
    EXPECT_LT(said.find("MASTER"), said.find("PSUBSCRIBE"));
}

TEST_F(SubscriptionTest, IsLostWhenASentinelDoesNotAnswerPing) {
    sentinel.answers_pings = false;
    const auto subscription = subscribe();
    ASSERT_TRUE(run_until(loop, [&] { return !lost.empty(); }));
    EXPECT_EQ(answers.size(), 1U);
    EXPECT_NE(lost.front().find("did not answer in time"), std::string::npos);
}

// It is asked for a PING every half a second; how long it is silent counts from the first that it
// does not answer.
TEST_F(SubscriptionTest, IsLostOneSecondAfterASentinelHasCeasedToAnswerPing) {
    const auto subscription = subscribe();
    ASSERT_TRUE(run_until(loop, [&] { return sentinel.pings > 0; }));
    sentinel.answers_pings = false;
    const int answered = sentinel.pings;
    ASSERT_TRUE(run_until(loop, [&] { return sentinel.pings > answered; }));
    const core::TimePoint silent_since = loop.now();
    ASSERT_TRUE(run_until(loop, [&] { return !lost.empty(); }));
    const auto silence = loop.now() - silent_since;
    EXPECT_GE(silence, 900ms);  // the question was on its way before it was heard
    EXPECT_LT(silence, 1900ms);
}

TEST_F(SubscriptionTest, StaysWhileASentinelHasNothingToSayAndAnswersPing) {
    const auto subscription = subscribe();
    ASSERT_TRUE(run_until(loop, [&] { return sentinel.pings > 1; }));
    EXPECT_TRUE(lost.empty());
}

TEST_F(SubscriptionTest, IsLostOnceWhenASentinelDoesNotKnowOurMaster) {
    sentinel.about_master = "-ERR No such master with that name\r\n";
    const auto subscription = subscribe();
    ASSERT_TRUE(run_until(loop, [&] { return !lost.empty(); }));
    sentinel.server.close_all_connections();
    test::run_what_is_due(loop);
    EXPECT_EQ(lost, std::vector<std::string>{"ERR No such master with that name"});
    EXPECT_TRUE(answers.empty());
}

TEST_F(SubscriptionTest, TakesGarbageForNothing) {
    for (const char* garbage :
         {"*1\r\n$8\r\npmessage\r\n", "*4\r\n$8\r\npmessage\r\n:1\r\n:2\r\n:3\r\n"}) {
        sentinel.messages = garbage + pushed("+reboot", "x");
        heard.clear();
        const auto subscription = subscribe();
        ASSERT_TRUE(run_until(loop, [&] { return !heard.empty() || !lost.empty(); }));
        EXPECT_EQ(heard, std::vector<std::string>{"+reboot x"});
    }
    sentinel.messages = "hello\r\n";
    const auto subscription = subscribe();
    ASSERT_TRUE(run_until(loop, [&] { return !lost.empty(); }));
}

TEST_F(SubscriptionTest, MayBeDestroyedByEachOfItsHandlers) {
    sentinel.messages = pushed("+reboot", "x");
    std::unique_ptr<Subscription> own;
    int calls = 0;
    const auto destroy = [&] {
        ++calls;
        own.reset();
    };
    const Subscription::Options options{sentinel.server.endpoint(), {}, "mymaster"};
    own = std::make_unique<Subscription>(
        loop, resolver, options,
        Subscription::Handlers{[&](const std::string&) { destroy(); }, {}, {}});
    ASSERT_TRUE(run_until(loop, [&] { return calls == 1; }));
    own = std::make_unique<Subscription>(
        loop, resolver, options,
        Subscription::Handlers{
            [](const std::string&) {}, [&](std::string_view, std::string_view) { destroy(); }, {}});
    ASSERT_TRUE(run_until(loop, [&] { return calls == 2; }));
    sentinel.about_master = "-ERR no\r\n";
    own = std::make_unique<Subscription>(
        loop, resolver, options,
        Subscription::Handlers{{}, {}, [&](const std::string&) { destroy(); }});
    ASSERT_TRUE(run_until(loop, [&] { return calls == 3; }));
}

}  // namespace
}  // namespace redis_zk::watcher
