#include <algorithm>
#include <memory>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "common/app/identity.h"
#include "common/app/network.h"
#include "common/server/config.h"

namespace redis_zk::server {

namespace {

std::string spoken_choice() {
    return "this host has " + app::spoken_interfaces() +
           "; name one of these interfaces, or set BIND_IP to one of these addresses";
}

// IPv4 first, or empty. Asks the name servers and waits for them, so never while the loop runs.
std::string looked_up(const std::string& host) {
    for (const int family : {AF_INET, AF_INET6}) {
        addrinfo hints{};
        hints.ai_family = family;
        hints.ai_socktype = SOCK_STREAM;
        addrinfo* found = nullptr;
        if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) continue;
        const std::unique_ptr<addrinfo, decltype([](addrinfo* list) { freeaddrinfo(list); })> owner{
            found};
        std::array<char, NI_MAXHOST> text{};
        if (getnameinfo(found->ai_addr, found->ai_addrlen, text.data(), text.size(), nullptr, 0,
                        NI_NUMERICHOST) == 0)
            return text.data();
    }
    return "";
}

class AddressChooser {
  public:
    AddressChooser(app::Settings& settings, const Environment& environment)
        : settings_{settings}, environment_{environment} {}

    core::Endpoint listen() {
        const auto port = settings_.port("listen-port");
        return {listening_host(), port ? *port : *settings_.port("port0")};
    }

    core::Endpoint announce(const core::Endpoint& listen) {
        std::uint16_t port = listen.port;
        if (settings_.is_given("port0")) port = *settings_.port("port0");
        if (const auto given = settings_.port("announce-port")) port = *given;
        return {announced_host(listen.host), port};
    }

  private:
    std::string listening_host() {
        const std::string& address = settings_.text("bind-ip");
        if (address.empty()) return host_of_interface();
        if (!app::is_address(address))
            settings_.add_mistake("bind-ip", '"' + address + "\" is not an IPv4 or IPv6 address");
        else if (!app::is_on_this_host(address))
            settings_.add_mistake("bind-ip", '"' + address + "\" is not an address of this host; " +
                                                 "it has " + app::spoken_interfaces());
        return app::usual_spelling(address);
    }

    std::string host_of_interface() {
        const std::string& name = settings_.text("net-iface");
        const bool is_named = settings_.is_given("net-iface");
        for (const std::string& address : app::addresses_of(name))
            if (is_named || !app::is_loopback(address)) return address;
        const auto all = app::interfaces();
        const bool exists = std::ranges::find(all, name, &app::Interface::name) != all.end();
        settings_.add_mistake("net-iface", '"' + name + '"' +
                                               (exists ? " has no usable address; "
                                                       : " is no network interface here; ") +
                                               spoken_choice());
        return "";
    }

    std::string announced_host(const std::string& listening) {
        const std::string& address = settings_.text("announce-ip");
        if (!address.empty()) {
            if (!app::is_address(address))
                settings_.add_mistake("announce-ip",
                                      '"' + address + "\" is not an IPv4 or IPv6 address");
            else if (app::is_any_address(address))
                settings_.add_mistake("announce-ip",
                                      '"' + address + "\" is no address that others can reach");
            return app::usual_spelling(address);
        }
        std::string outer = outer_host();
        if (!outer.empty()) return outer;
        return app::is_any_address(listening) ? host_of_interface() : listening;
    }

    // The address of the scheduler's HOST when we run in bridge mode, else empty.
    std::string outer_host() {
        const auto found = environment_.find("HOST");
        // Some shells set HOST too, to the name of this host; they do not set PORT0.
        if (found == environment_.end() || found->second.empty()) return "";
        if (!settings_.is_given("port0") || found->second == app::host_name()) return "";
        const std::string& host = found->second;
        const std::string address =
            app::is_address(host) ? app::usual_spelling(host) : looked_up(host);
        if (address.empty()) {
            settings_.mistakes.push_back(
                "HOST: \"" + host +
                "\" cannot be looked up, so nobody knows whether this is bridge mode; set "
                "ANNOUNCE_IP to the address at which others reach this node");
            return "";
        }
        return app::is_on_this_host(address) ? "" : address;
    }

    app::Settings& settings_;
    const Environment& environment_;
};

}  // namespace

core::Endpoint choose_listening(app::Settings& settings) {
    const Environment none;  // it decides about the announced address only
    return AddressChooser{settings, none}.listen();
}

void choose_addresses(Config& config, app::Settings& settings, const Environment& environment,
                      const std::string& server) {
    AddressChooser chooser{settings, environment};
    config.listen = chooser.listen();
    config.announce = chooser.announce(config.listen);

    const auto http = settings.port("http-port");
    if (!http) return;
    config.http = core::Endpoint{config.listen.host, *http};
    if (*http == config.listen.port)
        settings.add_mistake("http-port", std::to_string(*http) + " is also the port on which " +
                                              server + " listens");
}

}  // namespace redis_zk::server
