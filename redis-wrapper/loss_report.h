// Tells what is lost with data that are replaced: into the log and the metrics at once, and into
// the history as soon as ZooKeeper can be reached; with its amount, if only the history tells that.
// What is not written when this process ends stays in the log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/app/metrics.h"
#include "redis-wrapper/core/view.h"
#include "redis-wrapper/directory.h"

namespace redis_zk::redis_wrapper {

class LossReport {
  public:
    LossReport(Directory& directory, app::Metrics& metrics)
        : directory_{directory}, metrics_{metrics} {}

    // `kept_as`: the path of the copy, or empty.
    void begin(const core::Loss& loss, const std::string& kept_as);

    // Whose entry of the history it needs.
    std::optional<std::uint64_t> term() const;
    // In each turn, when the view is filled.
    void turn(const View& view, core::TimePoint now);

  private:
    void count();
    void written(int number, const core::Result<core::Done>& result, core::TimePoint asked_at);

    struct Lost {
        core::Loss loss;
        std::string kept_as;
        bool is_being_written = false;
        int attempts = 0;
        core::TimePoint next_attempt_at{};
    };
    Directory& directory_;
    app::Metrics& metrics_;
    std::optional<Lost> lost_;
    int number_ = 0;  // of it
};

}  // namespace redis_zk::redis_wrapper
