#include "common/server/trial_start.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/event/descriptor.h"
#include "common/event/exit_status.h"
#include "common/server/server_output.h"

namespace redis_zk::server {

namespace {

using Clock = std::chrono::steady_clock;
using core::milliseconds;

core::Error refused(const std::string& why) { return {core::Fault::refused, why}; }

// A process that cannot outlive its object.
class Running {
  public:
    explicit Running(const event::Command& command)
        : command_{command}, spawned_{event::spawn(command)} {}
    ~Running() {
        if (!spawned_ || status_) return;
        ::kill(spawned_->child, SIGKILL);
        waitpid(spawned_->child, nullptr, 0);
    }
    Running(const Running&) = delete;

    // The reason why there is no process at all, or nothing.
    std::optional<core::Error> error() const {
        return spawned_ ? std::nullopt : std::optional{spawned_.error()};
    }

    // Waits for output or the end for so long. True when it has ended.
    bool ended_within(milliseconds time) {
        if (status_) return true;
        pollfd output{spawned_->output.number(), POLLIN, 0};
        ::poll(&output, 1, static_cast<int>(time.count()));
        read_output();
        int status = 0;
        if (waitpid(spawned_->child, &status, WNOHANG) != spawned_->child) return false;
        read_output();
        const auto failure = event::failure_of(*spawned_, command_);
        status_ = failure ? *failure : event::from_wait_status(status);
        return true;
    }

    const event::ExitStatus& status() const { return *status_; }

    std::vector<std::string> lines() const {
        std::vector<std::string> all;
        for (std::size_t begin = 0; begin < text_.size();) {
            const std::size_t end = std::min(text_.find('\n', begin), text_.size());
            all.push_back(text_.substr(begin, end - begin));
            begin = end + 1;
        }
        return all;
    }

  private:
    void read_output() {
        std::array<char, 4096> buffer;
        ssize_t count = 0;
        while ((count = read(spawned_->output.number(), buffer.data(), buffer.size())) > 0)
            text_.append(buffer.data(), static_cast<std::size_t>(count));
    }

    event::Command command_;
    core::Result<event::Spawned> spawned_;
    std::optional<event::ExitStatus> status_;
    std::string text_;
};

// One command over a connection of its own, and the first line of the answer; nothing when nobody
// listens yet.
class Question {
  public:
    Question(const std::string& socket_path, milliseconds patience) {
        socket_ = event::Descriptor{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        const timeval time{patience.count() / 1000, patience.count() % 1000 * 1000};
        setsockopt(socket_.number(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        socket_path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
        is_connected_ = connect(socket_.number(), reinterpret_cast<const sockaddr*>(&address),
                                sizeof address) == 0;
    }

    bool is_connected() const { return is_connected_; }

    std::string ask(const Words& command) {
        std::string text = '*' + std::to_string(command.size()) + "\r\n";
        for (const std::string& word : command)
            text += '$' + std::to_string(word.size()) + "\r\n" + word + "\r\n";
        if (send(socket_.number(), text.data(), text.size(), MSG_NOSIGNAL) < 0) return "";
        std::string answer;
        char letter = 0;
        while (recv(socket_.number(), &letter, 1, 0) == 1 && letter != '\n') answer += letter;
        if (answer.ends_with('\r')) answer.pop_back();
        return answer;
    }

  private:
    event::Descriptor socket_;
    bool is_connected_ = false;
};

// Refused when the server does not let us say what we have to say to it.
core::Result<core::Done> ask_everything(const Trial& trial, milliseconds patience) {
    const auto& [username, password] = trial.credentials;
    for (const Words& command : trial.commands) {
        Question question{trial.socket_path, patience};
        Words login{"AUTH"};
        if (!username.empty()) login.push_back(username);
        login.push_back(password);
        std::string answer = password.empty() ? "+OK" : question.ask(login);
        if (!answer.starts_with('-')) answer = question.ask(command);
        if (answer.starts_with('-'))
            return refused("it does not let the wrapper say " + command.front() + ": " +
                           answer.substr(1));
        if (answer.empty()) return refused("it does not answer " + command.front());
    }
    return core::Done{};
}

std::string spoken_end(const Running& server) {
    if (auto why = refusal_in(server.lines())) return "it does not start: " + *why;
    return "it does not start: " + event::spoken(server.status());
}

}  // namespace

core::Result<Ended> run_to_end(const event::Command& command, milliseconds patience) {
    Running process{command};
    if (const auto error = process.error()) return *error;
    for (const auto deadline = Clock::now() + patience; Clock::now() < deadline;)
        if (process.ended_within(milliseconds{10})) return Ended{process.status(), process.lines()};
    return refused("it did not end within " + std::to_string(patience.count()) + " ms");
}

core::Result<core::Done> try_to_start(const Trial& trial, milliseconds patience) {
    Running server{trial.server};
    if (const auto error = server.error()) return *error;
    for (const auto deadline = Clock::now() + patience; Clock::now() < deadline;) {
        if (server.ended_within(milliseconds{10})) return refused(spoken_end(server));
        if (!Question{trial.socket_path, patience}.is_connected()) continue;
        return ask_everything(trial, patience);
    }
    return refused("it did not answer within " + std::to_string(patience.count()) + " ms");
}

}  // namespace redis_zk::server
