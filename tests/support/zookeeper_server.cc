#include "tests/support/zookeeper_server.h"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace redis_zk::test {
namespace {

using namespace std::chrono_literals;

// Debian's packages: the jar names those that it needs in its manifest.
constexpr auto class_path = "/etc/zookeeper/conf:/usr/share/java/zookeeper.jar";

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// Somebody may take it before the server does; the caller then tries another one.
std::uint16_t free_port() {
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(0);
    socklen_t size = sizeof address;
    if (bind(descriptor, reinterpret_cast<sockaddr*>(&address), size) != 0)
        throw std::runtime_error{"no port is free"};
    getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
    close(descriptor);
    return ntohs(address.sin_port);
}

// "ruok" is answered too early: a session that is asked for before the server really serves may get
// no answer at all.
bool serves(std::uint16_t port) {
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(port);
    std::array<char, 4096> answer{};
    pollfd readable{descriptor, POLLIN, 0};
    std::string text;
    if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        send(descriptor, "srvr", 4, MSG_NOSIGNAL) == 4) {
        ssize_t got = 1;
        while (got > 0 && poll(&readable, 1, 2000) == 1) {
            got = recv(descriptor, answer.data(), answer.size(), 0);
            if (got > 0) text.append(answer.data(), static_cast<std::size_t>(got));
        }
    }
    close(descriptor);
    return text.find("Mode: standalone") != std::string::npos;
}

[[noreturn]] void become_the_server(pid_t parent, const std::string& folder) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    const int log = open((folder + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    const auto configuration = folder + "/zoo.cfg";
    execlp("java", "java", "-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto",
           "-Dzookeeper.forceSync=no", "-Dzookeeper.admin.enableServer=false",
           "-Dzookeeper.jmx.log4j.disable=true", "-Dzookeeper.root.logger=WARN,CONSOLE", "-cp",
           class_path, "org.apache.zookeeper.server.ZooKeeperServerMain", configuration.c_str(),
           static_cast<char*>(nullptr));
    _exit(127);
}

}  // namespace

ZookeeperServer::ZookeeperServer() {
    auto pattern = (std::filesystem::temp_directory_path() / "redis-zk-zookeeper-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
    folder_ = pattern;
    for (int attempt = 0; attempt < 5; ++attempt) {
        port_ = free_port();
        write_configuration();
        if (try_to_start()) return;
    }
    std::ifstream log{folder_ + "/log"};
    const std::string text{std::istreambuf_iterator<char>{log}, {}};
    std::filesystem::remove_all(folder_);
    throw std::runtime_error{"the ZooKeeper server does not start:\n" + text};
}

ZookeeperServer::~ZookeeperServer() {
    kill();
    std::filesystem::remove_all(folder_);
}

void ZookeeperServer::write_configuration() {
    std::ofstream{folder_ + "/zoo.cfg"} << "dataDir=" << folder_ << "/data\n"
                                        << "clientPortAddress=127.0.0.1\nclientPort=" << port_
                                        << "\n"
                                        << "tickTime=200\nmaxSessionTimeout=60000\n"
                                        << "maxClientCnxns=0\n4lw.commands.whitelist=srvr\n";
}

void ZookeeperServer::pause() { ::kill(process_, SIGSTOP); }
void ZookeeperServer::resume() { ::kill(process_, SIGCONT); }

void ZookeeperServer::kill() {
    if (process_ == -1) return;
    ::kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = -1;
}

void ZookeeperServer::start() {
    if (process_ == -1 && !try_to_start())
        throw std::runtime_error{"the server does not come back"};
}

bool ZookeeperServer::try_to_start() {
    const pid_t parent = getpid();
    process_ = fork();
    if (process_ == 0) become_the_server(parent, folder_);
    if (wait_until_it_answers()) return true;
    kill();
    return false;
}

// The test program has nothing else to do meanwhile, so this may block.
bool ZookeeperServer::wait_until_it_answers() {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (std::chrono::steady_clock::now() < deadline) {
        if (waitpid(process_, nullptr, WNOHANG) == process_) {
            process_ = -1;
            return false;
        }
        if (serves(port_)) return true;
        poll(nullptr, 0, 20);
    }
    return false;
}

}  // namespace redis_zk::test
