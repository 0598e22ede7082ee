// One function for each alternative of a variant, for std::visit.
#pragma once

namespace redis_zk::core {

template <typename... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};
// clang 14 does not deduce aggregates by itself.
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace redis_zk::core
