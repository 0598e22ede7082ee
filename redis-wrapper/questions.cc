#include "redis-wrapper/questions.h"

#include <algorithm>
#include <cerrno>

#include "common/core/info.h"
#include "common/event/next_turn.h"
#include "common/redis/commands.h"
#include "common/redis/sentinel.h"

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;
using core::Endpoint;
using core::Error;
using core::Result;

namespace {

// The connection ended, of which its owner is told next; an error reply to one command is an
// answer.
bool is_over(const Error& error) {
    return error.fault == core::Fault::connection_lost || error.code == EACCES;
}

constexpr core::milliseconds time_to_answer = 1000ms;
constexpr core::milliseconds time_to_resolve = 1000ms;

}  // namespace

std::string membership_channel(const std::string& cluster) { return "redis-zk:" + cluster; }

// One connection for one question, from the look-up of the name to the last answer.
class Questions::Conversation {
  public:
    Conversation(Questions& owner, std::function<void(const Error&)> failed)
        : owner_{owner}, failed_{std::move(failed)} {}

    void begin(const Endpoint& target, redis::Credentials credentials,
               std::function<void(Conversation&)> talk) {
        lookup_ = owner_.resolver_.resolve(
            target.host, time_to_resolve,
            [this, port = target.port, credentials = std::move(credentials),
             talk = std::move(talk)](const Result<event::Addresses>& addresses) {
                if (!addresses) return fail(addresses.error());
                redis::Connection::Options options{Endpoint{addresses->front(), port}, credentials,
                                                   time_to_answer, time_to_answer};
                connection_ = std::make_unique<redis::Connection>(
                    owner_.loop_, options, [this](const Error& error) { fail(error); });
                talk(*this);
            });
    }

    redis::Connection& connection() { return *connection_; }

    // What has been answered so far.
    Probe probe;
    Opinion opinion;

    // The rest of what this connection may say does not matter any more.
    void end() {
        if (std::exchange(over_, true)) return;
        owner_.finish(*this);
    }

    void fail(const Error& error) {
        if (over_) return;
        end();
        failed_(error);
    }

  private:
    Questions& owner_;
    std::function<void(const Error&)> failed_;
    event::Lookup lookup_;
    std::unique_ptr<redis::Connection> connection_;
    bool over_ = false;
};

// One round of questions to all sentinels.
struct Questions::Poll {
    std::size_t missing = 0;
    std::map<Endpoint, Opinion> opinions;
    std::function<void(std::map<Endpoint, Opinion>)> on_answer;
};

Questions::Questions(event::Loop& loop, event::Resolver& resolver, redis::Credentials credentials,
                     std::string master_name)
    : loop_{loop},
      resolver_{resolver},
      credentials_{std::move(credentials)},
      master_name_{std::move(master_name)},
      clean_soon_{loop, [this] { finished_.clear(); }} {}

Questions::~Questions() = default;

void Questions::converse(const Endpoint& target, redis::Credentials credentials,
                         std::function<void(Conversation&)> talk,
                         std::function<void(const Error&)> failed) {
    conversations_.push_back(std::make_unique<Conversation>(*this, std::move(failed)));
    conversations_.back()->begin(target, std::move(credentials), std::move(talk));
}

// A connection may not be destroyed inside every callback of its own, so it waits for a turn.
void Questions::finish(Conversation& conversation) {
    const auto place = std::find_if(conversations_.begin(), conversations_.end(),
                                    [&](const auto& it) { return it.get() == &conversation; });
    finished_.splice(finished_.end(), conversations_, place);
    clean_soon_.schedule();
}

namespace {

Probe no_answer(const Error& error) {
    Probe probe;
    probe.answer = Probe::Answer::silent;
    // Nobody listens there: a positive sign that the process is gone.
    if (error.code == ECONNREFUSED) probe.answer = Probe::Answer::dead;
    // It lives and refuses our password: nothing that we could call ours.
    if (error.code == EACCES) probe.answer = Probe::Answer::replica;
    return probe;
}

void learn_role(Probe& probe, const redis::Role& role) {
    if (std::holds_alternative<redis::MasterRole>(role)) probe.answer = Probe::Answer::master;
    const auto* replica = std::get_if<redis::ReplicaRole>(&role);
    if (replica == nullptr) return;
    probe.answer = Probe::Answer::replica;
    if (replica->master != nowhere) probe.following = replica->master;
}

void learn_loading(Probe& probe, const core::InfoFields& persistence) {
    const bool serves_meanwhile = persistence.flag("async_loading") == true;
    if (persistence.flag("loading") == true && !serves_meanwhile)
        probe.answer = Probe::Answer::loading;
}

}  // namespace

void Questions::ask_node(const Endpoint& node, const std::string& cluster,
                         std::function<void(Probe)> on_answer) {
    const auto talk = [cluster, on_answer](Conversation& conversation) {
        auto& connection = conversation.connection();
        Probe& probe = conversation.probe;
        redis::role(connection, [&probe](const Result<redis::Role>& role) {
            if (role) learn_role(probe, *role);
        });
        probe.same_cluster = cluster.empty();
        if (!cluster.empty())
            redis::pubsub_numsub(connection, membership_channel(cluster),
                                 [&probe](const Result<std::int64_t>& listeners) {
                                     probe.same_cluster = listeners && *listeners > 0;
                                 });
        redis::info(connection, "persistence", [&probe](const Result<std::string>& text) {
            if (text) learn_loading(probe, core::parse_info(*text));
        });
        redis::info(connection, "server",
                    [&probe, &conversation, on_answer](const Result<std::string>& text) {
                        if (!text && is_over(text.error())) return;
                        if (text)
                            probe.run_id = core::parse_info(*text).text("run_id").value_or("");
                        conversation.end();
                        on_answer(probe);
                    });
    };
    converse(node, credentials_, talk,
             [on_answer](const Error& error) { on_answer(no_answer(error)); });
}

void Questions::ask_sentinels(const std::vector<Endpoint>& sentinels,
                              std::function<void(std::map<Endpoint, Opinion>)> on_answer) {
    if (sentinels.empty()) return;
    polls_.push_back({sentinels.size(), {}, std::move(on_answer)});
    const auto poll = std::prev(polls_.end());
    const auto have = [this, poll](const Endpoint& sentinel, const Opinion& opinion) {
        poll->opinions[sentinel] = opinion;
        if (--poll->missing > 0) return;
        const Poll done = std::move(*poll);
        polls_.erase(poll);
        done.on_answer(done.opinions);
    };
    for (const Endpoint& sentinel : sentinels)
        converse(
            sentinel, {},
            [this, sentinel, have](Conversation& conversation) {
                ask_sentinel(conversation,
                             [sentinel, have](const Opinion& it) { have(sentinel, it); });
            },
            [sentinel, have](const Error&) { have(sentinel, Opinion{}); });
}

void Questions::ask_sentinel(Conversation& conversation,
                             std::function<void(const Opinion&)> on_answer) {
    auto& connection = conversation.connection();
    Opinion& opinion = conversation.opinion;
    redis::sentinel_master(
        connection, master_name_, [&opinion](const Result<redis::SentinelMaster>& master) {
            if (!master) return;
            opinion.master = master->endpoint;
            opinion.config_epoch = static_cast<std::uint64_t>(master->config_epoch);
            opinion.failover_in_progress = master->flags.failover_in_progress;
        });
    redis::sentinel_ckquorum(
        connection, master_name_,
        [&opinion](const Result<std::string>& quorum) { opinion.can_act = bool{quorum}; });
    redis::sentinel_replicas(
        connection, master_name_,
        [&opinion, &conversation,
         on_answer](const Result<std::vector<redis::SentinelReplica>>& replicas) {
            if (!replicas && is_over(replicas.error())) return;
            const bool knows_a_living_one =
                replicas && std::ranges::any_of(*replicas, [](const auto& it) {
                    return !it.flags.subjectively_down && !it.flags.disconnected;
                });
            opinion.can_act = opinion.can_act && knows_a_living_one;
            opinion.answered = true;
            conversation.end();
            on_answer(opinion);
        });
}

void Questions::request_failover(const Endpoint& sentinel,
                                 std::function<void(std::string)> on_answer) {
    const auto name = core::spoken(sentinel);
    converse(
        sentinel, {},
        [this, name, on_answer](Conversation& conversation) {
            redis::sentinel_failover(
                conversation.connection(), master_name_,
                [name, on_answer, &conversation](const Result<core::Done>& answer) {
                    if (!answer && is_over(answer.error())) return;
                    conversation.end();
                    on_answer("sentinel " + name +
                              " says: " + (answer ? "OK" : answer.error().message));
                });
        },
        [name, on_answer](const Error& error) {
            on_answer("sentinel " + name + " cannot be asked: " + error.message);
        });
}

}  // namespace redis_zk::redis_wrapper
