#include "common/redis/sentinel.h"

#include "common/redis/commands.h"

namespace redis_zk::redis {

namespace {

// Reads fields of one map and remembers whether all that were needed could be read.
class Fields {
  public:
    explicit Fields(const FlatMap& map) : map_{map} {}

    std::string text(std::string_view name) const {
        const auto found = map_.find(name);
        return found == map_.end() ? std::string{} : found->second;
    }

    std::int64_t number(std::string_view name) {
        const auto value = integer_in(std::string_view{text(name)});
        complete_ = complete_ && value;
        return value.value_or(0);
    }

    core::milliseconds duration(std::string_view name) { return core::milliseconds{number(name)}; }

    core::Endpoint endpoint() {
        const auto port = core::parse_port(text("port"));
        const std::string host = text("ip");
        complete_ = complete_ && port && !host.empty();
        return {host, port.value_or(0)};
    }

    // Port 0 stands for a sentinel whose address somebody else has by now.
    core::Endpoint endpoint_or_nowhere() {
        return text("port") == "0" ? core::Endpoint{text("ip"), 0} : endpoint();
    }

    SentinelFlags flags() const {
        const std::string all = ',' + text("flags") + ',';
        const auto has = [&all](const char* word) { return all.find(word) != std::string::npos; };
        return {has(",s_down,"), has(",o_down,"), has(",disconnected,"),
                has(",failover_in_progress,"), has(",promoted,")};
    }

    bool is_complete() const { return complete_; }

  private:
    const FlatMap& map_;
    bool complete_ = true;
};

core::milliseconds unanswered_for(Fields& fields) {
    const auto last_answer = fields.duration("last-ok-ping-reply");
    const auto unanswered_ping = fields.duration("last-ping-sent");  // 0: none is on its way
    const bool has_no_link = fields.flags().disconnected;
    return unanswered_ping == core::milliseconds{0} && has_no_link ? last_answer : unanswered_ping;
}

SentinelMaster master_in(Fields& fields) {
    return {.name = fields.text("name"),
            .endpoint = fields.endpoint(),
            .run_id = fields.text("runid"),
            .flags = fields.flags(),
            .config_epoch = fields.number("config-epoch"),
            .quorum = fields.number("quorum"),
            .known_replicas = fields.number("num-slaves"),
            .known_other_sentinels = fields.number("num-other-sentinels"),
            .down_after = fields.duration("down-after-milliseconds"),
            .unanswered_for = unanswered_for(fields),
            .failover_timeout = fields.duration("failover-timeout")};
}

SentinelReplica replica_in(Fields& fields) {
    // "?" and 0 until its first INFO: that we do not know yet whom it follows is no fault.
    const std::string host = fields.text("master-host");
    const auto port = core::parse_port(fields.text("master-port"));
    const bool knows_master = host != "?" && port;
    return {.endpoint = fields.endpoint(),
            .run_id = fields.text("runid"),
            .flags = fields.flags(),
            .has_link_to_master = fields.text("master-link-status") == "ok",
            .master = knows_master ? core::Endpoint{host, *port} : core::Endpoint{},
            .priority = fields.number("slave-priority"),
            .offset = fields.number("slave-repl-offset")};
}

SentinelPeer peer_in(Fields& fields) {
    return {.endpoint = fields.endpoint_or_nowhere(),
            .id = fields.text("runid"),
            .flags = fields.flags(),
            .last_hello = fields.duration("last-hello-message")};
}

template <typename T>
core::Result<T> parse_one(std::string_view command, T (*read)(Fields&), const Reply& reply) {
    const auto map = parse_flat_map(reply);
    if (!map) return unexpected(command, reply);
    Fields fields{*map};
    T value = read(fields);
    if (!fields.is_complete()) return unexpected(command, reply);
    return value;
}

template <typename T>
core::Result<std::vector<T>> parse_each(std::string_view command, T (*read)(Fields&),
                                        const Reply& reply) {
    if (reply.kind != Reply::Kind::list) return unexpected(command, reply);
    std::vector<T> values;
    for (const Reply& one : reply.list) {
        auto value = parse_one(command, read, one);
        if (!value) return value.error();
        values.push_back(std::move(value).value());
    }
    return values;
}

core::Result<std::string> parse_sentence(const Reply& reply) {
    if (reply.kind != Reply::Kind::text) return unexpected("SENTINEL CKQUORUM", reply);
    return reply.text;
}

core::Result<std::string> parse_myid(const Reply& reply) {
    if (reply.kind != Reply::Kind::text) return unexpected("SENTINEL MYID", reply);
    return reply.text;
}

// How it sees the master, for whom it has voted, and when.
core::Result<SentinelVote> parse_last_vote(const Reply& reply) {
    if (reply.kind == Reply::Kind::list && reply.list.size() == 3 &&
        reply.list[1].kind == Reply::Kind::text && reply.list[2].kind == Reply::Kind::integer)
        return SentinelVote{reply.list[2].integer, reply.list[1].text};
    return unexpected("SENTINEL IS-MASTER-DOWN-BY-ADDR", reply);
}

core::Result<core::Done> parse_heard(const Reply& reply) {
    if (reply.kind == Reply::Kind::integer) return core::Done{};
    return unexpected("PUBLISH", reply);
}

std::vector<std::string> question(const char* subject, std::string_view name) {
    return {"SENTINEL", subject, std::string{name}};
}

}  // namespace

core::Result<SentinelMaster> parse_sentinel_master(const Reply& reply) {
    return parse_one("SENTINEL MASTER", master_in, reply);
}

core::Result<std::vector<SentinelReplica>> parse_sentinel_replicas(const Reply& reply) {
    return parse_each("SENTINEL REPLICAS", replica_in, reply);
}

core::Result<std::vector<SentinelPeer>> parse_sentinel_peers(const Reply& reply) {
    return parse_each("SENTINEL SENTINELS", peer_in, reply);
}

core::Result<std::optional<core::Endpoint>> parse_master_address(const Reply& reply) {
    if (reply.kind == Reply::Kind::nil) return std::optional<core::Endpoint>{};
    if (reply.kind == Reply::Kind::list && reply.list.size() == 2 &&
        reply.list[0].kind == Reply::Kind::text && !reply.list[0].text.empty())
        if (const auto port = core::parse_port(reply.list[1].text))
            return std::optional{core::Endpoint{reply.list[0].text, *port}};
    return unexpected("SENTINEL GET-MASTER-ADDR-BY-NAME", reply);
}

void sentinel_master(Connection& connection, std::string_view name,
                     core::Callback<SentinelMaster> on_answer) {
    ask(connection, question("MASTER", name), parse_sentinel_master, std::move(on_answer));
}

void sentinel_replicas(Connection& connection, std::string_view name,
                       core::Callback<std::vector<SentinelReplica>> on_answer) {
    ask(connection, question("REPLICAS", name), parse_sentinel_replicas, std::move(on_answer));
}

void sentinel_sentinels(Connection& connection, std::string_view name,
                        core::Callback<std::vector<SentinelPeer>> on_answer) {
    ask(connection, question("SENTINELS", name), parse_sentinel_peers, std::move(on_answer));
}

void sentinel_get_master_addr(Connection& connection, std::string_view name,
                              core::Callback<std::optional<core::Endpoint>> on_answer) {
    ask(connection, question("GET-MASTER-ADDR-BY-NAME", name), parse_master_address,
        std::move(on_answer));
}

void sentinel_ckquorum(Connection& connection, std::string_view name,
                       core::Callback<std::string> on_answer) {
    ask(connection, question("CKQUORUM", name), parse_sentence, std::move(on_answer));
}

std::size_t usable_sentinels(std::string_view sentence) {
    const auto end = sentence.find(" usable ");
    const std::string_view before = sentence.substr(0, end);
    const auto begin = before.rfind(' ');
    if (end == sentence.npos || begin == before.npos) return 0;
    const auto number = integer_in(before.substr(begin + 1));
    return number && *number > 0 ? static_cast<std::size_t>(*number) : 0;
}

void sentinel_last_vote(Connection& connection, const core::Endpoint& master,
                        core::Callback<SentinelVote> on_answer) {
    const std::string nobody(40, '0');
    ask(connection,
        {"SENTINEL", "IS-MASTER-DOWN-BY-ADDR", master.host, std::to_string(master.port), "0",
         nobody},
        parse_last_vote, std::move(on_answer));
}

void sentinel_hear(Connection& connection, const Hello& hello, core::Callback<core::Done> on_done) {
    const std::string epoch = std::to_string(hello.epoch);
    const std::string text = hello.sentinel.host + ',' + std::to_string(hello.sentinel.port) + ',' +
                             hello.id + ',' + epoch + ',' + hello.master_name + ',' +
                             hello.master.host + ',' + std::to_string(hello.master.port) + ',' +
                             epoch;
    ask(connection, {"PUBLISH", "__sentinel__:hello", text}, parse_heard, std::move(on_done));
}

void sentinel_failover(Connection& connection, std::string_view name,
                       core::Callback<core::Done> on_done) {
    ask(connection, question("FAILOVER", name), parse_ok, std::move(on_done));
}

void sentinel_myid(Connection& connection, core::Callback<std::string> on_answer) {
    ask(connection, {"SENTINEL", "MYID"}, parse_myid, std::move(on_answer));
}

void sentinel_monitor(Connection& connection, std::string_view name, const core::Endpoint& master,
                      int quorum, core::Callback<core::Done> on_done) {
    auto command = question("MONITOR", name);
    command.insert(command.end(),
                   {master.host, std::to_string(master.port), std::to_string(quorum)});
    ask(connection, std::move(command), parse_ok, std::move(on_done));
}

void sentinel_remove(Connection& connection, std::string_view name,
                     core::Callback<core::Done> on_done) {
    ask(connection, question("REMOVE", name), parse_ok, std::move(on_done));
}

void sentinel_set(Connection& connection, std::string_view name,
                  const std::vector<std::string>& words, core::Callback<core::Done> on_done) {
    auto command = question("SET", name);
    command.insert(command.end(), words.begin(), words.end());
    ask(connection, std::move(command), parse_ok, std::move(on_done));
}

void sentinel_resolve_hostnames(Connection& connection, core::Callback<core::Done> on_done) {
    // Version 7.0 takes one setting at a time.
    ask(connection, {"SENTINEL", "CONFIG", "SET", "resolve-hostnames", "yes"}, parse_ok, {});
    ask(connection, {"SENTINEL", "CONFIG", "SET", "announce-hostnames", "yes"}, parse_ok,
        std::move(on_done));
}

void sentinel_reset(Connection& connection, std::string_view name,
                    core::Callback<std::int64_t> on_answer) {
    ask(connection, question("RESET", name), parse_count, std::move(on_answer));
}

}  // namespace redis_zk::redis
