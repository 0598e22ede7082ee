#include "watcher/behaviours.h"

namespace redis_zk::watcher {

using namespace std::chrono_literals;

namespace {

// A sentinel that goes wild must not fill the disk.
constexpr core::milliseconds window = 1s;
constexpr std::size_t most_logged = 50;

std::string text_of(const zk::Hosts& hosts) {
    std::string text;
    for (const core::Endpoint& server : hosts.servers)
        text += (text.empty() ? "" : ",") + core::spoken(server);
    return text + hosts.chroot;
}

}  // namespace

Behaviours::Behaviours(event::Loop& loop, event::Reaper& reaper, const Config& config,
                       app::Metrics& metrics, std::function<void(const Event&)> on_hint)
    : loop_{loop},
      config_{config},
      metrics_{metrics},
      on_hint_{std::move(on_hint)},
      window_{loop, [this] { end_of_window(); }},
      hooks_{loop,
             reaper,
             {.hooks = config.hooks,
              .timeout = config.hook_timeout,
              .queue = config.hook_queue,
              .master_name = config.master_name,
              .zookeeper_hosts = text_of(config.hosts),
              .zookeeper_root = config.root},
             metrics} {}

void Behaviours::heard(std::string_view channel, std::string_view text,
                       const core::Endpoint& sentinel) {
    const auto event = parse_event(channel, text, sentinel, std::chrono::system_clock::now());
    if (event) return happened(*event);
    metrics_
        .counter("redis_zk_unreadable_events_total",
                 "Messages of sentinels on channels that are no events")
        .add();
    const std::string sentence = core::spoken(sentinel) + " publishes what is no event: ";
    if (complaints_.should_say(sentence, loop_.now()))
        app::log_warning(sentence + '"' + std::string{channel.substr(0, longest_name)} + '"');
}

void Behaviours::happened(const Event& event) {
    const BehaviourSet wanted = behaviours_of(event.name, event.words);
    const bool is_ours = may_concern(event, config_.master_name);
    for (const Behaviour behaviour : all_behaviours)
        if (wanted.contains(behaviour) && (is_ours || is_for_any_master(behaviour)))
            perform(behaviour, event);
}

void Behaviours::perform(Behaviour behaviour, const Event& event) {
    switch (behaviour) {
        case Behaviour::look:
        case Behaviour::alarm: return on_hint_(event);
        case Behaviour::count: return count(event);
        case Behaviour::log: return write_to_log(app::LogLevel::info, event);
        case Behaviour::warn: return write_to_log(app::LogLevel::warning, event);
        case Behaviour::keep: return keep(event);
        case Behaviour::run_hooks: return hooks_.run(event);
    }
}

// The label has as many values as Sentinel has events: who makes names up must not fill our memory.
void Behaviours::count(const Event& event) {
    metrics_
        .counter("redis_zk_events_total", "Events that a sentinel has published",
                 {{"event", is_known_event(event.name) ? event.name : "other"}})
        .add();
}

void Behaviours::write_to_log(app::LogLevel level, const Event& event) {
    if (!window_.is_armed()) window_.start(window);
    if (++logged_ <= most_logged)
        app::log(level, "event of " + core::spoken(event.sentinel) + ": " + spoken(event));
}

void Behaviours::end_of_window() {
    if (logged_ > most_logged)
        app::log_warning(std::to_string(logged_ - most_logged) +
                         " more events came within a second and were not logged");
    logged_ = 0;
}

void Behaviours::keep(const Event& event) {
    events_.push_back(event);
    if (events_.size() > events_to_keep) events_.pop_front();
}

}  // namespace redis_zk::watcher
