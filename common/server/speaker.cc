#include "common/server/speaker.h"

#include "common/app/logging.h"

namespace redis_zk::server {

void Speaker::end_turn() {
    if (doing_.empty()) waits_.forget();
}

void Speaker::speak(const std::string& sentence, const core::Wait* wait, core::TimePoint now) {
    if (wait == nullptr) return deed(sentence, now);
    doing_ = sentence;
    if (waits_.should_say(wait->reason, now)) app::log_info(sentence);
}

void Speaker::deed(const std::string& sentence, core::TimePoint now) {
    if (sentence.empty()) return;
    if (deeds_.should_say(sentence, now)) app::log_info(sentence);
    metrics_
        .counter("redis_zk_actions_total", "What was done, by kind",
                 {{"kind", sentence.substr(0, sentence.find_first_of(" ,"))}})
        .add();
}

void Speaker::outcome(const std::string& what, const core::Result<core::Done>& result,
                      core::TimePoint now) {
    if (result) return;
    const std::string sentence = what + " failed: " + result.error().message;
    if (complaints_.should_say(sentence, now)) app::log_warning(sentence);
}

void say_that_we_stood_still() {
    app::log_warning(
        "this process stood still for more than a third of the session timeout; everything is "
        "looked at again");
}

}  // namespace redis_zk::server
