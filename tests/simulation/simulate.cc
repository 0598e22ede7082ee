// build/bin/simulate --seeds N --from S: runs the simulation with N seeds beginning with S. Prints
// the seed and the transcript of the first run that breaks a promise, and exits with 1.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <optional>

#include "tests/simulation/faults.h"

namespace {

constexpr const char* usage =
    "usage: simulate [--seeds N] [--from S] [--transcript]\n"
    "  --seeds N      how many runs (1000)\n"
    "  --from S       the first seed (1)\n"
    "  --transcript   print what happened in every run, not only in one that breaks a promise\n";

struct Request {
    std::uint64_t seeds = 1000;
    std::uint64_t from = 1;
    bool transcript = false;
};

std::optional<Request> parse(int argc, char** argv) {
    Request request;
    for (int i = 1; i < argc; ++i) {
        const bool has_number = i + 1 < argc;
        std::uint64_t* number = nullptr;
        if (std::strcmp(argv[i], "--seeds") == 0) number = &request.seeds;
        if (std::strcmp(argv[i], "--from") == 0) number = &request.from;
        if (std::strcmp(argv[i], "--transcript") == 0) {
            request.transcript = true;
        } else if (number != nullptr && has_number) {
            const char* text = argv[++i];
            const char* end = text + std::strlen(text);
            if (std::from_chars(text, end, *number).ptr != end) return std::nullopt;
        } else {
            return std::nullopt;
        }
    }
    return request;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace redis_zk;
    const auto request = parse(argc, argv);
    if (!request) {
        std::fputs(usage, stderr);
        return 2;
    }
    std::uint64_t steps = 0;
    const auto began = std::chrono::steady_clock::now();
    for (std::uint64_t seed = request->from; seed < request->from + request->seeds; ++seed) {
        const auto outcome = simulation::run_with_faults(seed, {});
        steps += outcome.steps;
        if (!outcome.broken_promise.empty() || request->transcript)
            for (const auto& line : outcome.transcript) std::puts(line.c_str());
        if (outcome.broken_promise.empty()) continue;
        std::printf("seed %llu: BROKEN %s\nrepeat: simulate --from %llu --seeds 1\n",
                    static_cast<unsigned long long>(seed), outcome.broken_promise.c_str(),
                    static_cast<unsigned long long>(seed));
        return 1;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf(
        "%llu seeds, %llu steps in %.1f s (%.0f steps per second): every promise was kept\n",
        static_cast<unsigned long long>(request->seeds), static_cast<unsigned long long>(steps),
        took.count(), static_cast<double>(steps) / took.count());
    return 0;
}
