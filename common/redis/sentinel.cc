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

    SentinelFlags flags() const {
        const std::string all = ',' + text("flags") + ',';
        const auto has = [&all](const char* word) { return all.find(word) != std::string::npos; };
        return {has(",s_down,"), has(",o_down,"), has(",disconnected,"),
                has(",failover_in_progress,")};
    }

    bool is_complete() const { return complete_; }

  private:
    const FlatMap& map_;
    bool complete_ = true;
};

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
    return {.endpoint = fields.endpoint(),
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

void sentinel_failover(Connection& connection, std::string_view name,
                       core::Callback<core::Done> on_done) {
    ask(connection, question("FAILOVER", name), parse_ok, std::move(on_done));
}

}  // namespace redis_zk::redis
