#include "common/event/resolver.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/common/event/name_server.h"
#include "tests/unit/common/event/run_until.h"

namespace redis_zk::event {
namespace {

using std::chrono::milliseconds;
using Answer = NameServer::Answer;
using Type = NameServer::Type;

const std::string ten_seven{"\x0a\0\0\x07", 4};
const std::string fd_seven{"\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x07", 16};

// Names end in a dot: the search list of this machine is not part of the test.
struct ResolverTest : testing::Test {
    void SetUp() override { ASSERT_TRUE(name_server.works()); }

    void resolve(const std::string& host, milliseconds deadline = milliseconds{10'000}) {
        lookup = resolver->resolve(host, deadline, [this](core::Result<Addresses> result) {
            ++answers;
            answer = std::move(result);
        });
    }
    bool run_to_the_answer() {
        return run_until(loop, [this] { return answer.has_value(); });
    }
    void run_for(milliseconds duration) {
        const auto end = loop.now() + duration;
        run_until(loop, [&] { return loop.now() >= end; });
    }

    Loop loop;
    std::function<Answer(Type)> says = [](Type) { return Answer{false, 3, {}}; };
    NameServer name_server{loop, [this](Type type) { return says(type); }};
    std::unique_ptr<Resolver> resolver =
        std::make_unique<Resolver>(loop, Resolver::Options{name_server.address()});
    int answers = 0;
    std::optional<core::Result<Addresses>> answer;
    Lookup lookup;
};

TEST_F(ResolverTest, FindsTheAddressesOfBothFamilies) {
    says = [](Type type) { return Answer{false, 0, type == Type::ipv4 ? ten_seven : fd_seven}; };
    resolve("redis.test.");
    ASSERT_TRUE(run_to_the_answer());
    ASSERT_TRUE(*answer) << answer->error().message;

    auto addresses = answer->value();
    std::ranges::sort(addresses);
    EXPECT_EQ(addresses, (Addresses{"10.0.0.7", "fd00::7"}));
    EXPECT_EQ(answers, 1);
}

TEST_F(ResolverTest, AnswersNumericHostsWithoutAQuestionButNotFromInside) {
    for (const auto& host : Addresses{"10.0.0.7", "fd00::7", "::1", "fe80::1%lo"}) {
        answer.reset();
        resolve(host);
        EXPECT_FALSE(answer);
        ASSERT_TRUE(run_to_the_answer());
        EXPECT_EQ(answer->value(), Addresses{host});
    }
    EXPECT_EQ(name_server.questions(), 0);
}

TEST_F(ResolverTest, FindsLocalhostWithoutAQuestionButNotFromInside) {
    resolve("localhost");
    EXPECT_FALSE(answer);
    ASSERT_TRUE(run_to_the_answer());

    const auto& addresses = answer->value();
    EXPECT_NE(std::ranges::find(addresses, "127.0.0.1"), addresses.end());
    EXPECT_EQ(name_server.questions(), 0);
}

TEST_F(ResolverTest, BelievesThatANameDoesNotExist) {
    resolve("no-such-name.test.");
    ASSERT_TRUE(run_to_the_answer());

    ASSERT_FALSE(*answer);
    EXPECT_EQ(answer->error().fault, core::Fault::refused);
    EXPECT_EQ(answer->error().message, "there is no address for no-such-name.test.");
}

TEST_F(ResolverTest, BelievesThatANameHasNoAddress) {
    says = [](Type) { return Answer{}; };
    resolve("mail-only.test.");
    ASSERT_TRUE(run_to_the_answer());

    ASSERT_FALSE(*answer);
    EXPECT_EQ(answer->error().fault, core::Fault::refused);
}

TEST_F(ResolverTest, IsContentWithOneFamily) {
    says = [](Type type) { return Answer{false, 0, type == Type::ipv6 ? fd_seven : ""}; };
    resolve("redis.test.");
    ASSERT_TRUE(run_to_the_answer());

    EXPECT_EQ(answer->value(), Addresses{"fd00::7"});
}

TEST_F(ResolverTest, RefusesWhatIsNoName) {
    for (const auto& host : Addresses{"", std::string(300, 'x'), "a..b"}) {
        answer.reset();
        resolve(host);
        EXPECT_FALSE(answer);
        ASSERT_TRUE(run_to_the_answer());
        ASSERT_FALSE(*answer) << host;
        EXPECT_EQ(answer->error().fault, core::Fault::refused) << answer->error().message;
    }
}

TEST_F(ResolverTest, GivesUpAtTheDeadlineWhenNobodyAnswers) {
    says = [](Type) { return Answer{true, 0, {}}; };
    const auto begin = loop.now();
    resolve("redis.test.", milliseconds{200});
    ASSERT_TRUE(run_to_the_answer());

    ASSERT_FALSE(*answer);
    EXPECT_EQ(answer->error().fault, core::Fault::ask_again);
    EXPECT_EQ(answer->error().message,
              "no name server has said within 200 ms where redis.test. is");
    EXPECT_GE(loop.now() - begin, milliseconds{200});
    EXPECT_LT(loop.now() - begin, milliseconds{5000});
}

TEST_F(ResolverTest, TakesWhatItHasAtTheDeadline) {
    says = [](Type type) { return Answer{type == Type::ipv6, 0, ten_seven}; };
    resolve("redis.test.", milliseconds{200});
    ASSERT_TRUE(run_to_the_answer());

    ASSERT_TRUE(*answer) << answer->error().message;
    EXPECT_EQ(answer->value(), Addresses{"10.0.0.7"});
}

TEST_F(ResolverTest, AsksAgainWhenADatagramIsLost) {
    int asked = 0;
    says = [&](Type type) {
        return Answer{++asked <= 2, 0, type == Type::ipv4 ? ten_seven : fd_seven};
    };
    resolve("redis.test.", milliseconds{4'000});
    ASSERT_TRUE(run_to_the_answer());

    ASSERT_TRUE(*answer) << answer->error().message;
    EXPECT_EQ(answer->value().size(), 2u);
}

TEST_F(ResolverTest, SaysThatTheNameServerIsInTrouble) {
    says = [](Type) { return Answer{false, 2, {}}; };
    resolve("redis.test.");
    ASSERT_TRUE(run_to_the_answer());

    ASSERT_FALSE(*answer);
    EXPECT_EQ(answer->error().fault, core::Fault::ask_again);
}

TEST_F(ResolverTest, CallsNobodyBackWhenTheLookupIsDestroyed) {
    resolve("redis.test.");
    lookup = Lookup{};
    resolve("10.0.0.7");
    lookup = Lookup{};
    run_for(milliseconds{50});

    EXPECT_EQ(answers, 0);
}

TEST_F(ResolverTest, CallsNobodyBackWhenItIsDestroyed) {
    resolve("redis.test.");
    const auto other = std::move(lookup);
    resolve("10.0.0.7");
    resolver.reset();
    run_for(milliseconds{50});

    EXPECT_EQ(answers, 0);
}

TEST_F(ResolverTest, CancelsOneLookupWithoutTheOthers) {
    says = [](Type type) { return Answer{false, 0, type == Type::ipv4 ? ten_seven : fd_seven}; };
    resolve("one.test.");
    const auto one = std::move(lookup);
    resolve("two.test.");
    lookup = Lookup{};
    run_for(milliseconds{50});

    EXPECT_EQ(answers, 1);
}

TEST_F(ResolverTest, MayBeDestroyedInTheCallbackTogetherWithTheLookup) {
    bool called = false;
    lookup = resolver->resolve("no-such-name.test.", milliseconds{10'000},
                               [&](core::Result<Addresses> result) {
                                   resolver.reset();
                                   lookup = Lookup{};
                                   called = !result;
                               });

    EXPECT_TRUE(run_until(loop, [&] { return called; }));
}

}  // namespace
}  // namespace redis_zk::event
