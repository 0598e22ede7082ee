#include "watcher/hooks.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <deque>
#include <filesystem>
#include <optional>

#include "common/app/logging.h"
#include "common/app/options.h"
#include "common/core/repetition.h"
#include "common/event/child_process.h"
#include "common/event/next_turn.h"
#include "common/event/timer.h"

namespace redis_zk::watcher {

namespace {

// Of one run. Who writes more than the last is no use to anybody and is killed.
constexpr std::size_t most_lines = 100;
constexpr std::size_t longest_logged_line = 1024;
constexpr std::size_t most_output = 1024UL * 1024;

constexpr std::array passed_on{
    "PATH",   "HOME", "USER",          "LANG",          "LC_ALL",         "TZ",
    "TMPDIR", "HOST", "MESOS_TASK_ID", "MESOS_SANDBOX", "MARATHON_APP_ID"};

std::string words_of(const Event& event) {
    std::string text;
    for (const std::string& word : event.words) text += (text.empty() ? "" : " ") + word;
    return text;
}

std::string file_of(const std::string& executable) {
    return std::filesystem::path{executable}.filename().string();
}

// The name of its file, unless another command has the same: then they would be counted as one.
std::string name_of(const std::string& executable, const std::vector<Hook>& hooks) {
    const bool is_shared = std::ranges::any_of(hooks, [&](const Hook& other) {
        return other.executable != executable && file_of(other.executable) == file_of(executable);
    });
    return is_shared ? executable : file_of(executable);
}

}  // namespace

// One command. What it is doing is what `child_` and `waiting_` say; a turn of its own goes on.
class Hooks::Runner {
  public:
    Runner(event::Loop& loop, event::Reaper& reaper, std::string executable, std::string name,
           const Options& options, app::Metrics& metrics)
        : loop_{loop},
          reaper_{reaper},
          executable_{std::move(executable)},
          name_{std::move(name)},
          options_{options},
          metrics_{metrics},
          deadline_{loop, [this] { cut_off("did not end within HOOK_TIMEOUT"); }},
          next_{loop, [this] { start_next(); }} {}

    void add(const Event& event) {
        if (waiting_.size() >= options_.queue) {
            waiting_.pop_front();
            metrics_
                .counter("redis_zk_hook_events_dropped_total",
                         "Events that no command was run for, because too many were waiting",
                         {{"hook", name_}})
                .add();
            say(app::LogLevel::warning,
                "hook " + executable_ +
                    ": more events wait than HOOK_QUEUE allows, the oldest are "
                    "dropped",
                "");
        }
        waiting_.push_back(event);
        next_.schedule();
    }

    bool is_idle() const { return !child_ && waiting_.empty(); }

  private:
    void start_next();
    void heard(const std::string& line);
    void cut_off(const std::string& why);
    void ended(const event::ExitStatus& status);
    // `detail` may change all the time.
    void say(app::LogLevel level, const std::string& sentence, const std::string& detail);

    event::Loop& loop_;
    event::Reaper& reaper_;
    const std::string executable_;
    const std::string name_;  // in the log and the metrics
    const Options& options_;
    app::Metrics& metrics_;
    core::Repetition said_;
    std::deque<Event> waiting_;

    // Of the run that is under way.
    std::string event_;
    core::TimePoint started_at_{};
    std::size_t lines_ = 0;
    std::size_t bytes_ = 0;
    std::string cut_off_because_;
    pid_t group_ = 0;

    std::unique_ptr<event::ChildProcess> child_;
    event::Timer deadline_;
    event::NextTurn next_;
};

void Hooks::Runner::start_next() {
    if (child_ || waiting_.empty()) return;
    const Event event = std::move(waiting_.front());
    waiting_.pop_front();
    event_ = event.name;
    started_at_ = loop_.now();
    lines_ = bytes_ = 0;
    cut_off_because_.clear();

    std::vector<std::string> arguments{event.name};
    arguments.insert(arguments.end(), event.words.begin(), event.words.end());
    event::Command command{
        executable_,
        std::move(arguments),
        environment_of_hook(event, options_, app::Invocation::of_process(0, nullptr).environment),
        {},
        false};
    child_ = std::make_unique<event::ChildProcess>(
        loop_, reaper_, std::move(command),
        event::ChildProcess::Handlers{
            .on_line = [this](const std::string& line) { heard(line); },
            .on_exit = [this](const event::ExitStatus& status) { ended(status); }});
    group_ = child_->pid();
    deadline_.start(options_.timeout);
}

void Hooks::Runner::heard(const std::string& line) {
    bytes_ += line.size() + 1;
    if (++lines_ <= most_lines)
        app::log_line_of_child(name_, std::string_view{line}.substr(0, longest_logged_line));
    if (bytes_ > most_output) cut_off("wrote more than 1 MiB");
}

void Hooks::Runner::cut_off(const std::string& why) {
    if (!cut_off_because_.empty()) return;
    cut_off_because_ = why;
    child_->kill(SIGKILL);
}

void Hooks::Runner::ended(const event::ExitStatus& status) {
    // What it has left running would have all the time in the world. While one of them lives the
    // number of the group is nobody else's.
    if (group_ > 0) ::kill(-group_, SIGKILL);
    deadline_.stop();
    child_.reset();
    next_.schedule();

    const bool is_well = status == event::ExitStatus{} && cut_off_because_.empty();
    metrics_
        .counter("redis_zk_hook_runs_total", "Commands that were run for an event, by outcome",
                 {{"hook", name_}, {"outcome", is_well ? "ok" : "failed"}})
        .add();
    const std::string what = "hook " + executable_ + " for " + event_;
    const auto took = std::chrono::duration_cast<core::milliseconds>(loop_.now() - started_at_);
    const std::string detail = " (" + std::to_string(took.count()) + " ms" +
                               (lines_ > most_lines ? ", " + std::to_string(lines_ - most_lines) +
                                                          " lines of it were left out"
                                                    : "") +
                               ")";
    if (is_well) return say(app::LogLevel::info, what + " is done", detail);
    say(app::LogLevel::warning,
        what + (cut_off_because_.empty() ? " failed: " + event::spoken(status)
                                         : " " + cut_off_because_ + " and was killed"),
        detail);
}

void Hooks::Runner::say(app::LogLevel level, const std::string& sentence,
                        const std::string& detail) {
    if (said_.should_say(sentence, loop_.now())) app::log(level, sentence + detail);
}

Hooks::Hooks(event::Loop& loop, event::Reaper& reaper, Options options, app::Metrics& metrics)
    : options_{std::move(options)} {
    for (const Hook& hook : options_.hooks) {
        auto& runner = runners_[hook.executable];
        if (!runner)
            runner = std::make_unique<Runner>(loop, reaper, hook.executable,
                                              name_of(hook.executable, options_.hooks), options_,
                                              metrics);
    }
}

Hooks::~Hooks() = default;

void Hooks::run(const Event& event) {
    for (const Hook& hook : options_.hooks)
        if (hook.event == event.name) runners_.at(hook.executable)->add(event);
}

bool Hooks::is_idle() const {
    return std::ranges::all_of(runners_, [](const auto& one) { return one.second->is_idle(); });
}

std::map<std::string, std::string> environment_of_hook(
    const Event& event, const Hooks::Options& options,
    const std::map<std::string, std::string>& ours) {
    std::map<std::string, std::string> environment{
        {"REDIS_ZK_EVENT", event.name},
        {"REDIS_ZK_EVENT_TEXT", words_of(event)},
        {"REDIS_ZK_AT", app::spoken_time(event.at)},
        {"REDIS_ZK_SENTINEL", core::spoken(event.sentinel)},
        {"REDIS_ZK_MASTER_NAME", options.master_name},
        {"REDIS_ZK_HOSTS", options.zookeeper_hosts},
        {"REDIS_ZK_ROOT", options.zookeeper_root},
    };
    for (const char* name : passed_on)
        if (const auto found = ours.find(name); found != ours.end()) environment.insert(*found);
    return environment;
}

}  // namespace redis_zk::watcher
