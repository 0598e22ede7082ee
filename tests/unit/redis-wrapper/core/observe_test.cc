#include "redis-wrapper/core/observe.h"

#include <gtest/gtest.h>

#include "common/core/inquiry.h"
#include "redis-wrapper/core/find_master.h"
#include "tests/unit/redis-wrapper/core/views.h"

namespace redis_zk::redis_wrapper {
namespace {

RedisLook look_of_parked(std::int64_t keys = 0) {
    RedisLook look;
    look.following = nowhere;
    look.run_id = "run of b";
    look.append_only = true;
    look.replication_id = "random id";
    look.keys = keys;
    return look;
}

RedisLook look_of_replica(const Endpoint& master, bool link_up) {
    RedisLook look = look_of_parked(40);
    look.following = master;
    look.link_up = link_up;
    look.offset = 120;
    return look;
}

TEST(ObserveRedis, KnowsTheRoles) {
    core::LineageTracker tracker;
    View view = first_node();
    RedisLook look = look_of_parked();
    look.loading_at_start = true;
    observe_redis(view, tracker, look, t0);
    EXPECT_EQ(view.redis.role, Role::loading);
    observe_redis(view, tracker, look_of_parked(), t0);
    EXPECT_EQ(view.redis.role, Role::parked);
    EXPECT_EQ(view.redis.following, std::nullopt);
    observe_redis(view, tracker, look_of_replica(at_a, false), t0);
    EXPECT_EQ(view.redis.role, Role::replica);
    EXPECT_EQ(view.redis.following, at_a);
    look = look_of_parked();
    look.is_master = true;
    observe_redis(view, tracker, look, t0);
    EXPECT_EQ(view.redis.role, Role::master);
    EXPECT_EQ(view.redis.following, std::nullopt);
}

TEST(ObserveRedis, TakesTheLineageOfTheRecordedMasterItIsLinkedTo) {
    core::LineageTracker tracker;
    View view = parked_beside_a_master();
    view.redis.role = Role::loading;
    observe_redis(view, tracker, look_of_replica(at_a, true), t0);
    EXPECT_EQ(view.redis.lineage, (Lineage{7, 120}));
}

TEST(ObserveRedis, HasNoLineageAfterLosingTheFilesOfItsClaim) {
    core::LineageTracker tracker{core::Claim{"b", "c1", Lineage{7, 99}, "id", 40, {}}};
    View view = parked_beside_a_master();
    view.redis.role = Role::loading;
    observe_redis(view, tracker, look_of_parked(0), t0);
    EXPECT_EQ(view.redis.lineage, std::nullopt);
}

TEST(ObserveRedis, RemembersWhenAMasterWasSeenOverTheLink) {
    core::LineageTracker tracker;
    View view = parked_beside_a_master();
    observe_redis(view, tracker, look_of_replica(at_a, false), t0 + 1s);
    EXPECT_EQ(view.master_seen_at, std::nullopt);
    observe_redis(view, tracker, look_of_replica(at_a, true), t0 + 2s);
    EXPECT_EQ(view.master_seen_at, t0 + 2s);
}

TEST(ObserveRedis, SeesAMasterThatAnswersNobodyByItsStream) {
    core::LineageTracker tracker;
    View view = parked_beside_a_master();
    view.probes[at_a].answer = Probe::Answer::silent;
    RedisLook look = look_of_replica(at_a, true);
    look.silence_of_master = 3s;
    observe_redis(view, tracker, look, t0 + 10s);
    EXPECT_EQ(view.master_seen_at, t0 + 7s);
    look.silence_of_master = 5s;
    observe_redis(view, tracker, look, t0 + 11s);
    EXPECT_EQ(view.master_seen_at, t0 + 7s);
    is_replica(view, at_a, nowhere);
    look.silence_of_master = 0s;
    observe_redis(view, tracker, look, t0 + 12s);
    EXPECT_EQ(view.master_seen_at, t0 + 7s) << "it is none, and says so";
}

TEST(ObserveRedis, ForgetsWhoListensWhenTheLinkBreaksAndNotForHowLongNobodyAnswers) {
    core::LineageTracker tracker;
    View view = parked_beside_a_master();
    observe_redis(view, tracker, look_of_replica(at_a, true), t0);
    observe_redis(view, tracker, look_of_replica(at_a, false), t0 + 1s);
    EXPECT_FALSE(view.probes.contains(at_a));
    view.probes[at_a].answer = Probe::Answer::silent;
    observe_redis(view, tracker, look_of_replica(at_a, true), t0 + 2s);
    observe_redis(view, tracker, look_of_replica(at_a, false), t0 + 3s);
    EXPECT_TRUE(view.probes.contains(at_a));
}

// When a master is parked its replicas keep their links.
TEST(ObserveRedis, DoesNotTakeALinkToANodeThatIsNoMasterForAMaster) {
    core::LineageTracker tracker;
    View view = parked_beside_a_master();
    is_replica(view, at_a, nowhere);
    observe_redis(view, tracker, look_of_replica(at_a, true), t0);
    EXPECT_EQ(view.master_seen_at, std::nullopt);
}

TEST(ObserveRedis, SeesItselfAsMasterOnlyWhenItTakesWrites) {
    core::LineageTracker tracker;
    View view = first_node();
    RedisLook look = look_of_parked();
    look.is_master = true;
    observe_redis(view, tracker, look, t0);
    EXPECT_EQ(view.master_seen_at, std::nullopt);
    look.open = true;
    observe_redis(view, tracker, look, t0);
    EXPECT_EQ(view.master_seen_at, t0);
}

TEST(ObserveRedis, TellsWritesFromAnOffer) {
    core::LineageTracker tracker;
    View view = first_node();
    view.self.priority = 50;
    RedisLook look = look_of_replica(at_a, true);
    look.priority = 50;
    observe_redis(view, tracker, look, t0);
    EXPECT_TRUE(view.redis.offered);
    EXPECT_FALSE(view.redis.open);
    look.priority = 0;
    look.open = true;
    observe_redis(view, tracker, look, t0);
    EXPECT_FALSE(view.redis.offered);
    EXPECT_TRUE(view.redis.open);
}

TEST(ObserveRedis, RemembersSinceWhenItIsMaster) {
    core::LineageTracker tracker;
    View view = first_node();
    RedisLook look = look_of_parked();
    look.is_master = true;
    observe_redis(view, tracker, look, t0);
    observe_redis(view, tracker, look, t0 + 5s);
    EXPECT_EQ(view.redis.became_master_at, t0);
    observe_redis(view, tracker, look_of_parked(), t0 + 6s);
    observe_redis(view, tracker, look, t0 + 7s);
    EXPECT_EQ(view.redis.became_master_at, t0 + 7s);
}

TEST(ObserveRedis, RemembersWhenItsMasterWasLastHeard) {
    core::LineageTracker tracker;
    View view = parked_beside_a_master();
    RedisLook look = look_of_replica(at_a, true);
    look.silence_of_master = 3s;
    observe_redis(view, tracker, look, t0);
    EXPECT_EQ(view.redis.heard_master_at, t0 - 3s);
    look.link_up = false;
    look.silence_of_master = 0ms;
    observe_redis(view, tracker, look, t0 + 1s);
    EXPECT_EQ(view.redis.heard_master_at, t0 - 3s);
    look.is_master = true;
    look.silence_of_master.reset();
    observe_redis(view, tracker, look, t0 + 2s);
    EXPECT_EQ(view.redis.heard_master_at, t0 - 3s) << "it counts after the promotion";
}

// The one that has left may be the next master.
TEST(ObserveRedis, OutdatesTheOpinionsWhenAReplicaLeavesThisMaster) {
    core::LineageTracker tracker;
    View view = recorded_master();
    sentinels_name(view, at_b);
    RedisLook look = look_of_parked();
    look.is_master = look.open = true;
    look.replicas = {at_a, at_c};
    observe_redis(view, tracker, look, t0 + 1s);
    EXPECT_EQ(majority_of_sentinels(view), at_b);
    look.replicas = {at_c, at_a};
    observe_redis(view, tracker, look, t0 + 2s);
    EXPECT_EQ(majority_of_sentinels(view), at_b) << "they are the same";
    look.replicas = {at_a};
    observe_redis(view, tracker, look, t0 + 3s);
    EXPECT_EQ(majority_of_sentinels(view), std::nullopt);
}

TEST(ObserveRedis, NoticesDataThatBelongToNoCluster) {
    core::LineageTracker tracker;
    View view = first_node();
    view.redis.role = Role::loading;
    observe_redis(view, tracker, look_of_parked(40), t0);
    EXPECT_TRUE(view.redis.brings_data);
    View member = first_node();
    member.redis.role = Role::loading;
    member.self.claimed_cluster = "c1";
    observe_redis(member, tracker, look_of_parked(40), t0);
    EXPECT_FALSE(member.redis.brings_data);
}

TEST(ObserveRedis, ClaimsTheClusterWhenItHasJoinedIt) {
    core::LineageTracker tracker;
    View view = parked_beside_a_master();
    view.self.claimed_cluster.clear();
    view.redis.role = Role::loading;
    observe_redis(view, tracker, look_of_parked(40), t0);
    EXPECT_EQ(view.self.claimed_cluster, "");
    observe_redis(view, tracker, look_of_replica(at_a, true), t0);
    EXPECT_EQ(view.self.claimed_cluster, "c1");
    EXPECT_FALSE(view.redis.brings_data);
}

TEST(ObserveRedis, ForgetsARedisThatIsGone) {
    View view = recorded_master();
    view.in_flight.redis_command = t0 + 2s;
    observe_redis_gone(view);
    EXPECT_EQ(view.redis.role, Role::stopped);
    EXPECT_EQ(view.redis.run_id, "");
    EXPECT_EQ(view.in_flight.redis_command, std::nullopt);
}

TEST(ObserveProbe, CountsTheSilencesInARowFromTheFirst) {
    View view = first_node();
    Probe silent;
    silent.answer = Probe::Answer::silent;
    observe_probe(view, at_a, silent, t0);
    observe_probe(view, at_a, silent, t0 + 3s);
    EXPECT_EQ(view.probes[at_a].silent_since, t0);
    EXPECT_EQ(view.probes[at_a].answered_at, t0 + 3s);
    Probe alive;
    alive.answer = Probe::Answer::loading;
    observe_probe(view, at_a, alive, t0 + 4s);
    EXPECT_EQ(view.probes[at_a].silent_since, std::nullopt);
    observe_probe(view, at_a, silent, t0 + 5s);
    EXPECT_EQ(view.probes[at_a].silent_since, t0 + 5s);
}

TEST(ObserveProbe, SeesAMasterOnlyOfTheOwnCluster) {
    View view = first_node();
    Probe master;
    master.answer = Probe::Answer::master;
    observe_probe(view, at_a, master, t0);
    EXPECT_EQ(view.master_seen_at, std::nullopt);
    master.same_cluster = true;
    observe_probe(view, at_a, master, t0);
    EXPECT_EQ(view.master_seen_at, t0);
}

// It may go on taking writes where nobody sees it.
TEST(ObserveProbe, RemembersThatASilentMasterTookWrites) {
    View view = first_node();
    Probe answer;
    answer.answer = Probe::Answer::master;
    answer.same_cluster = true;
    observe_probe(view, at_a, answer, t0);
    EXPECT_EQ(view.probes[at_a].took_writes_at, t0);
    Probe silent;
    silent.answer = Probe::Answer::silent;
    observe_probe(view, at_a, silent, t0 + 1s);
    observe_probe(view, at_a, silent, t0 + 2s);
    EXPECT_EQ(view.probes[at_a].took_writes_at, t0);
    answer.closed = true;
    observe_probe(view, at_a, answer, t0 + 3s);
    EXPECT_EQ(view.probes[at_a].took_writes_at, std::nullopt);
    answer.closed = answer.same_cluster = false;
    observe_probe(view, at_a, answer, t0 + 4s);
    EXPECT_EQ(view.probes[at_a].took_writes_at, std::nullopt) << "it is a stranger";
}

TEST(ObserveSentinels, AsksAtOnceWhenANewOneHasRegistered) {
    View view = replica_in_sync();
    sentinels_name(view, at_a);
    observe_sentinels(view, {sentinel_1, sentinel_2, sentinel_3});
    EXPECT_FALSE(find_master(view, t0).ask_sentinels);
    observe_sentinels(view, {sentinel_1, sentinel_2, sentinel_3, {"10.0.1.4", 26379}});
    EXPECT_TRUE(find_master(view, t0).ask_sentinels);
}

TEST(ObserveSentinels, ForgetsTheOpinionOfOneThatIsGone) {
    View view = first_node();
    sentinels_name(view, at_a);
    observe_sentinels(view, {sentinel_3});
    EXPECT_EQ(view.sentinels.opinions.size(), 1U);
    EXPECT_TRUE(view.sentinels.opinions[sentinel_3].answered);
    EXPECT_EQ(view.sentinels.asked_at, t0);
}

TEST(ObserveOpinions, HearsOnlyRegisteredSentinels) {
    View view = first_node();
    observe_sentinels(view, {sentinel_1});
    observe_opinions(view,
                     {{sentinel_1, {.answered = true, .master = at_a, .config_epoch = 1}},
                      {sentinel_2, {.answered = true, .master = at_a, .config_epoch = 1}}},
                     t0);
    EXPECT_EQ(view.sentinels.opinions.size(), 1U);
    EXPECT_EQ(majority_of_sentinels(view), at_a);
}

// The rest of it: tests/unit/common/core/opinion_test.cc.
TEST(ObserveTime, OutdatesTheOpinionsWhenTheRecordHasGotAnotherTerm) {
    View view = first_node();
    recorded(view, 7, "a", at_a);
    sentinels_name(view, at_a);
    observe_time(view, t0);
    EXPECT_EQ(majority_of_sentinels(view), at_a);
    recorded(view, 8, "c", at_c);
    observe_time(view, t0 + 1ms);
    EXPECT_EQ(majority_of_sentinels(view), std::nullopt);
    observe_performed(view, AskSentinels{}, t0 + 2ms);
    observe_opinions(view, {{sentinel_1, {.answered = true, .master = at_c, .config_epoch = 2}}},
                     t0 + 3ms);
    EXPECT_TRUE(core::is_majority_heard(view.sentinels));
}

TEST(ObserveSession, LosesWhatBelongedToTheOldOneOnlyWithANewOne) {
    View view = recorded_master();
    view.lock = Lock::held;
    view.in_flight.publication = t0 + 3s;
    observe_session(view, false, false);
    observe_session(view, true, false);
    EXPECT_TRUE(view.registered);
    EXPECT_EQ(view.lock, Lock::held);
    observe_session(view, true, true);
    EXPECT_FALSE(view.registered);
    EXPECT_EQ(view.lock, Lock::none);
    EXPECT_EQ(view.in_flight.publication, std::nullopt);
}

TEST(ObservePerformed, KeepsATurnFromRepeatingWhatIsUnderWay) {
    View view = first_node();
    for (const Action& action :
         {Action{Promote{}}, Action{Follow{}}, Action{Park{}}, Action{Open{}}, Action{Offer{}},
          Action{Close{}}, Action{Pause{}}}) {
        view.in_flight.redis_command.reset();
        observe_performed(view, action, t0);
        EXPECT_EQ(view.in_flight.redis_command, t0 + 2s);
    }
    observe_performed(view, AskNode{at_a}, t0);
    EXPECT_EQ(view.probes[at_a].asked_until, t0 + core::time_for_a_question);
    observe_performed(view, AskSentinels{}, t0);
    EXPECT_EQ(view.sentinels.asked_until, t0 + core::time_for_a_question);
    observe_performed(view, Publish{}, t0);
    EXPECT_EQ(view.in_flight.publication, t0 + 3s);
    observe_performed(view, WriteRoster{}, t0);
    EXPECT_EQ(view.in_flight.roster, t0 + 3s);
    observe_performed(view, RequestFailover{}, t0);
    EXPECT_EQ(view.in_flight.failover_request, t0 + 3s);
    observe_performed(view, TakeLock{}, t0);
    EXPECT_EQ(view.lock, Lock::requested);
    observe_performed(view, ReleaseLock{}, t0);
    EXPECT_EQ(view.lock, Lock::none);
    observe_performed(view, ShutDown{}, t0);
    EXPECT_TRUE(view.shutdown_sent);
}

TEST(ObserveTime, TakesABusyRedisForAlive) {
    View view = recorded_master();
    observe_redis_busy(view, t0 + 9s);
    observe_time(view, t0 + 18s);
    EXPECT_FALSE(view.redis.hangs);
    observe_time(view, t0 + 19s);
    EXPECT_TRUE(view.redis.hangs);
}

TEST(ObserveTime, TakesARedisThatDoesNotAnswerForTenSecondsForOneThatHangs) {
    View view = recorded_master();
    view.redis.looked_at = t0;
    observe_time(view, t0 + 10s - 1ms);
    EXPECT_FALSE(view.redis.hangs);
    observe_time(view, t0 + 10s);
    EXPECT_TRUE(view.redis.hangs);
    view.redis.role = Role::loading;
    observe_time(view, t0 + 10s);
    EXPECT_FALSE(view.redis.hangs);
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
