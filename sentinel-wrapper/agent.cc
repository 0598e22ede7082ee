#include "sentinel-wrapper/agent.h"

#include <cerrno>
#include <utility>

#include "common/app/logging.h"
#include "common/server/ending.h"
#include "sentinel-wrapper/core/decide.h"
#include "sentinel-wrapper/generated_configuration.h"

namespace redis_zk::sentinel_wrapper {

using namespace std::chrono_literals;
using core::Done;
using core::Result;

namespace {

// How long ZooKeeper may take to end our session when we leave. Without it the entry stays until
// the session times out, which others can bear; a scheduler's patience may be shorter.
constexpr core::milliseconds time_to_say_goodbye = 1500ms;
constexpr core::milliseconds longest_time_between_looks = 1000ms;

Self self_from(const Config& config) {
    Self self;
    self.address = config.announce;
    self.quorum = config.quorum;
    self.master_timeout = config.master_timeout;
    self.ghost_timeout = config.ghost_timeout;
    self.failover_timeout = config.failover_timeout;
    self.drain = config.drain;
    self.stop_timeout = config.stop_timeout;
    return self;
}

// An answer that is no id comes from a server that is no sentinel: somebody else has the address.
PeerProbe peer_from(const Result<redis::Questions::WhoIsWho>& who) {
    PeerProbe probe;
    probe.answer = PeerProbe::Answer::alive;
    if (who) {
        probe.id = who->id;
        probe.knows_us_at = who->knows_at;
    } else if (who.error().code == ECONNREFUSED)
        probe.answer = PeerProbe::Answer::dead;
    else if (who.error().code == EACCES)
        probe.answer = PeerProbe::Answer::refuses_us;
    else if (who.error().fault == core::Fault::connection_lost && who.error().code != EPROTO)
        probe.answer = PeerProbe::Answer::silent;
    return probe;
}

}  // namespace

Agent::Agent(event::Loop& loop, event::Reaper& reaper, const Config& config)
    : loop_{loop},
      reaper_{reaper},
      config_{config},
      next_turn_{loop, [this] { turn(); }},
      tick_{loop,
            [this] {
                if (child_) child_->look();
                turn();
            }},
      zookeeper_patience_{loop, config, [this] { finish(app::anything_else); }},
      resolver_{loop},
      questions_{loop, resolver_, config.question_options()},
      directory_{loop, resolver_, config, [this] { next_turn_.schedule(); }} {
    view_.self = self_from(config);
    tick_.start(10ms);
}

Agent::~Agent() = default;

void Agent::stop() {
    if (!view_.stop_requested_at) view_.stop_requested_at = loop_.now();
    ++view_.stop_requests;
    next_turn_.schedule();
}

void Agent::turn() {
    if (finishing_) return;
    const core::TimePoint now = loop_.now();
    if (observe_jump(view_, now, directory_.session_timeout() / 3)) {
        server::say_that_we_stood_still();
        directory_.distrust();
    }
    // However many turns there are, and whatever wakes us: the ticks alone would starve.
    if (child_ && now - view_.sentinel.looked_at >= longest_time_between_looks) child_->look();
    directory_.fill(view_);
    if (view_.zookeeper_connected) zookeeper_patience_.connected();
    observe_time(view_, now);
    if (child_) child_->belong_to(view_.record.cluster());
    view_.sentinel.cuts_clients_soon = child_ && child_->is_admitting();

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
    if (const auto* it = std::get_if<AskNode>(&action)) ask_node(it->node);
    if (std::holds_alternative<AskSentinels>(action)) ask_sentinels();
    if (const auto* it = std::get_if<AskPeer>(&action)) ask_peer(it->sentinel);
    perform_on_sentinel(action);
    perform_in_zookeeper(action);
    if (const auto* it = std::get_if<GiveUp>(&action)) {
        app::log_error(it->reason);
        finish(app::no_master);
    }
    if (std::holds_alternative<Exit>(action)) finish(exit_status_);
}

void Agent::perform_on_sentinel(const Action& action) {
    const auto done = [this](const Result<Done>& result) {
        speaker_.outcome("the command to the sentinel", result, loop_.now());
        observe_command_done(view_);
        next_turn_.schedule();
    };
    if (const auto* it = std::get_if<Start>(&action)) start(*it);
    if (!child_) return;
    if (const auto* it = std::get_if<Monitor>(&action)) child_->monitor(*it, done);
    if (std::holds_alternative<StopMonitoring>(action)) child_->stop_monitoring(done);
    if (std::holds_alternative<Reset>(action)) child_->reset(done);
    if (const auto* it = std::get_if<SetQuorum>(&action)) child_->set_quorum(it->quorum, done);
    if (std::holds_alternative<ShutDown>(action)) child_->shut_down();
    if (std::holds_alternative<Kill>(action)) child_->kill();
    if (std::holds_alternative<Abandon>(action)) {
        app::log_error("redis-sentinel has never answered; the last trouble was: " +
                       child_->trouble());
        child_->kill();
    }
}

void Agent::count_removed(const char* kind, std::size_t number) {
    metrics_
        .counter("redis_zk_removed_total", "Whom the sentinel was made to forget, by kind",
                 {{"kind", kind}})
        .add(static_cast<double>(number));
}

void Agent::perform_in_zookeeper(const Action& action) {
    if (std::holds_alternative<ClaimIdentity>(action))
        directory_.claim_identity(view_.self.address);
    if (const auto* it = std::get_if<JudgeSuspect>(&action))
        directory_.answer_about(it->id, it->may_live);
    if (std::holds_alternative<ReleaseIdentity>(action)) directory_.release_identity();
    if (std::holds_alternative<Register>(action)) directory_.register_at(view_.self.address);
    if (std::holds_alternative<Deregister>(action))
        directory_.deregister([this] {
            observe_registration_done(view_);
            next_turn_.schedule();
        });
    if (std::holds_alternative<TakeLock>(action)) directory_.take_lock();
    if (std::holds_alternative<ReleaseLock>(action)) directory_.release_lock();
}

void Agent::start(const Start& action) {
    const auto written = write_generated_configuration(
        config_, {action.id, action.master, action.quorum, action.epochs});
    if (!written) {
        app::log_error(written.error().message);
        return finish(app::anything_else);
    }
    child_ = std::make_unique<SentinelChild>(
        loop_, reaper_, resolver_, config_,
        SentinelChild::Handlers{
            [this](const SentinelLook& look) {
                const std::size_t replicas = view_.removed.replicas;
                const std::size_t sentinels = view_.removed.sentinels;
                observe_sentinel(view_, look, loop_.now());
                count_removed("replica", view_.removed.replicas - replicas);
                count_removed("sentinel", view_.removed.sentinels - sentinels);
                next_turn_.schedule();
            },
            [this](const event::ExitStatus& status) { sentinel_ended(status); }});
}

void Agent::ask_node(const Endpoint& node) {
    app::log_debug("ask " + core::spoken(node) + " for its role");
    questions_.ask_node(node, view_.record.cluster(), [this, node](Probe probe) {
        observe_probe(view_, node, std::move(probe), loop_.now());
        next_turn_.schedule();
    });
}

void Agent::ask_sentinels() {
    app::log_debug("ask the sentinels");
    std::vector<Endpoint> sentinels;
    for (const auto& [sentinel, opinion] : view_.registered_sentinels.opinions)
        sentinels.push_back(sentinel);
    questions_.ask_sentinels(sentinels, [this](const std::map<Endpoint, Opinion>& opinions) {
        observe_opinions(view_, opinions, loop_.now());
        next_turn_.schedule();
    });
}

void Agent::ask_peer(const Endpoint& sentinel) {
    questions_.ask_sentinel_who_is_who(
        sentinel, view_.sentinel.id,
        [this, sentinel](const Result<redis::Questions::WhoIsWho>& who) {
            observe_peer(view_, sentinel, peer_from(who), loop_.now());
            next_turn_.schedule();
        });
}

// When it was not asked to, we end with its status; but first its id goes back to the pool.
void Agent::sentinel_ended(const event::ExitStatus& status) {
    const bool was_asked_to = view_.sentinel.asked_to_stop;
    const bool was_abandoned = view_.sentinel.abandoned;
    observe_sentinel_gone(view_);
    next_turn_.schedule();
    if (was_asked_to || finishing_) return;
    exit_status_ = server::explain({.server = "redis-sentinel",
                                    .option = "SENTINEL_SERVER",
                                    .executable = config_.sentinel_server,
                                    .status = status,
                                    .has_answered = child_->has_answered(),
                                    .abandoned = was_abandoned,
                                    .refusal = child_->refusal(),
                                    .last_lines = child_->last_lines()});
    directory_.deregister([] {});
    view_.stop_requested_at = loop_.now();
}

void Agent::finish(int exit_status) {
    if (std::exchange(finishing_, true)) return;
    if (child_) child_->kill();
    directory_.close(time_to_say_goodbye, [this, exit_status] { loop_.stop(exit_status); });
}

}  // namespace redis_zk::sentinel_wrapper
