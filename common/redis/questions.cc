#include "common/redis/questions.h"

#include <algorithm>
#include <cerrno>

#include "common/core/info.h"
#include "common/core/inquiry.h"
#include "common/event/next_turn.h"
#include "common/redis/commands.h"
#include "common/redis/membership.h"
#include "common/redis/sentinel.h"

namespace redis_zk::redis {

using namespace std::chrono_literals;
using core::Endpoint;
using core::Error;
using core::nowhere;
using core::Opinion;
using core::Probe;
using core::Result;

namespace {

constexpr core::milliseconds time_to_answer = 1000ms;
constexpr core::milliseconds time_to_resolve = 1000ms;
// The look-up, the connection, the questions, and the one that follows from the answers.
static_assert(time_to_resolve + 3 * time_to_answer < core::time_for_a_question);

}  // namespace

// One connection for one question, from the look-up of the name to the last answer.
class Questions::Conversation {
  public:
    Conversation(Questions& owner, std::function<void(const Error&)> failed)
        : owner_{owner}, failed_{std::move(failed)} {
        probe.asked_at = opinion.asked_at = owner.loop_.now();
    }

    void begin(const Endpoint& target, Credentials credentials,
               std::function<void(Conversation&)> talk) {
        lookup_ = owner_.resolver_.resolve(
            target.host, time_to_resolve,
            [this, port = target.port, credentials = std::move(credentials),
             talk = std::move(talk)](const Result<event::Addresses>& addresses) {
                if (!addresses) return fail(addresses.error());
                Connection::Options options{Endpoint{addresses->front(), port}, credentials,
                                            time_to_answer, time_to_answer};
                connection_ = std::make_unique<Connection>(
                    owner_.loop_, options, [this](const Error& error) { fail(error); });
                talk(*this);
            });
    }

    Connection& connection() { return *connection_; }

    // What has been answered so far.
    Probe probe;
    Opinion opinion;
    std::optional<Endpoint> knows_at;

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
    std::unique_ptr<Connection> connection_;
    bool over_ = false;
};

// One round of questions to all sentinels.
struct Questions::Poll {
    std::size_t missing = 0;
    std::map<Endpoint, Opinion> opinions;
    std::function<void(std::map<Endpoint, Opinion>)> on_answer;
};

Questions::Questions(event::Loop& loop, event::Resolver& resolver, Options options)
    : loop_{loop}, resolver_{resolver}, options_{std::move(options)}, clean_soon_{loop, [this] {
                                                                                      finished_
                                                                                          .clear();
                                                                                  }} {}

Questions::~Questions() = default;

void Questions::converse(const Endpoint& target, Credentials credentials,
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
    if (error.code == EACCES) probe.answer = Probe::Answer::refused;
    return probe;
}

// A server that is busy with a script refuses everything until it is done. Whoever refuses ROLE
// alone, or answers it in another way than a redis-server, will not tell us later either.
Probe::Answer without_role(const Error& error) {
    const bool is_busy = error.message.starts_with("BUSY") || error.message.starts_with("LOADING");
    return is_busy ? Probe::Answer::silent : Probe::Answer::refused;
}

void learn_role(Probe& probe, const Role& role) {
    if (const auto* master = std::get_if<MasterRole>(&role)) {
        probe.answer = Probe::Answer::master;
        probe.offset = master->offset;
        for (const auto& [replica, offset] : master->replicas) probe.replicas[replica] = offset;
    }
    if (std::holds_alternative<SentinelRole>(role)) probe.answer = Probe::Answer::refused;
    const auto* replica = std::get_if<ReplicaRole>(&role);
    if (replica == nullptr) return;
    probe.answer = Probe::Answer::replica;
    if (replica->master != nowhere) probe.following = replica->master;
}

void learn_replication(Probe& probe, const core::InfoFields& replication) {
    probe.replication_id = replication.text("master_replid").value_or("");
    if (probe.answer == Probe::Answer::master) {
        probe.former_replication_id = replication.text("master_replid2").value_or("");
        // The first offset of its own; -1: there was no other history.
        const auto first = replication.integer("second_repl_offset");
        if (first && *first > 0) probe.former_offset = *first - 1;
    }
    // ROLE says of a replica without a link that it has nothing.
    if (probe.answer != Probe::Answer::replica) return;
    probe.offset = replication.integer("slave_repl_offset");
    if (const auto priority = replication.integer("slave_priority"))
        probe.priority = static_cast<int>(*priority);
}

void learn_loading(Probe& probe, const core::InfoFields& persistence) {
    const bool serves_meanwhile = persistence.flag("async_loading") == true;
    if (persistence.flag("loading") == true && !serves_meanwhile)
        probe.answer = Probe::Answer::loading;
}

std::vector<core::Candidate> candidates_among(const std::vector<SentinelReplica>& replicas) {
    std::vector<core::Candidate> all;
    for (const SentinelReplica& it : replicas)
        if (it.priority != 0) all.push_back({it.endpoint, it.flags.subjectively_down});
    return all;
}

std::optional<Endpoint> promoted_among(const std::vector<SentinelReplica>& replicas) {
    const auto it = std::ranges::find_if(replicas, [](const auto& r) { return r.flags.promoted; });
    return it == replicas.end() ? std::nullopt : std::optional{it->endpoint};
}

}  // namespace

void Questions::ask_node(const Endpoint& node, const std::string& cluster,
                         std::function<void(Probe)> on_answer) {
    const auto login = replication_credentials(cluster, options_.of_nodes.password);
    const auto talk = [cluster, login, on_answer](Conversation& conversation) {
        auto& connection = conversation.connection();
        Probe& probe = conversation.probe;
        role(connection, [&probe](const Result<Role>& role) {
            if (!role) probe.answer = without_role(role.error());
            if (role) learn_role(probe, *role);
        });
        probe.same_cluster = cluster.empty();
        if (!cluster.empty())
            pubsub_numsub(connection, membership_channel(cluster),
                          [&probe](const Result<std::int64_t>& listeners) {
                              probe.same_cluster = listeners && *listeners > 0;
                          });
        config_get(connection, "min-replicas-to-write", [&probe](const Result<FlatMap>& settings) {
            if (!settings) return;
            const auto found = settings->find("min-replicas-to-write");
            if (found != settings->end()) probe.closed = found->second == no_writes;
        });
        info(connection, "replication", [&probe](const Result<std::string>& text) {
            if (text) learn_replication(probe, core::parse_info(*text));
        });
        info(connection, "persistence", [&probe](const Result<std::string>& text) {
            if (text) learn_loading(probe, core::parse_info(*text));
        });
        info(connection, "server",
             [&probe, &conversation, login, on_answer](const Result<std::string>& text) {
                 if (!text && is_over(text.error())) return;
                 if (text) probe.run_id = core::parse_info(*text).text("run_id").value_or("");
                 if (!probe.same_cluster) return ask_for_login(conversation, login, on_answer);
                 conversation.end();
                 on_answer(probe);
             });
    };
    converse(node, options_.of_nodes, talk,
             [on_answer, asked_at = loop_.now()](const Error& error) {
                 Probe probe = no_answer(error);
                 probe.asked_at = asked_at;
                 on_answer(probe);
             });
}

// The other proof: Sentinel cuts whoever listens when it promotes a node, and a wrapper that stands
// still then does not listen again.
void Questions::ask_for_login(Conversation& conversation, const Credentials& login,
                              const std::function<void(Probe)>& on_answer) {
    log_in_to_replicate(conversation.connection(), login,
                        [&conversation, on_answer](const Result<core::Done>& answer) {
                            if (!answer && is_over(answer.error())) return;
                            conversation.probe.same_cluster = static_cast<bool>(answer);
                            conversation.end();
                            on_answer(conversation.probe);
                        });
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
            sentinel, options_.of_sentinels,
            [this, sentinel, have](Conversation& conversation) {
                ask_sentinel(conversation,
                             [sentinel, have](const Opinion& it) { have(sentinel, it); });
            },
            [sentinel, have, asked_at = loop_.now()](const Error& error) {
                Opinion none;
                none.asked_at = asked_at;
                none.dead = error.code == ECONNREFUSED;
                have(sentinel, none);
            });
}

void Questions::ask_sentinel(Conversation& conversation,
                             std::function<void(const Opinion&)> on_answer) {
    auto& connection = conversation.connection();
    Opinion& opinion = conversation.opinion;
    sentinel_master(connection, options_.master_name,
                    [&opinion](const Result<SentinelMaster>& master) {
                        if (!master) return;
                        opinion.watched = opinion.master = master->endpoint;
                        opinion.master_is_up = !master->flags.subjectively_down;
                        opinion.unanswered_for = master->unanswered_for;
                        opinion.config_epoch = static_cast<std::uint64_t>(master->config_epoch);
                        opinion.failover_in_progress = master->flags.failover_in_progress;
                        opinion.down_after = master->down_after;
                        opinion.time_to_act = master->down_after + master->failover_timeout;
                        opinion.time_to_fail_over =
                            core::time_to_fail_over(master->down_after, master->failover_timeout);
                    });
    // The leader of a fail-over names the promoted node here first, as clients hear it too.
    sentinel_get_master_addr(connection, options_.master_name,
                             [&opinion](const Result<std::optional<Endpoint>>& named) {
                                 if (named && *named) opinion.master = **named;
                             });
    sentinel_ckquorum(
        connection, options_.master_name, [&opinion](const Result<std::string>& quorum) {
            opinion.has_quorum = bool{quorum};
            opinion.usable_sentinels = usable_sentinels(quorum ? *quorum : quorum.error().message);
        });
    sentinel_myid(connection, [&opinion](const Result<std::string>& id) {
        if (id) opinion.id = *id;
    });
    sentinel_replicas(connection, options_.master_name,
                      [this, &opinion, &conversation,
                       on_answer](const Result<std::vector<SentinelReplica>>& replicas) {
                          if (!replicas && is_over(replicas.error())) return;
                          const bool knows_a_living_one =
                              replicas && std::ranges::any_of(*replicas, [](const auto& it) {
                                  return !it.flags.subjectively_down && !it.flags.disconnected;
                              });
                          opinion.can_act = opinion.has_quorum && knows_a_living_one;
                          if (replicas) opinion.candidates = candidates_among(*replicas);
                          if (replicas && opinion.failover_in_progress)
                              opinion.promoted = promoted_among(*replicas);
                          opinion.answered = true;
                          ask_for_last_vote(conversation, on_answer);
                      });
}

// It needs the master that the sentinel watches, so it comes last.
void Questions::ask_for_last_vote(Conversation& conversation,
                                  std::function<void(const Opinion&)> on_answer) {
    Opinion& opinion = conversation.opinion;
    if (!opinion.watched) {
        conversation.end();
        return on_answer(opinion);
    }
    sentinel_last_vote(conversation.connection(), *opinion.watched,
                       [&opinion, &conversation, on_answer](const Result<SentinelVote>& vote) {
                           if (!vote && is_over(vote.error())) return;
                           if (vote) opinion.last_vote = static_cast<std::uint64_t>(vote->epoch);
                           if (vote) opinion.voted_for = vote->leader;
                           conversation.end();
                           on_answer(opinion);
                       });
}

void Questions::ask_sentinel_for_master(const Endpoint& sentinel,
                                        core::Callback<SentinelMaster> on_answer) {
    const auto talk = [this, on_answer](Conversation& conversation) {
        sentinel_master(conversation.connection(), options_.master_name,
                        [on_answer, &conversation](const Result<SentinelMaster>& master) {
                            if (!master && is_over(master.error())) return;
                            conversation.end();
                            on_answer(master);
                        });
    };
    converse(sentinel, options_.of_sentinels, talk,
             [on_answer](const Error& error) { on_answer(error); });
}

void Questions::request_failover(const Endpoint& sentinel,
                                 std::function<void(FailoverAnswer)> on_answer) {
    const auto name = core::spoken(sentinel);
    converse(
        sentinel, options_.of_sentinels,
        [this, name, on_answer](Conversation& conversation) {
            sentinel_failover(conversation.connection(), options_.master_name,
                              [name, on_answer, &conversation](const Result<core::Done>& answer) {
                                  if (!answer && is_over(answer.error())) return;
                                  conversation.end();
                                  const std::string said = answer ? "OK" : answer.error().message;
                                  on_answer({answer || said.starts_with("INPROG"),
                                             "sentinel " + name + " says: " + said});
                              });
        },
        [name, on_answer](const Error& error) {
            // Where nobody listens, and where we are not let in, nothing has begun.
            const bool was_refused = error.code == ECONNREFUSED || error.code == EACCES;
            on_answer({!was_refused, "sentinel " + name + " cannot be asked: " + error.message});
        });
}

void Questions::ask_sentinel_who_is_who(const Endpoint& sentinel, const std::string& other,
                                        core::Callback<WhoIsWho> on_answer) {
    const auto talk = [this, other, on_answer](Conversation& conversation) {
        auto& connection = conversation.connection();
        auto& knows_at = conversation.knows_at;
        sentinel_sentinels(connection, options_.master_name,
                           [other, &knows_at](const Result<std::vector<SentinelPeer>>& peers) {
                               if (!peers) return;
                               const auto found =
                                   std::ranges::find(*peers, other, &SentinelPeer::id);
                               if (found != peers->end() && found->endpoint.port != 0)
                                   knows_at = found->endpoint;
                           });
        sentinel_myid(connection,
                      [on_answer, &knows_at, &conversation](const Result<std::string>& id) {
                          if (!id && is_over(id.error())) return;
                          conversation.end();
                          on_answer(id ? Result<WhoIsWho>{WhoIsWho{*id, knows_at}} : id.error());
                      });
    };
    converse(sentinel, options_.of_sentinels, talk,
             [on_answer](const Error& error) { on_answer(error); });
}

}  // namespace redis_zk::redis
