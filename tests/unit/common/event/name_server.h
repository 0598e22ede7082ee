// A name server on loopback that says what a test wants: the only one the resolver is shown.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "common/event/descriptor.h"
#include "common/event/readiness.h"

namespace redis_zk::event {

class NameServer {
  public:
    enum class Type : int { ipv4 = 1, ipv6 = 28 };
    struct Answer {
        bool silent = false;
        int code = 0;      // 2: in trouble, 3: no such name
        std::string data;  // the address, 4 or 16 bytes; empty: the name has none
    };

    NameServer(Loop& loop, std::function<Answer(Type)> answer)
        : answer_{std::move(answer)},
          socket_{::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)},
          readiness_{loop, [this](Readiness::Ready) { serve(); }} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        works_ = bind(socket_.number(), generic, size) == 0 &&
                 getsockname(socket_.number(), generic, &size) == 0 &&
                 readiness_.watch(socket_.number(), Readiness::Interest::read);
        port_ = ntohs(address.sin_port);
    }

    bool works() const { return works_; }
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    int questions() const { return questions_; }

  private:
    void serve() {
        std::array<char, 512> bytes{};
        sockaddr_in from{};
        socklen_t size = sizeof from;
        auto* generic = reinterpret_cast<sockaddr*>(&from);
        const auto count =
            recvfrom(socket_.number(), bytes.data(), bytes.size(), 0, generic, &size);
        if (count < 17) return;
        ++questions_;
        const auto message = reply(std::string(bytes.data(), static_cast<std::size_t>(count)));
        if (!message.empty())
            sendto(socket_.number(), message.data(), message.size(), 0, generic, size);
    }

    // RFC 1035: 12 bytes of header, the question (name, type, class), and perhaps one record that
    // points back to the name at byte 12.
    std::string reply(const std::string& question) const {
        const auto end = question.find('\0', 12) + 5;
        const auto answer = answer_(static_cast<Type>(question.at(end - 3)));
        if (answer.silent) return {};
        std::string message = question.substr(0, 2);
        message += {'\x81', static_cast<char>(0x80 | answer.code)};
        message += {0, 1, 0, static_cast<char>(answer.data.empty() ? 0 : 1), 0, 0, 0, 0};
        message += question.substr(12, end - 12);
        if (answer.data.empty()) return message;
        message += {'\xc0', '\x0c', question.at(end - 4), question.at(end - 3), 0, 1};
        message += {0, 0, 0, 60, 0, static_cast<char>(answer.data.size())};
        return message + answer.data;
    }

    std::function<Answer(Type)> answer_;
    Descriptor socket_;
    bool works_ = false;
    int port_ = 0;
    int questions_ = 0;
    Readiness readiness_;
};

}  // namespace redis_zk::event
