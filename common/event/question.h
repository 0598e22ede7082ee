// Inside of the resolver: one question, from resolve() to its answer, with a c-ares channel of its
// own. c-ares can cancel only a whole channel, and must not be told to from inside one of its own
// callbacks; so a channel serves one question, and the answer is handed on in a turn of its own.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <ares.h>

#include "common/event/next_turn.h"
#include "common/event/readiness.h"
#include "common/event/resolver.h"
#include "common/event/timer.h"

namespace redis_zk::event {

class Lookup::Question {
  public:
    Question(Resolver& resolver, std::string host, core::milliseconds deadline,
             core::Callback<Addresses> on_answer);
    ~Question();
    Question(const Question&) = delete;
    Question& operator=(const Question&) = delete;

    void cancel();

  private:
    // What c-ares calls.
    static void socket_changed(void* self, ares_socket_t, int readable, int writable) noexcept;
    static void answered(void* self, int status, int, ares_addrinfo* information) noexcept;

    void ask(const std::string& name_servers);
    void process(ares_socket_t readable, ares_socket_t writable);
    void arm_retry();
    void settle(core::Result<Addresses> answer);
    void hand_on();
    core::Error error_of(int status) const;

    Resolver* resolver_;  // null: gone
    std::string host_;
    core::milliseconds deadline_;
    core::Callback<Addresses> on_answer_;
    std::optional<core::Result<Addresses>> answer_;
    ares_channel channel_ = nullptr;
    std::map<ares_socket_t, Readiness> sockets_;  // c-ares opens and closes them
    Timer retry_;                                 // c-ares asks again, or another name server
    Timer give_up_;
    NextTurn next_turn_;
};

}  // namespace redis_zk::event
