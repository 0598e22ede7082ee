// What the sentinels say enters the view.
#include <algorithm>

#include "redis-wrapper/core/observe.h"

namespace redis_zk::redis_wrapper {

using core::Role;

namespace {

// When it was in touch with this master for certain, if it does not take it for dead and replaces
// it: when it put the PING that is not answered yet. One that looks after another master, and has
// not heard yet of the election that has made this node master, is not to replace this one.
std::optional<TimePoint> contact(const View& view, const Watch& watch, TimePoint asked_at) {
    if (watch.master == view.self.address) {
        const bool keeps_it = watch.is_up && !watch.fails_over;
        return keeps_it ? std::optional{asked_at - watch.unanswered_for} : std::nullopt;
    }
    if (watch.config_epoch <= view.record.config_epoch()) return asked_at;
    return std::nullopt;
}

void note_contact(Opinion& opinion, std::optional<TimePoint> contact_at) {
    opinion.contact_at = std::max(opinion.contact_at, contact_at.value_or(TimePoint{}));
}

}  // namespace

void observe_opinions(View& view, const std::map<Endpoint, Opinion>& opinions, TimePoint now) {
    core::observe_opinions(view.sentinels, opinions, now);
    const auto replaces_a_living_one = [&](const auto& it) {
        const Opinion& opinion = it.second;
        return opinion.answered && opinion.promoted == view.self.address &&
               opinion.watched != view.self.address && opinion.master_is_up;
    };
    if (view.redis.role == Role::master && std::ranges::any_of(opinions, replaces_a_living_one))
        view.redis.former_was_up = true;
    for (auto& [sentinel, known] : view.sentinels.opinions) {
        if (!opinions.contains(sentinel)) continue;
        const Watch watch{known.watched.value_or(nowhere), known.master_is_up,
                          core::is_failing_over(known, now), known.config_epoch,
                          known.unanswered_for};
        if (known.answered) note_contact(known, contact(view, watch, known.asked_at));
        if (known.dead) note_contact(known, known.asked_at);
    }
}

void observe_contact(View& view, const Endpoint& sentinel, TimePoint asked_at,
                     const std::optional<Watch>& watch) {
    const auto known = view.sentinels.opinions.find(sentinel);
    if (known == view.sentinels.opinions.end()) return;
    Opinion& opinion = known->second;
    note_contact(opinion, watch ? contact(view, *watch, asked_at) : asked_at);
    const bool was_as_expected =
        opinion.answered && opinion.master == view.self.address && !opinion.failover_in_progress;
    const bool is_news = watch && (watch->master != view.self.address || watch->fails_over);
    if (was_as_expected && is_news) view.sentinels.outdated_at = asked_at;
}

void observe_sentinels(View& view, const std::vector<Endpoint>& registered) {
    core::observe_registered(view.sentinels, registered);
}

}  // namespace redis_zk::redis_wrapper
