#include "common/event/question.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace redis_zk::event {
namespace {

// A datagram may be lost: ask again this often within the deadline (c-ares doubles the time).
constexpr int tries = 4;

bool is_numeric(const std::string& host) {
    in6_addr address{};
    // "fe80::1%eth0": the interface is part of the address, but not known to inet_pton.
    return inet_pton(AF_INET, host.c_str(), &address) == 1 ||
           inet_pton(AF_INET6, host.substr(0, host.find('%')).c_str(), &address) == 1;
}

std::string numeric(const ares_addrinfo_node& node) {
    const void* address = nullptr;
    if (node.ai_family == AF_INET)
        address = &reinterpret_cast<const sockaddr_in*>(node.ai_addr)->sin_addr;
    else if (node.ai_family == AF_INET6)
        address = &reinterpret_cast<const sockaddr_in6*>(node.ai_addr)->sin6_addr;
    char text[INET6_ADDRSTRLEN] = "";
    if (address) inet_ntop(node.ai_family, address, text, sizeof text);
    return text;
}

Addresses addresses_of(const ares_addrinfo* information) {
    Addresses addresses;
    for (auto* node = information ? information->nodes : nullptr; node; node = node->ai_next) {
        auto address = numeric(*node);
        if (!address.empty() && std::ranges::find(addresses, address) == addresses.end())
            addresses.push_back(std::move(address));
    }
    return addresses;
}

}  // namespace

Lookup::Question::Question(Resolver& resolver, std::string host, core::milliseconds deadline,
                           core::Callback<Addresses> on_answer)
    : resolver_{&resolver},
      host_{std::move(host)},
      deadline_{deadline},
      on_answer_{std::move(on_answer)},
      retry_{resolver.loop_, [this] { process(ARES_SOCKET_BAD, ARES_SOCKET_BAD); }},
      // Answers with what has come so far, or with ARES_ECANCELLED.
      give_up_{resolver.loop_, [this] { ares_cancel(channel_); }},
      next_turn_{resolver.loop_, [this] { hand_on(); }} {
    resolver.questions_.insert(this);
    if (is_numeric(host_))
        settle(Addresses{host_});
    else
        ask(resolver.options_.name_servers);
}

Lookup::Question::~Question() { cancel(); }

void Lookup::Question::cancel() {
    if (resolver_) std::exchange(resolver_, nullptr)->questions_.erase(this);
    if (channel_) ares_destroy(std::exchange(channel_, nullptr));
    retry_.stop();
    give_up_.stop();
    next_turn_.cancel();
}

void Lookup::Question::ask(const std::string& name_servers) {
    ares_options options{};
    char lookups[] = "fb";  // files, then name servers, whatever nsswitch.conf knows besides
    options.lookups = lookups;
    options.timeout =
        static_cast<int>(std::clamp<core::milliseconds::rep>(deadline_.count() / tries, 20, 5000));
    options.tries = tries;
    options.sock_state_cb = &Question::socket_changed;
    options.sock_state_cb_data = this;
    int status = ares_init_options(
        &channel_, &options,
        ARES_OPT_LOOKUPS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
    if (status == ARES_SUCCESS && !name_servers.empty())
        status = ares_set_servers_ports_csv(channel_, name_servers.c_str());
    if (status != ARES_SUCCESS) return settle(error_of(status));

    give_up_.start(deadline_);
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    ares_getaddrinfo(channel_, host_.c_str(), nullptr, &hints, &Question::answered, this);
    arm_retry();
}

void Lookup::Question::socket_changed(void* self, ares_socket_t socket, int readable,
                                      int writable) noexcept {
    auto& question = *static_cast<Question*>(self);
    if (!readable && !writable) {
        question.sockets_.erase(socket);
        return;
    }
    const auto on_ready = [&question, socket](Readiness::Ready ready) {
        question.process(ready.readable ? socket : ARES_SOCKET_BAD,
                         ready.writable ? socket : ARES_SOCKET_BAD);
    };
    auto& readiness =
        question.sockets_.try_emplace(socket, question.resolver_->loop_, on_ready).first->second;
    const auto interest = !writable   ? Readiness::Interest::read
                          : !readable ? Readiness::Interest::write
                                      : Readiness::Interest::read_and_write;
    // If the kernel cannot watch it, c-ares finds out by its own timeout.
    static_cast<void>(readiness.watch(socket, interest));
}

void Lookup::Question::process(ares_socket_t readable, ares_socket_t writable) {
    ares_process_fd(channel_, readable, writable);
    arm_retry();
}

void Lookup::Question::arm_retry() {
    timeval wait{};
    if (!ares_timeout(channel_, nullptr, &wait)) return retry_.stop();
    retry_.start(std::chrono::ceil<core::milliseconds>(std::chrono::seconds{wait.tv_sec} +
                                                       std::chrono::microseconds{wait.tv_usec}));
}

void Lookup::Question::answered(void* self, int status, int, ares_addrinfo* information) noexcept {
    const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owned{information,
                                                                             &ares_freeaddrinfo};
    if (status == ARES_EDESTRUCTION) return;  // by cancel(): nobody is waiting
    auto& question = *static_cast<Question*>(self);
    auto addresses = addresses_of(information);
    if (status == ARES_SUCCESS && addresses.empty()) status = ARES_ENODATA;
    if (status == ARES_SUCCESS)
        question.settle(std::move(addresses));
    else
        question.settle(question.error_of(status));
}

void Lookup::Question::settle(core::Result<Addresses> answer) {
    answer_ = std::move(answer);
    next_turn_.schedule();
}

void Lookup::Question::hand_on() {
    const auto on_answer = std::move(on_answer_);
    auto answer = *std::move(answer_);
    cancel();
    on_answer(std::move(answer));  // may destroy us
}

core::Error Lookup::Question::error_of(int status) const {
    switch (status) {
        case ARES_ENOTFOUND:
        case ARES_ENODATA:
            return {core::Fault::refused, "there is no address for " + host_, status};
        case ARES_EBADNAME:
        case ARES_EFORMERR: return {core::Fault::refused, host_ + " is no valid host name", status};
        case ARES_ECANCELLED:
            return {core::Fault::ask_again,
                    "no name server has said within " + std::to_string(deadline_.count()) +
                        " ms where " + host_ + " is",
                    status};
        default:
            return {core::Fault::ask_again,
                    "cannot find out where " + host_ + " is: " + ares_strerror(status), status};
    }
}

}  // namespace redis_zk::event
