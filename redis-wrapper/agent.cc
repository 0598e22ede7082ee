#include "redis-wrapper/agent.h"

#include <cerrno>
#include <ctime>
#include <utility>

#include "common/app/exit_status.h"
#include "common/app/identity.h"
#include "common/app/logging.h"
#include "common/server/ending.h"
#include "common/zk/documents.h"
#include "common/zk/record_writer.h"
#include "redis-wrapper/core/decide.h"
#include "redis-wrapper/core/quarantine.h"
#include "redis-wrapper/core/storm.h"
#include "redis-wrapper/notes.h"
#include "redis-wrapper/unfinished_saves.h"

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;
using core::Done;
using core::Result;

namespace {

// How long ZooKeeper may take to end our session when we leave. Without it the entry stays until
// the session times out, which others can bear; a scheduler's patience may be shorter.
constexpr core::milliseconds time_to_say_goodbye = 1500ms;
constexpr core::milliseconds time_between_claims = 1000ms;
constexpr core::milliseconds longest_time_between_looks = 1000ms;

Self self_from(const Config& config, const std::optional<core::Claim>& claim) {
    Self self;
    self.id = claim && !claim->node.empty() ? claim->node : app::random_id();
    self.address = config.announce;
    self.priority = config.user.replica_priority;
    self.name = "redis-wrapper " + self.id.substr(0, 8) + " at " + core::spoken(config.announce);
    self.claimed_cluster = claim ? claim->cluster : std::string{};
    self.cluster_if_first = app::random_id();
    if (claim) self.own_writes = claim->own_writes;
    self.keeps_quarantine = config.quarantine.files > 0;
    self.accept_data_loss = config.accept_data_loss;
    self.cold_start_wait = config.cold_start_wait;
    return self;
}

redis::Credentials login_at_a_plain_master(const Config& config) {
    if (!config.user.masterauth) return config.credentials;
    return {config.user.masteruser.value_or(""), *config.user.masterauth};
}

RedisChild::Options child_options(const Config& config) {
    return {config.redis_server,
            config.configuration_path(),
            config.socket_path(),
            config.credentials,
            login_at_a_plain_master(config),
            config.user.replica_priority,
            config.user.min_replicas_to_write,
            config.user.min_replicas_max_lag,
            config.shutdown_timeout()};
}

}  // namespace

Agent::Agent(event::Loop& loop, event::Reaper& reaper, const Config& config, Preparation& prepared)
    : loop_{loop},
      config_{config},
      prepared_{prepared},
      tracker_{prepared.state_file.claim()},
      random_{std::random_device{}()},
      next_turn_{loop, [this] { turn(); }},
      tick_{loop,
            [this] {
                child_.look();
                turn();
            }},
      zookeeper_patience_{loop, config, [this] { finish(app::anything_else); }},
      resolver_{loop},
      questions_{loop, resolver_, config.question_options()},
      directory_{loop, resolver_, config, [this] { next_turn_.schedule(); }},
      child_{loop,
             reaper,
             child_options(config),
             {[this](const RedisLook& look) { looked(look); },
              [this] { observe_redis_busy(view_, loop_.now()); },
              [this](const event::ExitStatus& status) { redis_ended(status); }}},
      loss_report_{directory_, metrics_} {
    view_.self = self_from(config, prepared.state_file.claim());
    if (const auto& claim = prepared.state_file.claim())
        recall_early_crashes(view_, claim->early_crashes, std::time(nullptr), loop_.now());
    view_.stop_timeout = config.stop_timeout;
    view_.hand_over_timeout = config.hand_over_timeout;
    tick_.start(10ms);
}

Agent::~Agent() = default;

void Agent::stop() {
    observe_stop(view_, loop_.now());
    child_.look();  // for the last claim
    next_turn_.schedule();
}

void Agent::hand_over() {
    observe_hand_over_request(view_, loop_.now());
    next_turn_.schedule();
}

void Agent::turn() {
    if (finishing_) return;
    const core::TimePoint now = loop_.now();
    if (observe_jump(view_, now, directory_.session_timeout())) {
        server::say_that_we_stood_still();
        directory_.distrust();
        child_.look();
    }
    // However many turns there are, and whatever wakes us: the ticks alone would starve.
    if (now - view_.redis.looked_at >= longest_time_between_looks) child_.look();
    const std::uint64_t term = view_.record.term();
    const auto reported = loss_report_.term();
    directory_.read_history_of(reported ? reported : term_without_us(view_));
    directory_.fill(view_);
    loss_report_.turn(view_, now);
    // It tells which term our data have joined.
    if (view_.record.term() != term) child_.look();
    if (view_.zookeeper_connected) zookeeper_patience_.connected();
    observe_time(view_, now);
    has_been_member_ = has_been_member_ || view_.registered;
    child_.prove_membership(view_.record.cluster());
    if (may_be_copied(view_)) child_.lend_data();
    if (entry_ && is_entry_outdated(*entry_, self_as_member(view_))) write_entry();

    say_whether_it_steps_back();

    const auto actions = decide(view_, now);
    speaker_.begin_turn();
    for (const Action& action : actions) {
        if (finishing_) return;
        speaker_.speak(describe(action), std::get_if<Wait>(&action), loop_.now());
        observe_performed(view_, action, now);
        perform(action);
    }
    speaker_.end_turn();
    view_.next_turn_at = next_deadline(view_, now);
    tick_.start_at(view_.next_turn_at);
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
    if (std::holds_alternative<Open>(action)) {
        keep_claim();  // it is to say what redis may have as soon as it may
        child_.open(done);
    }
    if (std::holds_alternative<Offer>(action)) child_.offer(done);
    if (std::holds_alternative<Close>(action)) child_.close(done);
    if (const auto* it = std::get_if<Pause>(&action)) child_.pause(it->duration, done);
    if (std::holds_alternative<EndHandOver>(action)) {
        keep_claim();
        if (view_.hand_over->paused_at) child_.unpause();
    }
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
    if (const auto* it = std::get_if<KeepInTouch>(&action)) keep_in_touch(it->sentinel);
    if (const auto* it = std::get_if<RequestFailover>(&action))
        questions_.request_failover(
            it->sentinel,
            [this, sentinel = it->sentinel](const redis::Questions::FailoverAnswer& answer) {
                if (answers_.should_say(answer.sentence, loop_.now()))
                    app::log_info(answer.sentence);
                observe_failover_answer(view_, sentinel, answer.is_under_way);
                next_turn_.schedule();
            });
    if (std::holds_alternative<Register>(action)) write_entry();
    if (std::holds_alternative<TakeLock>(action)) directory_.take_lock();
    if (std::holds_alternative<ReleaseLock>(action)) directory_.release_lock();
    if (const auto* it = std::get_if<Publish>(&action)) {
        child_.prove_membership(it->record.cluster);
        directory_.publish(it->record, it->change, [this](const Result<Done>& result) {
            log_outcome("writing the record", result);
            const bool failed = !result && !zk::was_overtaken(result);
            observe_published(view_, failed, random_(), loop_.now());
            next_turn_.schedule();
        });
    }
    if (const auto* it = std::get_if<WriteRoster>(&action))
        directory_.write_roster(it->roster, [this](const Result<Done>& result) {
            log_outcome("writing the roster", result);
            view_.in_flight.roster.reset();
        });
    if (const auto* it = std::get_if<QuarantineData>(&action)) quarantine(*it);
    if (const auto* it = std::get_if<Refuse>(&action)) refuse(it->reason);
    if (std::holds_alternative<Exit>(action)) finish(exit_status_);
}

void Agent::quarantine(const QuarantineData& action) {
    if (!action.keeps_data) return quarantined(action.loss, "");
    snapshot_.emplace(
        loop_, config_.socket_path(), config_.credentials,
        [this, loss = action.loss](const Result<std::string>& snapshot) {
            auto kept = snapshot ? keep_in_quarantine(config_.data_dir, *snapshot, loss.had,
                                                      config_.quarantine)
                                 : Result<std::string>{snapshot.error()};
            if (!kept)
                app::log_warning("the data that are lost cannot be kept: " + kept.error().message);
            quarantined(loss, kept ? *kept : "");
            next_turn_.schedule();
        });
}

void Agent::quarantined(const core::Loss& loss, const std::string& kept_as) {
    const bool leads_again = view_.redis.role == core::Role::master;
    const bool are_replaced = !leads_again && !redis_has_ended_ && !view_.stop_requested_at;
    if (!are_replaced) return view_.quarantine.reset();
    observe_quarantine(view_);
    loss_report_.begin(loss, kept_as);
}

void Agent::keep_in_touch(const core::Endpoint& sentinel) {
    const core::TimePoint asked_at = loop_.now();
    questions_.ask_sentinel_for_master(
        sentinel, [this, sentinel, asked_at](const Result<redis::SentinelMaster>& master) {
            const bool is_dead = !master && master.error().code == ECONNREFUSED;
            if (!master && !is_dead) return;
            std::optional<Watch> watch;
            if (master)
                watch =
                    Watch{master->endpoint, !master->flags.subjectively_down,
                          master->flags.failover_in_progress,
                          static_cast<std::uint64_t>(master->config_epoch), master->unanswered_for};
            observe_contact(view_, sentinel, asked_at, watch);
            next_turn_.schedule();
        });
}

void Agent::looked(const RedisLook& look) {
    if (redis_has_ended_) return;  // an answer that was on its way
    if (view_.redis.role == core::Role::stopped) begin();
    observe_redis(view_, tracker_, look, loop_.now());
    keep_claim();
    next_turn_.schedule();
}

// Our entry among the members: made when the policy says so, then kept true, in every session.
void Agent::write_entry() {
    entry_ = self_as_member(view_);
    directory_.register_as(entry_->id, zk::member_document(*entry_, notes_on(config_)));
}

// The redis-server has answered, so it has taken its configuration. Until then nothing is written.
void Agent::begin() {
    directory_.make_folders();
    for (const std::string& path :
         remove_unfinished_saves(std::exchange(prepared_.unfinished_saves, {})))
        app::log_info("removed " + path +
                      ", which a redis-server that was killed had not finished");
}

// Beside the data: at once when role or term change, once a second while the offset moves.
void Agent::keep_claim() {
    if (view_.redis.role == core::Role::stopped || view_.redis.role == core::Role::loading) return;
    StateFile& file = prepared_.state_file;
    // A start that may still be refused begins no file.
    if (!has_been_member_ && !file.claim()) return;
    const core::Claim claim = claim_of(view_, tracker_);
    if (claim == written_claim_) return;
    const bool role_changed = view_.redis.role != claim_written_as_;
    const core::TimePoint now = loop_.now();
    const auto term = [](const core::Claim& it) {
        return it.lineage ? std::optional{it.lineage->term} : std::nullopt;
    };
    const bool term_changed = term(claim) != term(written_claim_);
    const bool own_writes_changed = claim.own_writes != written_claim_.own_writes;
    const bool crashed = claim.early_crashes != written_claim_.early_crashes;
    const bool is_urgent =
        role_changed || term_changed || own_writes_changed || crashed || view_.stop_requested_at;
    if (!is_urgent && now - claim_written_at_ < time_between_claims) return;
    if (file.is_in_the_way()) {
        const auto aside = file.set_aside();
        app::log_warning(aside ? *aside : aside.error().message);
        if (!aside) return;
    }
    const auto written = file.write(claim);
    log_outcome("writing the state file", written);
    claim_written_at_ = now;
    if (!written) return;
    written_claim_ = claim;
    claim_written_as_ = view_.redis.role;
}

// Once, though others may come and go meanwhile: until this node leads, or nothing counts any more.
void Agent::say_whether_it_steps_back() {
    const bool leads = view_.redis.role == core::Role::master;
    if (said_that_it_steps_back_ && (leads || !crashes_early(view_))) {
        said_that_it_steps_back_ = false;
        app::log_info(std::string{"this node steps back no longer: "} +
                      (leads ? "no other node could lead" : "its crashes are long ago"));
    }
    if (said_that_it_steps_back_ || !steps_back(view_)) return;
    said_that_it_steps_back_ = true;
    app::log_warning(spoken_crashes(view_) + ": this node steps back (replica-priority 0) for " +
                     std::to_string(seconds_to_step_back(view_, loop_.now())) +
                     " s, or until no other node can lead");
}

void Agent::redis_ended(const event::ExitStatus& status) {
    if (finishing_) return;
    redis_has_ended_ = true;
    if (view_.shutdown_sent) {
        observe_redis_gone(view_);
        return next_turn_.schedule();
    }
    if (count_early_crash(view_, std::time(nullptr), loop_.now())) keep_claim();
    observe_redis_death(view_, loop_.now());
    if (const auto why = child_.why_too_old()) return refuse(*why);
    exit_status_ = server::explain({.server = "redis-server",
                                    .option = "REDIS_SERVER",
                                    .executable = config_.redis_server,
                                    .status = status,
                                    .has_answered = child_.has_answered(),
                                    .refusal = child_.refusal(),
                                    .last_lines = child_.last_lines()});
    leave_nothing_of_a_refused_start(exit_status_);
    next_turn_.schedule();
}

void Agent::refuse(const std::string& why) {
    app::log_error(why);
    leave_nothing_of_a_refused_start(app::wrong_configuration);
    finish(app::wrong_configuration);
}

void Agent::leave_nothing_of_a_refused_start(int exit_status) {
    if (exit_status == app::wrong_configuration && !has_been_member_)
        prepared_.directories.discard();
}

void Agent::finish(int exit_status) {
    if (std::exchange(finishing_, true)) return;
    child_.kill();
    directory_.close(time_to_say_goodbye, [this, exit_status] { loop_.stop(exit_status); });
}

}  // namespace redis_zk::redis_wrapper
