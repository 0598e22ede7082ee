#include "redis-wrapper/loss_report.h"

#include "common/app/logging.h"
#include "redis-wrapper/core/quarantine.h"

namespace redis_zk::redis_wrapper {

using namespace std::chrono_literals;

namespace {

constexpr core::milliseconds pause_after_a_failure = 1s;
constexpr int most_attempts = 20;

std::string amount(const core::Loss& loss) {
    if (!loss.bytes) return "an unknown number of bytes of writes, perhaps none";
    return "at least " + std::to_string(*loss.bytes) + " bytes of writes";
}

}  // namespace

void LossReport::begin(const core::Loss& loss, const std::string& kept_as) {
    if (lost_)
        app::log_warning("what was lost to term " + std::to_string(lost_->loss.term) +
                         " is not written into the history any more");
    lost_ = Lost{loss, kept_as};
    ++number_;
    count();
    app::log_warning("lost with the data of " + core::spoken(loss.had) +
                     ", which are replaced now: " + amount(loss) + "; " +
                     (kept_as.empty() ? "they are not kept" : "kept as " + kept_as));
}

void LossReport::count() {
    metrics_
        .counter("redis_zk_lost_bytes_total",
                 "Of what this node took as master and its successor had not got, at least")
        .add(static_cast<double>(lost_->loss.bytes.value_or(0)));
}

std::optional<std::uint64_t> LossReport::term() const {
    return lost_ ? std::optional{lost_->loss.term} : std::nullopt;
}

void LossReport::turn(const View& view, core::TimePoint now) {
    const bool is_waiting = !lost_ || lost_->is_being_written || now < lost_->next_attempt_at;
    const bool is_read =
        view.succession.is_known && lost_ && view.succession.term == lost_->loss.term;
    if (is_waiting || !is_read) return;
    if (!directory_.has_history_entry()) {
        app::log_info("the history has no entry of term " + std::to_string(lost_->loss.term) +
                      ", so what was lost is not written there");
        return lost_.reset();
    }
    if (!lost_->loss.bytes) {
        lost_->loss = core::loss_of(lost_->loss.had, lost_->loss.term, beginning_without_us(view));
        count();
    }
    lost_->is_being_written = true;
    directory_.write_loss(lost_->loss, view.self.id, lost_->kept_as,
                          [this, number = number_, now](const core::Result<core::Done>& result) {
                              written(number, result, now);
                          });
}

// Somebody else may have written at the same time, or the connection was lost.
void LossReport::written(int number, const core::Result<core::Done>& result,
                         core::TimePoint asked_at) {
    if (!lost_ || number != number_) return;  // of an earlier loss
    if (result) {
        if (lost_->attempts > 0) app::log_info("what was lost is written into the history");
        return lost_.reset();
    }
    lost_->is_being_written = false;
    lost_->next_attempt_at = asked_at + pause_after_a_failure;
    if (++lost_->attempts == most_attempts) {
        app::log_warning("what was lost is not written into the history: " +
                         result.error().message);
        return lost_.reset();
    }
    if (lost_->attempts == 1)
        app::log_info("what was lost cannot be written into the history yet: " +
                      result.error().message);
}

}  // namespace redis_zk::redis_wrapper
