// Deterministic randomness: the seed of a run is all that is needed to repeat it.
#pragma once

#include <cstdint>

namespace redis_zk::simulation {

// SplitMix64 (Steele, Lea, Flood 2014): small, quick, and the same on every machine, which the
// distributions of the standard library are not.
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_{seed} {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31U);
    }

    // From 0 to limit - 1.
    std::uint64_t below(std::uint64_t limit) { return next() % limit; }
    // From first to last.
    std::int64_t between(std::int64_t first, std::int64_t last) {
        return first +
               static_cast<std::int64_t>(below(static_cast<std::uint64_t>(last - first + 1)));
    }
    bool one_in(std::uint64_t times) { return below(times) == 0; }

  private:
    std::uint64_t state_;
};

}  // namespace redis_zk::simulation
