#include "sentinel-wrapper/sentinel_child.h"

#include <gmock/gmock.h>

#include "common/event/socket.h"
#include "common/redis/membership.h"
#include "sentinel-wrapper/generated_configuration.h"
#include "tests/support/run_until.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/sentinel-wrapper/invocation.h"

namespace redis_zk::sentinel_wrapper {
namespace {

redis::SentinelMaster a_master() {
    redis::SentinelMaster master;
    master.endpoint = {"10.0.0.7", 7000};
    master.quorum = 2;
    return master;
}

TEST(LookFrom, KnowsNoMasterWhenTheSentinelKnowsNone) {
    const auto look =
        look_from(core::Error{core::Fault::refused, "ERR No such master"}, {}, {}, false);
    EXPECT_FALSE(look.monitored);
}

TEST(LookFrom, TellsWhoIsDown) {
    auto master = a_master();
    master.flags.subjectively_down = true;
    master.flags.failover_in_progress = true;
    master.config_epoch = 3;
    master.down_after = core::milliseconds{3000};
    master.failover_timeout = core::milliseconds{10000};
    redis::SentinelReplica replica;
    replica.endpoint = {"10.0.0.8", 7000};
    replica.flags.disconnected = true;
    redis::SentinelPeer peer;
    peer.endpoint = {"10.0.0.9", 0};
    peer.id = "abc";
    const auto look = look_from(master, {replica}, {peer}, true);
    EXPECT_EQ(look.monitored,
              (Monitored{{"10.0.0.7", 7000}, 2, true, true, 3, core::milliseconds{23000}}));
    ASSERT_EQ(look.replicas.size(), 1U);
    EXPECT_TRUE(look.replicas.front().down);
    ASSERT_EQ(look.others.size(), 1U);
    EXPECT_EQ(look.others.front().id, "abc");
    EXPECT_EQ(look.others.front().address.port, 0);
    EXPECT_FALSE(look.others.front().down);
    EXPECT_TRUE(look.has_quorum);
}

// With the redis-sentinel that is installed. Its master is not there, which it does not mind.
class Child : public testing::Test {
  protected:
    static std::string free_port() {
        return std::to_string(event::local_port(event::listen_tcp({"127.0.0.1", 0}).value()));
    }

    void wait_for_a_look() {
        look_.reset();
        child_.look();
        ASSERT_TRUE(test::run_until(loop_, [&] { return look_ || status_; }));
        ASSERT_TRUE(look_);
    }

    bool do_it(const std::function<void(SentinelChild::OnDone)>& command) {
        std::optional<core::Result<core::Done>> result;
        command([&](const core::Result<core::Done>& done) { result = done; });
        EXPECT_TRUE(test::run_until(loop_, [&] { return result.has_value(); }));
        return result && *result;
    }

    // As another sentinel, which is introduced by it.
    bool may_say_hello(redis::Credentials credentials) {
        using namespace std::chrono_literals;
        redis::Connection client{
            loop_, {config_.listen, std::move(credentials), 1000ms, 1000ms}, [](const auto&) {}};
        std::optional<bool> heard;
        redis::sentinel_hear(client, {other_id, other_sentinel, "mymaster", {"127.0.0.1", 1}, 0},
                             [&](const auto& done) { heard = bool{done}; });
        EXPECT_TRUE(test::run_until(loop_, [&] { return heard.has_value(); }));
        return heard.value_or(false);
    }

    const std::string other_id = std::string(40, 'b');
    const core::Endpoint other_sentinel{"127.0.0.1", 3};
    test::TemporaryDirectory directory_;
    Config config_ = [this] {
        auto config = read({{"RUN_DIR", directory_.path()},
                            {"PORT0", free_port()},
                            {"REDIS_PASSWORD", "of the nodes"},
                            {"SENTINEL_PASSWORD", "of the sentinels"}})
                          .config;
        EXPECT_TRUE(
            write_generated_configuration(config, {std::string(40, 'a'), {"127.0.0.1", 1}, 2}));
        return config;
    }();
    event::Loop loop_;
    event::Reaper reaper_{loop_};
    event::Resolver resolver_{loop_};
    std::optional<SentinelLook> look_;
    std::optional<event::ExitStatus> status_;
    bool is_early_cut_ = false;
    SentinelChild child_{loop_,
                         reaper_,
                         resolver_,
                         config_,
                         {[this](const SentinelLook& look) { look_ = look; },
                          [this](const event::ExitStatus& status) { status_ = status; }}};
};

TEST_F(Child, AnswersAndMonitorsWhomItWasTold) {
    wait_for_a_look();
    ASSERT_TRUE(look_->monitored);
    EXPECT_EQ(look_->monitored->master, (core::Endpoint{"127.0.0.1", 1}));
    EXPECT_TRUE(child_.has_answered());
}

TEST_F(Child, IsPointedToAnotherMasterWithAllSettings) {
    wait_for_a_look();
    ASSERT_TRUE(do_it([&](auto done) { child_.monitor({{"127.0.0.1", 2}, 3, ""}, done); }));
    EXPECT_EQ(look_->monitored->master, (core::Endpoint{"127.0.0.1", 2}));
    EXPECT_EQ(look_->monitored->quorum, 3);
    EXPECT_TRUE(test::run_until(loop_, [&] {
        const std::string file = directory_.read("sentinel.conf");
        return file.find("sentinel failover-timeout mymaster 10000") != file.npos &&
               file.find("sentinel auth-pass mymaster") != file.npos;
    }));
    ASSERT_TRUE(do_it([&](auto done) { child_.set_quorum(1, done); }));
    EXPECT_EQ(look_->monitored->quorum, 1);
    ASSERT_TRUE(do_it([&](auto done) { child_.reset(done); }));
    ASSERT_TRUE(do_it([&](auto done) { child_.stop_monitoring(done); }));
    EXPECT_FALSE(look_->monitored);
    ASSERT_TRUE(do_it([&](auto done) { child_.monitor({{"localhost", 2}, 3, ""}, done); }));
    EXPECT_TRUE(look_->monitored);
}

TEST_F(Child, LetsOnlyTheSentinelsOfItsClusterSayHello) {
    wait_for_a_look();
    const redis::Credentials anybody{"", "of the sentinels"};
    const auto own = redis::sentinel_credentials("cluster 1", "of the sentinels");
    child_.belong_to("");
    EXPECT_TRUE(may_say_hello(anybody)) << "it is not known yet who belongs to it";
    child_.belong_to("cluster 1");
    ASSERT_TRUE(test::run_until(loop_, [&] { return !child_.is_admitting(); }));
    EXPECT_FALSE(may_say_hello(anybody));
    EXPECT_FALSE(may_say_hello(redis::sentinel_credentials("cluster 2", "of the sentinels")));
    EXPECT_TRUE(may_say_hello(own));
}

// So that it is not shown to clients before.
TEST_F(Child, SaysForHowLongClientsAreAboutToBeCut) {
    wait_for_a_look();
    EXPECT_FALSE(child_.is_admitting());
    redis::Connection early{loop_, {config_.listen, {"", "of the sentinels"}}, [&](const auto&) {
                                is_early_cut_ = true;
                            }};
    std::optional<bool> is_answered;
    early.send({"PING"}, [&](const auto&) { is_answered = true; });
    ASSERT_TRUE(test::run_until(loop_, [&] { return is_answered.has_value(); }));
    child_.belong_to("cluster 1");
    EXPECT_TRUE(child_.is_admitting());
    ASSERT_TRUE(test::run_until(loop_, [&] { return !child_.is_admitting(); }));
    look_.reset();
    EXPECT_TRUE(test::run_until(loop_, [&] { return is_early_cut_ && look_; }));
    child_.belong_to("cluster 1");
    EXPECT_FALSE(child_.is_admitting()) << "once is enough";
}

TEST_F(Child, HearsOfAnotherMasterAndForgetsNobody) {
    wait_for_a_look();
    EXPECT_TRUE(may_say_hello({"", "of the sentinels"}));
    child_.belong_to("cluster 1");
    const News news{5, other_id, other_sentinel};
    ASSERT_TRUE(do_it([&](auto done) { child_.monitor({{"127.0.0.1", 2}, 2, "", news}, done); }));
    EXPECT_EQ(look_->monitored->master, (core::Endpoint{"127.0.0.1", 2}));
    EXPECT_EQ(look_->monitored->config_epoch, 5);
    ASSERT_EQ(look_->others.size(), 1U);
    EXPECT_EQ(look_->others.front().id, other_id);
}

TEST_F(Child, ForgetsEverybodyBeforeTheNewsWhenItIsToBeginAfresh) {
    wait_for_a_look();
    const News first{5, std::string(40, 'c'), {"127.0.0.1", 4}};
    ASSERT_TRUE(do_it([&](auto done) { child_.monitor({{"127.0.0.1", 2}, 2, "", first}, done); }));
    const News news{6, other_id, other_sentinel};
    ASSERT_TRUE(do_it([&](auto done) {
        child_.monitor({{"127.0.0.1", 5}, 2, "", news, true}, done);
    }));
    EXPECT_EQ(look_->monitored->master, (core::Endpoint{"127.0.0.1", 5}));
    EXPECT_EQ(look_->monitored->config_epoch, 6);
    EXPECT_TRUE(look_->replicas.empty());
    ASSERT_EQ(look_->others.size(), 1U);
    EXPECT_EQ(look_->others.front().id, other_id);
}

// redis-sentinel would take the epoch and keep its master, or monitor nobody any more.
TEST_F(Child, IsNotToldOfAMasterWhoseNameNobodyKnows) {
    wait_for_a_look();
    const News news{5, other_id, other_sentinel};
    const core::Endpoint lost{"no-such-host.invalid", 2};
    EXPECT_FALSE(do_it([&](auto done) { child_.monitor({lost, 2, "", news}, done); }));
    EXPECT_FALSE(do_it([&](auto done) { child_.monitor({lost, 2, ""}, done); }));
    wait_for_a_look();
    ASSERT_TRUE(look_->monitored);
    EXPECT_EQ(look_->monitored->master, (core::Endpoint{"127.0.0.1", 1}));
    EXPECT_EQ(look_->monitored->config_epoch, 0);
}

// Somebody has removed the user as whom the wrapper speaks to it.
TEST_F(Child, AdmitsItsClusterAnewWhenTheUserIsGone) {
    wait_for_a_look();
    const auto own = redis::sentinel_credentials("cluster 1", "of the sentinels");
    child_.belong_to("cluster 1");
    // The user is there before the last step, which cuts all clients.
    ASSERT_TRUE(test::run_until(loop_, [&] { return !child_.is_admitting(); }));
    ASSERT_TRUE(may_say_hello(own));
    {
        redis::Connection somebody{
            loop_, {config_.listen, {"", "of the sentinels"}}, [](const auto&) {}};
        std::optional<bool> gone;
        somebody.send({"ACL", "DELUSER", own.username}, [&](const auto&) { gone = true; });
        test::run_until(loop_, [&] { return gone.has_value(); });
    }
    ASSERT_FALSE(may_say_hello(own));
    ASSERT_TRUE(test::run_until(loop_, [&] {
        child_.belong_to("cluster 1");
        return may_say_hello(own);
    }));
    wait_for_a_look();
}

TEST_F(Child, SaysWhyItDoesNotMonitor) {
    wait_for_a_look();
    ASSERT_TRUE(do_it([&](auto done) { child_.stop_monitoring(done); }));
    std::optional<core::Result<core::Done>> result;
    child_.monitor({{"127.0.0.1", 2}, 0, ""}, [&](const auto& done) { result = done; });
    ASSERT_TRUE(test::run_until(loop_, [&] { return result.has_value(); }));
    ASSERT_FALSE(*result);
    EXPECT_THAT(result->error().message, testing::HasSubstr("uorum"));
}

// The user's own configuration may say so.
class ChildThatRefusesUs : public Child {
  protected:
    ChildThatRefusesUs() { config_.sentinel_credentials.password = "another"; }
};

TEST_F(ChildThatRefusesUs, IsOneThatDoesNotAnswer) {
    ASSERT_TRUE(test::run_until(loop_, [&] {
        child_.look();
        return !child_.trouble().empty() &&
               child_.trouble().find("refuses our") != std::string::npos;
    }));
    EXPECT_FALSE(look_);
    EXPECT_FALSE(child_.has_answered());
}

TEST_F(Child, TellsItsEndOnce) {
    wait_for_a_look();
    child_.shut_down();
    ASSERT_TRUE(test::run_until(loop_, [&] { return status_.has_value(); }));
    EXPECT_EQ(event::number_of_shell(*status_), 0);
}

}  // namespace
}  // namespace redis_zk::sentinel_wrapper
