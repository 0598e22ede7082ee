#include "watcher/pages.h"

#include <algorithm>

#include "common/app/logging.h"
#include "common/app/version.h"
#include "common/server/status.h"
#include "watcher/core/judge.h"
#include "watcher/history.h"

namespace redis_zk::watcher {

using nlohmann::json;
using server::json_answer;
using server::spoken_or_null;

namespace {

http::Response text_answer(std::string text) {
    http::Response response;
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::move(text);
    return response;
}

http::Response no_sentinel(const View& view) {
    if (!view.sentinels_known)
        return http::json_error(503, "the list of sentinels was not read from ZooKeeper yet");
    return http::json_error(503, "no sentinel is registered in ZooKeeper");
}

json age_of(TimePoint then, TimePoint now) {
    if (then == TimePoint{}) return nullptr;
    return std::chrono::duration_cast<milliseconds>(now - then).count();
}

const char* name_of(Listening::State state) {
    switch (state) {
        case Listening::State::nobody: return "nobody";
        case Listening::State::connecting: return "connecting";
        case Listening::State::listening: return "listening";
    }
    return "unknown";
}

const char* name_of(Probe::Answer answer) {
    switch (answer) {
        case Probe::Answer::none: return "not asked";
        case Probe::Answer::silent: return "silent";
        case Probe::Answer::dead: return "dead";
        case Probe::Answer::refused: return "refused";
        case Probe::Answer::loading: return "loading";
        case Probe::Answer::replica: return "replica";
        case Probe::Answer::master: return "master";
    }
    return "unknown";
}

json sentinels_json(const View& view, TimePoint now) {
    json sentinels = json::array();
    for (const auto& [sentinel, known] : view.sentinels) {
        const Opinion& opinion = known.opinion;
        sentinels.push_back({{"address", core::spoken(sentinel)},
                             {"host", sentinel.host},
                             {"port", sentinel.port},
                             {"answered", opinion.answered},
                             {"age_ms", age_of(known.answered_at, now)},
                             {"master", spoken_or_null(opinion.master)},
                             {"master_up", opinion.master_is_up},
                             {"config_epoch", opinion.config_epoch},
                             {"has_quorum", opinion.has_quorum},
                             {"can_act", opinion.can_act},
                             {"failover_in_progress", opinion.failover_in_progress},
                             {"listened_to", view.listening.sentinel == sentinel}});
    }
    return sentinels;
}

// Nothing if the master has not said: it is no replica of it, or is not online there.
std::optional<std::int64_t> lag_behind(const Probe& master, const Endpoint& node) {
    const auto replica = master.replicas.find(node);
    if (!master.offset || replica == master.replicas.end()) return std::nullopt;
    return std::max<std::int64_t>(*master.offset - replica->second, 0);
}

// What the node says in ZooKeeper and what it answers, which counts more, and how far it is behind
// the master.
json nodes_json(const View& view, TimePoint now) {
    const auto master = view.record.master();
    const auto of_master = master ? view.probes.find(*master) : view.probes.end();
    std::map<Endpoint, json> nodes;
    for (const auto& [id, member] : view.members)
        nodes[member.address] = server::members_json({{id, member}}).front();
    for (const auto& [address, probe] : view.probes)
        if (!nodes.contains(address)) nodes[address] = {{"address", core::spoken(address)}};
    json list = json::array();
    for (auto& [address, node] : nodes) {
        const auto probe = view.probes.find(address);
        const bool was_asked = probe != view.probes.end();
        node["answer"] = was_asked ? name_of(probe->second.answer) : name_of(Probe::Answer::none);
        node["answer_age_ms"] = was_asked ? age_of(probe->second.answered_at, now) : json();
        if (const auto role = answered_role(view, address, now))
            node["role"] = core::name_of(*role);
        const auto lag =
            of_master == view.probes.end() ? std::nullopt : lag_behind(of_master->second, address);
        node["lag_bytes"] = lag ? json(*lag) : json();
        node["lag_age_ms"] = lag ? age_of(of_master->second.answered_at, now) : json();
        list.push_back(std::move(node));
    }
    return list;
}

}  // namespace

http::Response sentinel_page(const View& view, std::uint64_t chance) {
    std::vector<Endpoint> answering;
    std::vector<Endpoint> all;
    for (const auto& [sentinel, known] : view.sentinels) {
        all.push_back(sentinel);
        if (known.opinion.answered) answering.push_back(sentinel);
    }
    const auto& choice = answering.empty() ? all : answering;
    if (choice.empty()) return no_sentinel(view);
    return text_answer(core::to_text(choice[chance % choice.size()]));
}

http::Response sentinels_page(const View& view) {
    if (view.sentinels.empty()) return no_sentinel(view);
    std::string text;
    for (const auto& [sentinel, known] : view.sentinels)
        text += (text.empty() ? "" : ",") + core::spoken(sentinel);
    return text_answer(text);
}

http::Response sentinels_json_page(const View& view, TimePoint now) {
    if (view.sentinels.empty()) return no_sentinel(view);
    return json_answer(200, {{"sentinels", sentinels_json(view, now)}});
}

http::Response master_json_page(const View& view, TimePoint now,
                                const std::optional<std::string>& since) {
    const auto master = view.record.master();
    if (!master)
        return http::json_error(503, view.record.known
                                         ? "the record names nobody"
                                         : "the record was not read from ZooKeeper yet");
    return json_answer(
        200, {{"address", core::spoken(*master)},
              {"host", master->host},
              {"port", master->port},
              {"term", view.record.term()},
              {"since", since ? json(*since) : json()},
              {"by", view.record.written ? json(view.record.written->by) : json()},
              {"reason", view.record.written ? json(view.record.written->reason) : json()},
              {"verified", is_verified(view, *master, now)}});
}

http::Response status_page(const View& view, TimePoint now, const Surroundings& surroundings) {
    const auto master = view.record.master();
    const auto& since = surroundings.since;
    const json session = server::session_json(view.zookeeper_connected, surroundings.session,
                                              surroundings.session_timeout);
    return json_answer(200, {{"name", "watcher"},
                             {"version", app::version},
                             {"id", view.self.name},
                             {"master_name", view.self.master_name},
                             {"master", spoken_or_null(master)},
                             {"master_verified", master && is_verified(view, *master, now)},
                             {"term", view.record.term()},
                             {"since", since ? json(*since) : json()},
                             {"doing", surroundings.doing},
                             {"ready", why_not_ready(view).empty()},
                             {"record", server::record_json(view.record)},
                             {"nodes", nodes_json(view, now)},
                             {"sentinels", sentinels_json(view, now)},
                             {"listening",
                              {{"state", name_of(view.listening.state)},
                               {"sentinel", spoken_or_null(view.listening.sentinel)},
                               {"age_ms", age_of(view.listening.since, now)}}},
                             {"disagreements", disagreements(view, now)},
                             {"zookeeper", session}});
}

http::Response events_page(const std::deque<Event>& events) {
    json list = json::array();
    for (auto event = events.rbegin(); event != events.rend(); ++event)
        list.push_back({{"at", app::spoken_time(event->at)},
                        {"sentinel", core::spoken(event->sentinel)},
                        {"event", event->name},
                        {"words", event->words}});
    return json_answer(200, {{"events", list}});
}

http::Response history_page(const zk::WatchedDirectory::Nodes& history) {
    json list = json::array();
    for (const auto& [term, text] : newest_first(history)) {
        auto document = json::parse(*text, nullptr, false);
        if (document.is_object()) list.push_back(std::move(document));
    }
    return json_answer(200, {{"history", list}});
}

std::string why_not_healthy(const View& view) {
    if (!view.zookeeper_connected) return "ZooKeeper cannot be reached";
    if (view.record.unreadable) return "the record cannot be read";
    if (view.sentinels_known && view.sentinels.empty()) return "no sentinel is registered";
    if (view.listening.state != Listening::State::listening) return "no sentinel is listened to";
    return "";
}

std::string why_not_ready(const View& view) {
    if (auto why = why_not_healthy(view); !why.empty()) return why;
    if (!view.record.known) return "the record was not read yet";
    if (!view.members_known) return "the members were not read yet";
    for (const auto& [sentinel, known] : view.sentinels)
        if (known.answered_at == TimePoint{})
            return "sentinel " + core::spoken(sentinel) + " was not asked yet";
    return "";
}

}  // namespace redis_zk::watcher
