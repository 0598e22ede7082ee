#include "watcher/event.h"

#include <algorithm>

#include "common/app/logging.h"

namespace redis_zk::watcher {

namespace {

bool can_be_in_name(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '-';
}

}  // namespace

bool can_be_event_name(std::string_view text) {
    if (text.size() > longest_name) return false;
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    return !text.empty() && std::ranges::all_of(text, can_be_in_name);
}

std::optional<Event> parse_event(std::string_view channel, std::string_view text,
                                 const core::Endpoint& sentinel,
                                 std::chrono::system_clock::time_point at) {
    if (!can_be_event_name(channel)) return std::nullopt;
    Event event{std::string{channel}, {}, sentinel, at};
    text = text.substr(0, longest_text);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (end > 0) event.words.push_back(app::on_one_line(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return event;
}

std::optional<std::string> master_name_in(const Event& event) {
    const auto& words = event.words;
    if (event.name == "+switch-master" && !words.empty()) return words[0];
    if (words.size() >= 2 && words[0] == "master") return words[1];
    if (words.size() >= 6 && words[4] == "@") return words[5];
    return std::nullopt;
}

bool may_concern(const Event& event, std::string_view master_name) {
    const auto named = master_name_in(event);
    return !named || *named == master_name;
}

std::string spoken(const Event& event) {
    std::string text = event.name;
    for (const std::string& word : event.words) text += ' ' + word;
    return text;
}

}  // namespace redis_zk::watcher
