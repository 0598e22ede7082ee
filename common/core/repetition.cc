#include "common/core/repetition.h"

#include <algorithm>

namespace redis_zk::core {

namespace {

using std::chrono::seconds;

constexpr milliseconds first_interval = seconds{1};
constexpr milliseconds longest_interval = seconds{60};
constexpr milliseconds news_after = seconds{5};
constexpr std::size_t remembered = 8;

}  // namespace

bool Repetition::should_say(std::string_view sentence, TimePoint now) {
    const auto found = std::ranges::find(said_, sentence, &Said::sentence);
    if (found != said_.end()) {
        const bool is_current = found + 1 == said_.end();
        const bool is_news = !is_current && now - found->asked_at >= news_after;
        std::rotate(found, found + 1, said_.end());
        if (is_news) said_.pop_back();
    }
    if (said_.empty() || said_.back().sentence != sentence) {
        if (said_.size() == remembered) said_.erase(said_.begin());
        said_.push_back({std::string{sentence}, now, now, first_interval});
        return true;
    }
    Said& current = said_.back();
    current.asked_at = now;
    if (now - current.said_at < current.interval) return false;
    current.said_at = now;
    current.interval = std::min(current.interval * 2, longest_interval);
    return true;
}

void Repetition::forget() { said_.clear(); }

}  // namespace redis_zk::core
