#include "common/core/sentinel_identity.h"

#include <algorithm>

namespace redis_zk::core {

using State = SentinelIdentity::State;

const char* name_of(State state) {
    switch (state) {
        case State::owned: return "owned";
        case State::released: return "released";
        case State::abandoned: return "abandoned";
    }
    return "";
}

std::optional<State> parse_identity_state(std::string_view name) {
    for (const auto state : {State::owned, State::released, State::abandoned})
        if (name == name_of(state)) return state;
    return std::nullopt;
}

bool is_sentinel_id(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    return text.size() == 40 && std::ranges::all_of(text, [digits](char letter) {
               return digits.find(letter) != std::string_view::npos;
           });
}

}  // namespace redis_zk::core
