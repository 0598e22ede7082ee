#include "common/app/network.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <memory>
#include <system_error>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace redis_zk::app {

namespace {

struct FreeAddresses {
    void operator()(addrinfo* first) const { freeaddrinfo(first); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

// AI_NUMERICHOST keeps getaddrinfo from asking DNS; it is used because it knows scopes
// (fe80::1%eth0), which inet_pton does not.
Addresses numeric(const std::string& address, const std::string& port) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    addrinfo* found = nullptr;
    // getaddrinfo takes "1.2" for 1.0.0.2, as inet_aton did; nobody means that.
    const bool is_short_ipv4 =
        address.find(':') == std::string::npos && std::ranges::count(address, '.') != 3;
    if (address.empty() || is_short_ipv4) return nullptr;
    if (getaddrinfo(address.c_str(), port.c_str(), &hints, &found) != 0) return nullptr;
    return Addresses{found};
}

// 0, or the errno of the call that failed.
int try_to_bind(const addrinfo& address) {
    const int socket_ = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_ < 0) return errno;
    const int yes = 1;
    setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (address.ai_family == AF_INET6)
        setsockopt(socket_, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    const int error = bind(socket_, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
    close(socket_);
    return error;
}

const in6_addr& ipv6_of(const sockaddr* address) {
    return reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
}

std::uint32_t ipv4_of(const sockaddr* address) {
    return ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr);
}

// Empty for what is neither IPv4 nor IPv6, and for link-local IPv6, which is of no use to others.
std::string spoken_address(const sockaddr* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address == nullptr) return "";
    if (address->sa_family == AF_INET) {
        const in_addr binary{htonl(ipv4_of(address))};
        inet_ntop(AF_INET, &binary, text.data(), text.size());
    } else if (address->sa_family == AF_INET6 && !IN6_IS_ADDR_LINKLOCAL(&ipv6_of(address))) {
        inet_ntop(AF_INET6, &ipv6_of(address), text.data(), text.size());
    }
    return text.data();
}

bool is_ipv6(const std::string& address) { return address.find(':') != std::string::npos; }

}  // namespace

std::vector<Interface> interfaces() {
    ifaddrs* first = nullptr;
    if (getifaddrs(&first) != 0)
        throw std::system_error{errno, std::generic_category(), "getifaddrs"};
    const std::unique_ptr<ifaddrs, decltype([](ifaddrs* list) { freeifaddrs(list); })> all{first};

    std::vector<Interface> found;
    for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
        auto place = std::ranges::find(found, entry->ifa_name, &Interface::name);
        if (place == found.end()) place = found.insert(place, {entry->ifa_name, {}});
        const std::string address = spoken_address(entry->ifa_addr);
        if (!address.empty()) place->addresses.push_back(address);
    }
    for (auto& [name, addresses] : found)
        std::stable_partition(addresses.begin(), addresses.end(), std::not_fn(is_ipv6));
    return found;
}

std::vector<std::string> addresses_of(const std::string& interface) {
    for (const Interface& one : interfaces())
        if (one.name == interface) return one.addresses;
    return {};
}

std::string spoken_interfaces() {
    std::string sentence;
    for (const Interface& interface : interfaces()) {
        std::string addresses;
        for (const std::string& address : interface.addresses)
            addresses += (addresses.empty() ? "" : ", ") + address;
        if (addresses.empty()) addresses = "no address";
        sentence += (sentence.empty() ? "" : ", ") + interface.name + " (" + addresses + ')';
    }
    return sentence;
}

bool is_address(const std::string& text) { return numeric(text, "0") != nullptr; }

std::string usual_spelling(const std::string& address) {
    const Addresses found = numeric(address, "0");
    std::array<char, NI_MAXHOST> text{};
    const bool is_spelled = found && getnameinfo(found->ai_addr, found->ai_addrlen, text.data(),
                                                 text.size(), nullptr, 0, NI_NUMERICHOST) == 0;
    return is_spelled ? text.data() : address;
}

bool is_loopback(const std::string& address) {
    const Addresses found = numeric(address, "0");
    if (!found) return false;
    if (found->ai_family == AF_INET) return ipv4_of(found->ai_addr) >> 24U == IN_LOOPBACKNET;
    return IN6_IS_ADDR_LOOPBACK(&ipv6_of(found->ai_addr));
}

bool is_any_address(const std::string& address) {
    const Addresses found = numeric(address, "0");
    if (!found) return false;
    if (found->ai_family == AF_INET) return ipv4_of(found->ai_addr) == INADDR_ANY;
    return IN6_IS_ADDR_UNSPECIFIED(&ipv6_of(found->ai_addr));
}

bool is_on_this_host(const std::string& address) {
    const Addresses found = numeric(address, "0");
    return found && try_to_bind(*found) == 0;
}

core::Result<core::Done> can_listen(const core::Endpoint& endpoint) {
    const Addresses found = numeric(endpoint.host, std::to_string(endpoint.port));
    if (!found) return core::Error{core::Fault::refused, '"' + endpoint.host + "\" is no address"};
    const int error = try_to_bind(*found);
    if (error == 0) return core::Done{};
    const std::string port = "port " + std::to_string(endpoint.port) + " of " + endpoint.host;
    if (error == EADDRINUSE) return core::Error{core::Fault::refused, port + " is in use", error};
    if (error == EADDRNOTAVAIL)
        return core::Error{core::Fault::refused, endpoint.host + " is not on this host", error};
    return core::Error{core::Fault::refused, port + " cannot be used: " + std::strerror(error),
                       error};
}

}  // namespace redis_zk::app
