#include "watcher/core/listen.h"

#include "watcher/core/judge.h"

namespace redis_zk::watcher {

using namespace std::chrono_literals;

namespace {

// The time in which a sentinel hears what the others know: it says hello every 2 s.
constexpr milliseconds time_to_catch_up = 4s;

bool is_late(const KnownSentinel& known, TimePoint now) {
    return known.behind_since && now - *known.behind_since >= time_to_catch_up;
}

bool is_well(const View& view, const Endpoint& sentinel, TimePoint now) {
    const Opinion opinion = believed_sentinels(view, now).opinions.at(sentinel);
    return opinion.answered && opinion.has_quorum && !is_late(view.sentinels.at(sentinel), now);
}

// Those that are well; else, if there is nobody yet, whoever did not fail just now.
std::vector<Endpoint> candidates(const View& view, TimePoint now) {
    std::vector<Endpoint> well;
    std::vector<Endpoint> others;
    for (const auto& [sentinel, known] : view.sentinels) {
        if (sentinel == view.listening.sentinel || now < known.shunned_until) continue;
        (is_well(view, sentinel, now) ? well : others).push_back(sentinel);
    }
    const bool has_one =
        view.listening.sentinel && view.sentinels.contains(*view.listening.sentinel);
    return well.empty() && !has_one ? others : well;
}

std::optional<std::string> reason_to_leave(const View& view, TimePoint now) {
    if (!view.listening.sentinel) return "it is one of the registered sentinels";
    const std::string name = core::spoken(*view.listening.sentinel);
    const auto known = view.sentinels.find(*view.listening.sentinel);
    if (known == view.sentinels.end()) return name + " is not registered any more";
    if (is_late(known->second, now))
        return name + " believes something older than the majority of the sentinels";
    const Opinion opinion = believed_sentinels(view, now).opinions.at(known->first);
    if (opinion.answered && !opinion.has_quorum) return name + " says that it has no quorum";
    return std::nullopt;
}

}  // namespace

Actions choose_sentinel(const View& view, TimePoint now) {
    if (!view.sentinels_known) return {};
    const auto reason = reason_to_leave(view, now);
    if (!reason) return {};
    const auto choice = candidates(view, now);
    if (!choice.empty()) return {Listen{choice[view.chance % choice.size()], *reason}};
    const bool is_gone =
        view.listening.sentinel && !view.sentinels.contains(*view.listening.sentinel);
    if (is_gone) return {StopListening{*reason}};
    return {};
}

std::optional<Wait> reason_not_to_listen(const View& view) {
    if (!view.sentinels_known || view.listening.sentinel) return std::nullopt;
    if (view.sentinels.empty()) return Wait{"no sentinel is registered", {}};
    return Wait{"no sentinel can be listened to; another attempt comes soon", {}};
}

}  // namespace redis_zk::watcher
