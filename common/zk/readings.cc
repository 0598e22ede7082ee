#include "common/zk/readings.h"

#include "common/zk/documents.h"

namespace redis_zk::zk {

void Complaints::about(const std::string& what, const std::string& sentence) {
    if (sentence.empty()) {
        said_.erase(what);
        return;
    }
    std::string& said = said_[what];
    if (said == sentence) return;
    said = sentence;
    say_(sentence + "; it is left alone");
}

core::FoundRecord read_record(const WatchedNode& master, const WatchedNode& term,
                              Complaints& complaints) {
    core::FoundRecord found;
    found.known = master.is_known() && term.is_known();
    if (const auto& node = master.node()) {
        found.named_version = node->stat.version;
        found.named = core::parse_endpoint(node->data);
        const bool is_garbage = !found.named && !node->data.empty();
        found.unreadable = is_garbage;
        complaints.about(master.path(), is_garbage ? master.path() + " is not \"host port\"" : "");
    }
    if (const auto& node = term.node()) {
        found.written_version = node->stat.version;
        const auto record = parse_record(node->data);
        if (record) found.written = *record;
        if (!record) found.unreadable = true;
        complaints.about(term.path(), record ? "" : term.path() + ": " + record.error().message);
    }
    return found;
}

core::Roster read_roster(const WatchedNode& roster, Complaints& complaints) {
    const auto& node = roster.node();
    if (!node) return {};
    const auto read = parse_roster(node->data);
    complaints.about(roster.path(), read ? "" : roster.path() + ": " + read.error().message);
    return read ? *read : core::Roster{};
}

std::map<std::string, core::Member> read_members(const WatchedDirectory& members,
                                                 Complaints& complaints) {
    std::map<std::string, core::Member> read;
    const auto is_there = [&](const std::string& name) { return members.nodes().contains(name); };
    complaints.forget_absent(members.path(), is_there);
    for (const auto& [name, node] : members.nodes()) {
        const auto member = parse_member(node.data);
        if (member) read.emplace(member->id, *member);
        const std::string path = members.path() + '/' + name;
        complaints.about(path, member ? "" : path + ": " + member.error().message);
    }
    return read;
}

std::vector<core::Endpoint> read_sentinels(const WatchedDirectory& sentinels,
                                           Complaints& complaints) {
    std::vector<core::Endpoint> read;
    const auto is_there = [&](const std::string& name) { return sentinels.nodes().contains(name); };
    complaints.forget_absent(sentinels.path(), is_there);
    for (const auto& [name, node] : sentinels.nodes()) {
        const auto sentinel = core::parse_endpoint(node.data);
        if (sentinel) read.push_back(*sentinel);
        const std::string path = sentinels.path() + '/' + name;
        complaints.about(path, sentinel ? "" : path + " is not \"host port\"");
    }
    return read;
}

}  // namespace redis_zk::zk
