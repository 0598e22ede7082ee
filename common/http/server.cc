#include "common/http/server.h"

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include <sys/socket.h>

#include "common/event/socket.h"
#include "common/event/stream.h"

namespace redis_zk::http {

namespace {

constexpr core::milliseconds breath{100};

// A client that pipelines faster than it reads must not fill our memory with answers.
constexpr std::size_t most_unsent = 256 * 1024;

}  // namespace

// One client. `patience` covers each of its requests as a whole, so that a byte now and then buys
// no time.
class Server::Conversation {
  public:
    Conversation(Server& server, event::Descriptor client);

    // Between two requests, with nothing left to send.
    bool is_idle() const {
        return stage_ != Stage::saying_goodbye && !reader_.is_in_the_middle() &&
               stream_.unsent() == 0;
    }
    core::TimePoint waits_since() const { return waits_since_; }

  private:
    enum class Stage { open, saying_goodbye, listening_no_more };

    void received(std::string_view bytes);
    void answer_all();
    void answer(const IncomingRequest& incoming);
    void refuse(const Response& response);
    void sent();
    void wait();
    void end() { server_.finished(this); }

    Server& server_;
    RequestReader reader_;
    Stage stage_ = Stage::open;
    int socket_;  // the stream's, for shutdown(2)
    core::TimePoint waits_since_;
    event::Timer patience_;
    event::Stream stream_;
};

Server::Conversation::Conversation(Server& server, event::Descriptor client)
    : server_{server},
      reader_{server.options_.limits},
      socket_{client.number()},
      patience_{server.loop_, [this] { end(); }},
      stream_{
          server.loop_, std::move(client), event::Stream::State::connected,
          event::Stream::Handlers{.on_connected = {},
                                  .on_bytes = [this](std::string_view bytes) { received(bytes); },
                                  .on_sent = [this] { sent(); },
                                  .on_end = [this](int) { end(); }}} {
    wait();
}

void Server::Conversation::wait() {
    waits_since_ = server_.loop_.now();
    patience_.start(server_.options_.patience);
}

void Server::Conversation::received(std::string_view bytes) {
    if (stage_ != Stage::open) return;  // thrown away; see sent()
    if (!reader_.is_in_the_middle() && stream_.unsent() == 0) wait();
    reader_.feed(bytes);
    answer_all();
}

void Server::Conversation::answer_all() {
    while (stage_ == Stage::open) {
        if (stream_.unsent() > most_unsent) return stream_.read(false);
        const auto next = reader_.next();
        if (const auto* refusal = std::get_if<Response>(&next)) return refuse(*refusal);
        const auto* incoming = std::get_if<IncomingRequest>(&next);
        if (incoming == nullptr) break;
        answer(*incoming);
    }
    if (stage_ == Stage::open && reader_.must_say_continue())
        stream_.send("HTTP/1.1 100 Continue\r\n\r\n");
}

void Server::Conversation::answer(const IncomingRequest& incoming) {
    const Response response = server_.router_.answer(incoming.request);
    stream_.send(head_of(response, incoming.version, incoming.keeps_alive));
    if (incoming.request.method != "HEAD") stream_.send(response.body);
    if (!incoming.keeps_alive) stage_ = Stage::saying_goodbye;
}

void Server::Conversation::refuse(const Response& response) {
    stream_.send(head_of(response, 11, false) + response.body);
    stage_ = Stage::saying_goodbye;
}

void Server::Conversation::sent() {
    if (stage_ == Stage::saying_goodbye) {
        // Closing while the client is still sending would reset the connection, and the client
        // might lose the answer. So only our direction ends; what still comes is thrown away
        // until the client closes, or patience ends.
        stage_ = Stage::listening_no_more;
        ::shutdown(socket_, SHUT_WR);
        return stream_.read(true);
    }
    if (stage_ != Stage::open) return;
    wait();
    stream_.read(true);
    answer_all();  // requests that had to wait until the answers before them were gone
}

Server::Server(event::Loop& loop, const Router& router, Options options)
    : loop_{loop},
      router_{router},
      options_{std::move(options)},
      readiness_{loop, [this](event::Readiness::Ready) { accept(); }},
      breath_{loop, [this] { listen(); }} {
    auto socket = event::listen_tcp(options_.listen);
    if (!socket) throw std::runtime_error{socket.error().message};
    listening_ = std::move(socket).value();
    listen();
}

Server::~Server() = default;

std::uint16_t Server::port() const { return event::local_port(listening_); }

void Server::listen() {
    if (!readiness_.watch(listening_.number(), event::Readiness::Interest::read))
        throw std::runtime_error{"cannot watch the HTTP port"};
}

void Server::accept() {
    event::Descriptor client{
        ::accept4(listening_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (!client.is_open()) {
        // Out of descriptors: it stays readable, and would keep the loop busy with nothing.
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            readiness_.reset();
            breath_.start(breath);
        }
        return;
    }
    if (conversations_.size() >= options_.most_connections) make_room();
    auto conversation = std::make_unique<Conversation>(*this, std::move(client));
    const Conversation* const key = conversation.get();
    conversations_.emplace(key, std::move(conversation));
}

// Whoever is in the middle of something goes last: what is whole is answered at once, so only a
// client that is slow is there for long.
void Server::make_room() {
    const auto ends_before = [](const auto& one, const auto& other) {
        return std::pair{!one.second->is_idle(), one.second->waits_since()} <
               std::pair{!other.second->is_idle(), other.second->waits_since()};
    };
    conversations_.erase(std::ranges::min_element(conversations_, ends_before));
}

void Server::finished(const Conversation* conversation) { conversations_.erase(conversation); }

}  // namespace redis_zk::http
