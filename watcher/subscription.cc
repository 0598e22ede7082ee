#include "watcher/subscription.h"

#include <utility>

#include "common/redis/sentinel.h"

namespace redis_zk::watcher {

using namespace std::chrono_literals;
using core::Result;
using redis::Reply;

namespace {

constexpr core::milliseconds time_to_answer = 1000ms;
constexpr core::milliseconds time_to_resolve = 1000ms;
constexpr core::milliseconds time_between_pings = 500ms;

}  // namespace

Subscription::Subscription(event::Loop& loop, event::Resolver& resolver, Options options,
                           Handlers handlers)
    : loop_{loop},
      options_{std::move(options)},
      handlers_{std::move(handlers)},
      ping_soon_{loop, [this] { ping(); }} {
    lookup_ = resolver.resolve(options_.sentinel.host, time_to_resolve,
                               [this](const Result<event::Addresses>& addresses) {
                                   if (!addresses) return lose(addresses.error().message);
                                   connect(addresses->front());
                               });
}

Subscription::~Subscription() = default;

void Subscription::connect(const std::string& address) {
    connection_ = std::make_unique<redis::Connection>(
        loop_,
        redis::Connection::Options{core::Endpoint{address, options_.sentinel.port},
                                   options_.credentials, time_to_answer, time_to_answer},
        [this](const core::Error& error) { lose(error.message); });
    ask();
}

void Subscription::ask() {
    redis::sentinel_master(
        *connection_, options_.master_name, [this](const Result<redis::SentinelMaster>& master) {
            if (master)
                return subscribe(core::spoken(master->endpoint) + " in epoch " +
                                 std::to_string(master->config_epoch) +
                                 (master->flags.subjectively_down ? ", which is down" : ""));
            // The end of the connection is told by its owner's callback.
            if (master.error().fault == core::Fault::refused) lose(master.error().message);
        });
}

void Subscription::subscribe(const std::string& answer) {
    connection_->subscribe({"PSUBSCRIBE", "*"},
                           [this, answer](const Reply& message) { pushed(message, answer); });
    ping_soon_.start(time_between_pings);
}

// The answer has a deadline, at which the connection ends.
void Subscription::ping() {
    connection_->send({"PING"}, {});
    ping_soon_.start(time_between_pings);
}

// ["pmessage", "*", channel, text]; the confirmation is ["psubscribe", "*", 1].
void Subscription::pushed(const Reply& message, const std::string& answer) {
    const auto& parts = message.list;
    if (parts.front().text == "psubscribe" && !std::exchange(is_listening_, true))
        return handlers_.on_listening(answer);
    const bool is_message = parts.front().text == "pmessage" && parts.size() == 4 &&
                            parts[2].kind == Reply::Kind::text &&
                            parts[3].kind == Reply::Kind::text;
    if (is_message) handlers_.on_message(parts[2].text, parts[3].text);
}

void Subscription::lose(const std::string& why) {
    ping_soon_.stop();
    if (const auto on_lost = std::exchange(handlers_.on_lost, nullptr)) on_lost(why);
}

}  // namespace redis_zk::watcher
