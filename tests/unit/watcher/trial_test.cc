#include "watcher/trial.h"

#include <gmock/gmock.h>

#include "tests/support/fake_server.h"
#include "tests/support/run_until.h"

namespace redis_zk::watcher {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Answers each question that comes, in its order, with what is written here beside a word of it.
class TrialTest : public testing::Test {
  protected:
    using Answers = std::vector<std::pair<std::string, std::string>>;

    std::vector<std::string> findings(Trial::Kind kind, Answers answers,
                                      std::string password = {}) {
        test::FakeServer server{loop, [&](event::Stream& client, std::string_view bytes) {
                                    for (const auto& [word, answer] : answers)
                                        if (bytes.find(word) != std::string_view::npos)
                                            client.send(answer);
                                }};
        return findings_at(kind, server.endpoint(), std::move(password));
    }

    std::vector<std::string> findings_at(Trial::Kind kind, const core::Endpoint& whom,
                                         std::string password = {}) {
        int ends = 0;
        address = core::spoken(whom);
        const Trial trial{
            loop, resolver, {kind, whom, {"", std::move(password)}, "mymaster"}, [&] { ++ends; }};
        EXPECT_TRUE(test::run_until(loop, [&] { return ends > 0; }));
        test::run_what_is_due(loop);
        EXPECT_EQ(ends, 1);
        was_reached = trial.was_reached();
        std::vector<std::string> said;
        for (const auto& one : trial.findings()) said.push_back(server::spoken(one));
        return said;
    }

    event::Loop loop;
    event::Resolver resolver{loop};
    std::string address;
    bool was_reached = false;
};

const std::string ok = "+OK\r\n";
const std::string denied = "-NOPERM this user has no permissions to run the command\r\n";
const std::string no_password = "-NOAUTH Authentication required.\r\n";

// To all that a node is asked.
std::vector<std::pair<std::string, std::string>> each(const std::string& answer) {
    return {{"ROLE", answer}, {"INFO", answer}, {"NUMSUB", answer}, {"min-replicas", answer}};
}

TEST_F(TrialTest, OfANodeSaysWhatIsWellInOneSentence) {
    const auto found = findings(Trial::Kind::node, each(ok));
    EXPECT_THAT(found, ElementsAre("ok: node " + address + " answers all that a watcher asks"));
    EXPECT_TRUE(was_reached);
}

TEST_F(TrialTest, OfANodeNamesEachCommandThatIsRefused) {
    auto answers = each(denied);
    answers[1].second = ok;
    const auto found = findings(Trial::Kind::node, answers);
    EXPECT_THAT(found, ElementsAre(StartsWith("mistake: node " + address + " refuses ROLE: NOPERM"),
                                   HasSubstr(" refuses PUBSUB NUMSUB: NOPERM"),
                                   HasSubstr(" refuses CONFIG GET: NOPERM")));
    EXPECT_TRUE(was_reached);
}

TEST_F(TrialTest, SaysOnceThatAPasswordIsDemanded) {
    EXPECT_THAT(findings(Trial::Kind::node, each(no_password)),
                ElementsAre(EndsWith("demands a password: give it as REDIS_PASSWORD")));
    EXPECT_THAT(findings(Trial::Kind::sentinel, {{"MASTER", no_password}}),
                ElementsAre(EndsWith("demands a password: give it as SENTINEL_PASSWORD")));
}

TEST_F(TrialTest, DoesNotRepeatThePasswordThatIsRefused) {
    const auto found =
        findings(Trial::Kind::sentinel,
                 {{"AUTH", "-ERR unknown command 'AUTH', with args beginning with: 'hunter2'\r\n"}},
                 "hunter2");
    EXPECT_THAT(found,
                ElementsAre(testing::AllOf(StartsWith("mistake: sentinel " + address +
                                                      " does not take what SENTINEL_PASSWORD says"),
                                           Not(HasSubstr("hunter2")))));
    EXPECT_TRUE(was_reached);
}

TEST_F(TrialTest, OfANodeThatIsBusyIsNoMistake) {
    const auto found =
        findings(Trial::Kind::node, each("-BUSY Redis is busy running a script.\r\n"));
    EXPECT_THAT(found, ElementsAre(StartsWith("warning: node " + address + " has no time now")));
}

TEST_F(TrialTest, OfWhomNobodyAnswersForIsAWarning) {
    core::Endpoint nobody;
    {
        const test::FakeServer server{loop};
        nobody = server.endpoint();
    }
    const auto found = findings_at(Trial::Kind::node, nobody);
    EXPECT_THAT(found,
                ElementsAre(StartsWith("warning: node " + address + " is registered, and cannot")));
    EXPECT_FALSE(was_reached);
    EXPECT_THAT(findings(Trial::Kind::node, {}), ElementsAre(HasSubstr("did not answer in time")));
    EXPECT_FALSE(was_reached);
}

TEST_F(TrialTest, OfGarbageIsOnOneLine) {
    auto answers = each(ok);
    answers[0].second = "-\x1b[31m\x07 mistake: all\r\n";
    EXPECT_THAT(findings(Trial::Kind::node, answers), ElementsAre(Not(HasSubstr("\x1b["))));
}

}  // namespace
}  // namespace redis_zk::watcher
