#include "watcher/history.h"

#include <algorithm>
#include <charconv>

#include "common/zk/documents.h"

namespace redis_zk::watcher {

namespace {

std::optional<std::uint64_t> term_in(const std::string& name) {
    std::uint64_t term = 0;
    const char* const end = name.data() + name.size();
    const auto [stopped_at, error] = std::from_chars(name.data(), end, term);
    if (error != std::errc{} || stopped_at != end) return std::nullopt;
    return term;
}

}  // namespace

std::vector<std::pair<std::uint64_t, const std::string*>> newest_first(
    const zk::WatchedDirectory::Nodes& history) {
    std::vector<std::pair<std::uint64_t, const std::string*>> all;
    for (const auto& [name, node] : history)
        if (const auto term = term_in(name)) all.emplace_back(*term, &node.data);
    std::ranges::sort(all, std::ranges::greater{}, [](const auto& it) { return it.first; });
    return all;
}

std::optional<std::string> master_since(const std::string& term_document,
                                        const zk::WatchedDirectory::Nodes& history) {
    std::optional<std::string> since = zk::time_in(term_document);
    const auto recorded = zk::parse_record(term_document);
    if (!recorded) return since;
    for (const auto& [term, document] : newest_first(history)) {
        if (term > recorded->term) continue;
        const auto change = zk::parse_record(*document);
        const bool is_the_same =
            change && change->master == recorded->master && change->run_id == recorded->run_id;
        if (!is_the_same) break;
        if (auto at = zk::time_in(*document)) since = std::move(at);
    }
    return since;
}

}  // namespace redis_zk::watcher
