#include "watcher/agent.h"

#include <utility>

#include "common/app/exit_status.h"
#include "common/app/identity.h"
#include "common/app/logging.h"
#include "watcher/core/decide.h"

namespace redis_zk::watcher {

using namespace std::chrono_literals;
using core::Done;
using core::Result;

namespace {

// We have nothing there that would have to vanish at once.
constexpr core::milliseconds time_to_say_goodbye = 500ms;

}  // namespace

Agent::Agent(event::Loop& loop, event::Reaper& reaper, const Config& config)
    : loop_{loop},
      config_{config},
      random_{std::random_device{}()},
      next_turn_{loop, [this] { turn(); }},
      tick_{loop, [this] { turn(); }},
      zookeeper_patience_{loop, config, [this] { finish(app::anything_else); }},
      resolver_{loop},
      questions_{loop, resolver_, config.question_options()},
      behaviours_{loop, reaper, config, metrics_,
                  [this](const Event& event) {
                      observe_event(view_, event.name, event.words, loop_.now());
                      next_turn_.schedule();
                  }},
      directory_{loop, resolver_, config, [this] { next_turn_.schedule(); }} {
    view_.self.name =
        "watcher " + app::random_id().substr(0, 8) + " at " + core::spoken(config.listen);
    view_.self.master_name = config.master_name;
    tick_.start(10ms);
}

Agent::~Agent() = default;

void Agent::stop() { finish(app::stopped_as_asked); }

void Agent::turn() {
    if (finishing_) return;
    const core::TimePoint now = loop_.now();
    if (observe_jump(view_, now, directory_.session_timeout() / 3)) {
        server::say_that_we_stood_still();
        directory_.distrust();
    }
    directory_.fill(view_);
    if (view_.zookeeper_connected) zookeeper_patience_.connected();
    view_.chance = random_();
    observe_time(view_, now);

    const auto actions = decide(view_, now);
    speaker_.begin_turn();
    for (const Action& action : actions) {
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
    if (const auto* it = std::get_if<AskSentinel>(&action)) ask_sentinel(it->sentinel);
    if (const auto* it = std::get_if<Listen>(&action)) listen(it->sentinel);
    if (std::holds_alternative<StopListening>(action)) subscription_.reset();
    if (const auto* it = std::get_if<Publish>(&action)) publish(*it);
}

void Agent::ask_node(const Endpoint& node) {
    questions_.ask_node(node, view_.cluster, [this, node](Probe probe) {
        observe_probe(view_, node, std::move(probe), loop_.now());
        next_turn_.schedule();
    });
}

void Agent::ask_sentinel(const Endpoint& sentinel) {
    questions_.ask_sentinels({sentinel}, [this](const std::map<Endpoint, Opinion>& opinions) {
        for (const auto& [asked, opinion] : opinions)
            observe_opinion(view_, asked, opinion, loop_.now());
        next_turn_.schedule();
    });
}

// A turn is an event of its own, so the former subscription may be destroyed here.
void Agent::listen(const Endpoint& sentinel) {
    subscription_ = std::make_unique<Subscription>(
        loop_, resolver_,
        Subscription::Options{sentinel, config_.sentinel_credentials, config_.master_name},
        Subscription::Handlers{[this, sentinel](const std::string& answer) {
                                   app::log_info("listening to the sentinel " +
                                                 core::spoken(sentinel) + ", which names " +
                                                 answer);
                                   observe_listening(view_, loop_.now());
                                   next_turn_.schedule();
                               },
                               [this, sentinel](std::string_view channel, std::string_view text) {
                                   behaviours_.heard(channel, text, sentinel);
                               },
                               [this, sentinel](const std::string& why) {
                                   app::log_warning("the sentinel " + core::spoken(sentinel) +
                                                    " cannot be listened to: " + why);
                                   observe_lost_sentinel(view_, loop_.now());
                                   next_turn_.schedule();
                               }});
}

void Agent::publish(const Publish& publication) {
    directory_.publish(publication,
                       [this, record = publication.record](const Result<Done>& result) {
                           auto outcome = Outcome::failed;
                           if (result) outcome = Outcome::written;
                           if (zk::was_overtaken(result)) outcome = Outcome::overtaken;
                           if (result)
                               app::log_info("the record names " + core::spoken(record.master) +
                                             " in term " + std::to_string(record.term));
                           else if (outcome == Outcome::overtaken)
                               app::log_debug("somebody else was faster to write the record");
                           else
                               speaker_.outcome("writing the record", result, loop_.now());
                           observe_published(view_, outcome, loop_.now());
                           next_turn_.schedule();
                       });
}

void Agent::finish(int exit_status) {
    if (std::exchange(finishing_, true)) return;
    subscription_.reset();
    directory_.close(time_to_say_goodbye, [this, exit_status] { loop_.stop(exit_status); });
}

}  // namespace redis_zk::watcher
