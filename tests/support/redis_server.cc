#include "tests/support/redis_server.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/event/socket.h"

namespace redis_zk::test {

namespace {

constexpr std::chrono::seconds patience{15};
constexpr int attempts = 5;

std::string fresh_directory() {
    std::string path = std::filesystem::temp_directory_path() / "redis-zk-test-XXXXXX";
    if (mkdtemp(path.data()) == nullptr) throw std::runtime_error{"cannot make a directory"};
    return path;
}

[[noreturn]] void become(const std::string& configuration_file, bool is_sentinel, pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);  // it died before we could ask
    const int nowhere = open("/dev/null", O_RDWR);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    execlp("redis-server", "redis-server", configuration_file.c_str(),
           is_sentinel ? "--sentinel" : static_cast<char*>(nullptr), static_cast<char*>(nullptr));
    _exit(127);
}

void nap(int milliseconds) { ::poll(nullptr, 0, milliseconds); }

}  // namespace

RedisServer::RedisServer(std::vector<std::string> configuration)
    : RedisServer{std::move(configuration), false} {}

RedisServer RedisServer::sentinel_of(const core::Endpoint& master) {
    return RedisServer{
        {"sentinel monitor mymaster " + master.host + ' ' + std::to_string(master.port) + " 1"},
        true};
}

RedisServer::RedisServer(std::vector<std::string> configuration, bool is_sentinel)
    : directory_{fresh_directory()} {
    // Somebody else may take the port between our asking for one and the server's binding it.
    for (int attempt = 0; attempt < attempts; ++attempt)
        if (start(configuration, is_sentinel)) return;
    std::filesystem::remove_all(directory_);
    throw std::runtime_error{"redis-server does not start"};
}

RedisServer::~RedisServer() {
    kill();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

bool RedisServer::start(const std::vector<std::string>& configuration, bool is_sentinel) {
    endpoint_ = {"127.0.0.1", event::local_port(event::listen_tcp({"127.0.0.1", 0}).value())};
    const std::string file = directory_ + "/redis.conf";
    std::ofstream lines{file};
    lines << "port " << endpoint_.port << "\nbind 127.0.0.1 ::1\ndir " << directory_
          << "\nunixsocket " << socket_path() << "\nlogfile " << directory_ << "/log\n";
    if (!is_sentinel) lines << "save \"\"\nrepl-diskless-sync no\n";
    for (const std::string& line : configuration) lines << line << '\n';
    lines.close();

    const pid_t parent = getpid();
    process_ = fork();
    if (process_ == 0) become(file, is_sentinel, parent);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < deadline) {
        if (waitpid(process_, nullptr, WNOHANG) == process_) break;
        if (answers()) return true;
        nap(5);
    }
    kill();
    return false;
}

bool RedisServer::answers() const {
    const auto socket = event::connect_tcp(endpoint_);
    if (!socket) return false;
    pollfd writable{socket->number(), POLLOUT, 0};
    if (::poll(&writable, 1, 1000) != 1 || event::connect_error(*socket) != 0) return false;
    // Any answer will do, NOAUTH as well.
    if (::send(socket->number(), "PING\r\n", 6, MSG_NOSIGNAL) != 6) return false;
    pollfd readable{socket->number(), POLLIN, 0};
    char first = 0;
    return ::poll(&readable, 1, 1000) == 1 && ::recv(socket->number(), &first, 1, 0) == 1;
}

void RedisServer::freeze() { ::kill(process_, SIGSTOP); }

void RedisServer::kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = -1;
}

}  // namespace redis_zk::test
