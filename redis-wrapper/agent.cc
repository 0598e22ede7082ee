#include "redis-wrapper/agent.h"

#include <cstdlib>

#include "common/app/exit_status.h"
#include "common/app/identity.h"
#include "common/app/logging.h"
#include "common/app/version.h"
#include "common/zk/documents.h"
#include "redis-wrapper/core/decide.h"

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;
using core::Done;
using core::Result;

namespace {

// How long ZooKeeper may take to end our session when we leave. Without it the entry stays until
// the session times out, which others can bear; a scheduler's patience may be shorter.
constexpr core::milliseconds time_to_say_goodbye = 1500ms;
constexpr core::milliseconds time_between_claims = 1000ms;

Self self_from(const Config& config, const std::optional<core::Claim>& claim) {
    Self self;
    self.id = claim && !claim->node.empty() ? claim->node : app::random_id();
    self.address = config.announce;
    self.priority = config.user.replica_priority;
    self.name = "redis-wrapper " + self.id.substr(0, 8) + " at " + core::spoken(config.announce);
    self.claimed_cluster = claim ? claim->cluster : std::string{};
    self.cluster_if_first = app::random_id();
    self.accept_data_loss = config.accept_data_loss;
    self.cold_start_wait = config.cold_start_wait;
    return self;
}

RedisChild::Options child_options(const Config& config) {
    return {config.redis_server,
            config.configuration_path(),
            config.socket_path(),
            config.credentials,
            config.user.replica_priority,
            config.user.min_replicas_to_write,
            config.user.min_replicas_max_lag};
}

// What people may want to know of a member and no program of ours reads.
std::map<std::string, std::string> notes_on(const Config& config) {
    std::map<std::string, std::string> notes{{"version", app::version}};
    if (config.http) notes["http"] = core::to_text({config.announce.host, config.http->port});
    if (const char* task = std::getenv("MESOS_TASK_ID")) notes["task"] = task;
    return notes;
}

}  // namespace

Agent::Agent(event::Loop& loop, event::Reaper& reaper, const Config& config, StateFile& state_file)
    : loop_{loop},
      config_{config},
      state_file_{state_file},
      tracker_{state_file.claim()},
      next_turn_{loop, [this] { turn(); }},
      tick_{loop,
            [this] {
                child_.look();
                turn();
            }},
      zookeeper_patience_{loop, [this] { give_up_on_zookeeper(); }},
      resolver_{loop},
      questions_{loop, resolver_, config.credentials, config.master_name},
      directory_{loop,
                 resolver_,
                 {config.hosts.servers, config.session_timeout, config.zk_credentials},
                 zk::Layout{config.hosts.chroot, config.root},
                 {[this] { next_turn_.schedule(); },
                  [](const std::string& sentence) { app::log_info(sentence); },
                  [](const std::string& sentence) { app::log_warning(sentence); }}},
      child_{loop,
             reaper,
             child_options(config),
             {[this](const RedisLook& look) { looked(look); },
              [this](const event::ExitStatus& status) { redis_ended(status); }}} {
    view_.self = self_from(config, state_file.claim());
    view_.stop_timeout = config.stop_timeout;
    if (config.zk_timeout > 0ms) zookeeper_patience_.start(config.zk_timeout);
    tick_.start(10ms);
}

Agent::~Agent() = default;

void Agent::stop() {
    if (!view_.stop_requested_at) view_.stop_requested_at = loop_.now();
    child_.look();  // for the last claim
    ++view_.stop_requests;
    next_turn_.schedule();
}

void Agent::turn() {
    if (finishing_) return;
    const core::TimePoint now = loop_.now();
    directory_.fill(view_);
    if (view_.zookeeper_connected) zookeeper_patience_.stop();
    observe_time(view_, now);
    child_.prove_membership(view_.record.cluster());
    if (entry_ && is_entry_outdated(*entry_, self_as_member(view_))) write_entry();

    const auto actions = decide(view_, now);
    doing_.clear();
    for (const Action& action : actions) {
        if (finishing_) return;
        speak(action);
        observe_performed(view_, action, now);
        perform(action);
    }
    if (doing_.empty()) waits_.forget();
    tick_.start_at(next_deadline(view_, now));
}

// Each change and each wait has its line; a wait that lasts is repeated at growing intervals.
void Agent::speak(const Action& action) {
    const std::string sentence = describe(action);
    if (sentence.empty()) return;
    if (const auto* wait = std::get_if<Wait>(&action)) {
        doing_ = sentence;
        if (waits_.should_say(wait->reason, loop_.now())) app::log_info(sentence);
        return;
    }
    if (deeds_.should_say(sentence, loop_.now())) app::log_info(sentence);
    metrics_
        .counter("redis_zk_actions_total", "What was done, by kind",
                 {{"kind", sentence.substr(0, sentence.find_first_of(" ,"))}})
        .add();
}

// What fails again and again is said at growing intervals too.
void Agent::log_outcome(const char* what, const Result<Done>& result) {
    if (result) return;
    const std::string sentence = std::string{what} + " failed: " + result.error().message;
    if (complaints_.should_say(sentence, loop_.now())) app::log_warning(sentence);
}

void Agent::perform(const Action& action) {
    perform_on_redis(action);
    perform_elsewhere(action);
}

void Agent::perform_on_redis(const Action& action) {
    const auto done = [this](const Result<Done>& result) {
        log_outcome("the command to redis", result);
        view_.in_flight.redis_command.reset();
        next_turn_.schedule();
    };
    if (std::holds_alternative<Promote>(action)) child_.promote(done);
    if (std::holds_alternative<Follow>(action) && view_.redis.brings_data)
        app::log_warning(
            "the data that this node came with belong to no cluster, and are replaced");
    if (const auto* it = std::get_if<Follow>(&action)) child_.follow(it->master, done);
    if (std::holds_alternative<Park>(action)) child_.park(done);
    if (std::holds_alternative<Open>(action)) child_.open(done);
    if (std::holds_alternative<Close>(action)) child_.close(done);
    if (std::holds_alternative<ShutDown>(action)) child_.shut_down();
    if (std::holds_alternative<Kill>(action)) child_.kill();
}

void Agent::perform_elsewhere(const Action& action) {
    if (const auto* it = std::get_if<AskNode>(&action)) {
        app::log_debug("ask " + core::spoken(it->node) + " for its role");
        questions_.ask_node(it->node, view_.record.cluster(), [this, node = it->node](Probe probe) {
            observe_probe(view_, node, std::move(probe), loop_.now());
            next_turn_.schedule();
        });
    }
    if (std::holds_alternative<AskSentinels>(action)) {
        app::log_debug("ask the sentinels");
        std::vector<core::Endpoint> sentinels;
        for (const auto& [sentinel, opinion] : view_.sentinels.opinions)
            sentinels.push_back(sentinel);
        questions_.ask_sentinels(sentinels, [this](const std::map<core::Endpoint, Opinion>& them) {
            observe_opinions(view_, them, loop_.now());
            next_turn_.schedule();
        });
    }
    if (const auto* it = std::get_if<RequestFailover>(&action))
        questions_.request_failover(it->sentinel,
                                    [](const std::string& answer) { app::log_info(answer); });
    if (std::holds_alternative<Register>(action)) write_entry();
    if (std::holds_alternative<TakeLock>(action)) directory_.take_lock();
    if (std::holds_alternative<ReleaseLock>(action)) directory_.release_lock();
    if (const auto* it = std::get_if<Publish>(&action)) {
        child_.prove_membership(it->record.cluster);
        directory_.publish(it->record, [this](const Result<Done>& result) {
            log_outcome("writing the record", result);
            view_.in_flight.publication.reset();
        });
    }
    if (const auto* it = std::get_if<WriteRoster>(&action))
        directory_.write_roster(it->roster, [this](const Result<Done>& result) {
            log_outcome("writing the roster", result);
            view_.in_flight.roster.reset();
        });
    if (const auto* it = std::get_if<Refuse>(&action)) {
        app::log_error(it->reason);
        finish(app::wrong_configuration);
    }
    if (std::holds_alternative<Exit>(action)) finish(app::stopped_as_asked);
}

void Agent::looked(const RedisLook& look) {
    observe_redis(view_, tracker_, look, loop_.now());
    keep_claim();
    next_turn_.schedule();
}

// Our entry among the members: made when the policy says so, then kept true, in every session.
void Agent::write_entry() {
    entry_ = self_as_member(view_);
    directory_.register_as(entry_->id, zk::member_document(*entry_, notes_on(config_)));
}

// Beside the data: at once when the role changes, once a second while the offset moves.
void Agent::keep_claim() {
    if (view_.redis.role == core::Role::stopped || view_.redis.role == core::Role::loading) return;
    const core::Claim claim = tracker_.claim(view_.self.id, view_.self.claimed_cluster);
    if (claim == written_claim_) return;
    const bool role_changed = view_.redis.role != claim_written_as_;
    const core::TimePoint now = loop_.now();
    const bool is_urgent = role_changed || view_.stop_requested_at;
    if (!is_urgent && now - claim_written_at_ < time_between_claims) return;
    const auto written = state_file_.write(claim);
    log_outcome("writing the state file", written);
    claim_written_at_ = now;
    if (!written) return;
    written_claim_ = claim;
    claim_written_as_ = view_.redis.role;
}

void Agent::redis_ended(const event::ExitStatus& status) {
    observe_redis_gone(view_);
    if (view_.stop_requested_at) return next_turn_.schedule();
    if (const auto refusal = child_.refusal()) {
        app::log_error("redis-server refuses its configuration: " + *refusal);
        return finish(app::wrong_configuration);
    }
    if (!child_.has_answered() && event::number_of_shell(status) == 0) {
        app::log_error("REDIS_SERVER: " + config_.redis_server +
                       " has ended with status 0 and never answered, so it is no redis-server");
        return finish(app::wrong_configuration);
    }
    app::log_error("redis-server has ended: " + event::spoken(status) + "; its last lines were:");
    for (const std::string& line : child_.last_lines())
        app::log_line_of_child("redis-server", line);
    finish(event::number_of_shell(status));
}

void Agent::give_up_on_zookeeper() {
    app::log_error("ZooKeeper could not be reached within ZK_TIMEOUT, " +
                   std::to_string(config_.zk_timeout.count()) + " ms");
    finish(app::anything_else);
}

void Agent::finish(int exit_status) {
    if (std::exchange(finishing_, true)) return;
    child_.kill();
    directory_.close(time_to_say_goodbye, [this, exit_status] { loop_.stop(exit_status); });
}

}  // namespace redis_zk::redis_wrapper
