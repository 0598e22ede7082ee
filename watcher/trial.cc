#include "watcher/trial.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "common/app/logging.h"
#include "common/core/result.h"
#include "common/redis/sentinel.h"

namespace redis_zk::watcher {

using namespace std::chrono_literals;
using core::Error;
using core::Result;
using redis::Reply;
using server::Verdict;

namespace {

constexpr core::milliseconds time_to_answer = 1000ms;
constexpr core::milliseconds time_to_resolve = 1000ms;

// Each is a right of its own in Redis. See common/redis/questions.cc, which asks them.
const std::vector<std::vector<std::string>>& questions_to_a_node() {
    static const std::vector<std::vector<std::string>> all{
        {"ROLE"},
        {"INFO", "server"},
        {"PUBSUB", "NUMSUB", "nobody-listens-here"},
        {"CONFIG", "GET", "min-replicas-to-write"}};
    return all;
}

// "CONFIG GET": what an ACL can grant.
std::string spoken_command(const std::vector<std::string>& words) {
    const bool has_subcommand = words.size() > 2;
    return has_subcommand ? words[0] + ' ' + words[1] : words[0];
}

}  // namespace

Trial::Trial(event::Loop& loop, event::Resolver& resolver, Options options,
             std::function<void()> on_end)
    : loop_{loop}, options_{std::move(options)}, on_end_{std::move(on_end)} {
    lookup_ = resolver.resolve(options_.whom.host, time_to_resolve,
                               [this](const Result<event::Addresses>& addresses) {
                                   if (!addresses) return lost(addresses.error());
                                   connect(addresses->front());
                               });
}

void Trial::connect(const std::string& address) {
    connection_ = std::make_unique<redis::Connection>(
        loop_,
        redis::Connection::Options{core::Endpoint{address, options_.whom.port},
                                   options_.credentials, time_to_answer, time_to_answer},
        [this](const Error& error) { lost(error); });
    options_.kind == Kind::sentinel ? try_to_listen() : try_to_ask();
}

void Trial::try_to_listen() {
    redis::sentinel_master(
        *connection_, options_.master_name, [this](const Result<redis::SentinelMaster>& master) {
            if (!master && redis::is_over(master.error())) return;
            was_reached_ = true;
            if (!master) {
                refused("SENTINEL MASTER", master.error().message);
                return end();
            }
            const std::string named = core::spoken(master->endpoint);
            connection_->subscribe({"PSUBSCRIBE", "*"}, [this, named](const Reply&) {
                if (!is_over_) find(Verdict::good, "lets us listen, and names " + named);
                end();
            });
        });
}

void Trial::try_to_ask() {
    missing_answers_ = questions_to_a_node().size();
    for (const auto& question : questions_to_a_node())
        connection_->send(question, [this, &question](const Result<Reply>& reply) {
            if (!reply && redis::is_over(reply.error())) return;
            was_reached_ = true;
            if (!reply) refused(spoken_command(question), reply.error().message);
            if (--missing_answers_ > 0) return;
            if (findings_.empty()) find(Verdict::good, "answers all that a watcher asks");
            end();
        });
}

void Trial::refused(const std::string& what, const std::string& answer) {
    const bool is_busy = answer.starts_with("BUSY") || answer.starts_with("LOADING");
    if (is_busy) return find(Verdict::doubtful, "has no time now: " + answer);
    if (answer.starts_with("NOAUTH"))
        return find(Verdict::wrong, "demands a password: give it as " + password_option());
    if (answer.starts_with("ERR No such master"))
        return find(Verdict::wrong, "knows no master of the name that MASTER_NAME says, \"" +
                                        options_.master_name + '"');
    find(Verdict::wrong, "refuses " + what + ": " + answer);
}

void Trial::lost(const Error& error) {
    if (is_over_) return;
    const bool refuses_password = error.code == EACCES && !was_reached_;
    if (refuses_password)
        find(Verdict::wrong, "does not take what " + password_option() + " says: " + error.message);
    else if (error.code == EACCES)
        find(Verdict::wrong, "does not let us listen: " + error.message);
    else
        find(Verdict::doubtful, "is registered, and cannot be asked: " + error.message);
    was_reached_ = was_reached_ || error.code == EACCES;
    end();
}

// Whoever demands a password says it to each question.
void Trial::find(Verdict verdict, const std::string& sentence) {
    const std::string whole = app::on_one_line(name() + ' ' + sentence);
    const auto is_said = [&](const auto& finding) { return finding.sentence == whole; };
    if (std::ranges::none_of(findings_, is_said)) findings_.push_back({verdict, whole});
}

void Trial::end() {
    if (!std::exchange(is_over_, true)) on_end_();
}

std::string Trial::name() const {
    return (options_.kind == Kind::sentinel ? "sentinel " : "node ") + core::spoken(options_.whom);
}

std::string Trial::password_option() const {
    const std::string whose = options_.kind == Kind::sentinel ? "SENTINEL" : "REDIS";
    return (options_.credentials.username.empty() ? "" : whose + "_USERNAME and ") + whose +
           "_PASSWORD";
}

}  // namespace redis_zk::watcher
