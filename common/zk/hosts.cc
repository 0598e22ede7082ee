#include "common/zk/hosts.h"

#include <algorithm>
#include <variant>

#include "common/zk/path.h"

namespace redis_zk::zk {
namespace {

using ServerOrMistake = std::variant<core::Endpoint, std::string>;

std::string quoted(std::string_view text) { return "\"" + std::string{text} + "\""; }

bool is_host_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_';
}

bool is_ipv6_character(char c) { return is_host_character(c) || c == ':' || c == '%'; }

ServerOrMistake with_port(std::string_view whole, std::string_view host, std::string_view port) {
    const auto number = core::parse_port(port);
    if (!number) return "the port of server " + quoted(whole) + " is not a number from 1 to 65535";
    return core::Endpoint{std::string{host}, *number};
}

ServerOrMistake parse_bracketed(std::string_view text) {
    const auto end = text.find(']');
    if (end == std::string_view::npos)
        return "the bracket of server " + quoted(text) + " is never closed";
    const auto host = text.substr(1, end - 1);
    const auto rest = text.substr(end + 1);
    if (host.find(':') == std::string_view::npos || !std::ranges::all_of(host, is_ipv6_character))
        return "server " + quoted(text) + " has no IPv6 address in its brackets";
    if (rest.empty()) return core::Endpoint{std::string{host}, default_port};
    if (rest.front() != ':')
        return "server " + quoted(text) + " has something other than a port after its bracket";
    return with_port(text, host, rest.substr(1));
}

ServerOrMistake parse_server(std::string_view text) {
    if (text.empty()) return std::string{"a server is empty (a comma too many)"};
    if (text.front() == '[') return parse_bracketed(text);
    if (std::ranges::count(text, ':') > 1)
        return "server " + quoted(text) +
               " looks like an IPv6 address, which has to stand in brackets";

    const auto colon = text.find(':');
    const auto host = text.substr(0, colon);
    if (host.empty()) return "server " + quoted(text) + " has no host";
    if (!std::ranges::all_of(host, is_host_character))
        return "the host of server " + quoted(text) + " contains a character that no host name has";
    if (colon == std::string_view::npos) return core::Endpoint{std::string{host}, default_port};
    return with_port(text, host, text.substr(colon + 1));
}

std::string_view without_spaces(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace

core::Result<Hosts> parse_hosts(std::string_view text) {
    Hosts hosts;
    std::string mistakes;
    const auto note = [&mistakes](const std::string& mistake) {
        if (!mistakes.empty()) mistakes += "; ";
        mistakes += mistake;
    };

    text = without_spaces(text);
    const auto slash = std::min(text.find('/'), text.size());
    const auto chroot = text.substr(slash);
    text = text.substr(0, slash);

    if (text.empty()) note("no ZooKeeper server is given");
    while (!text.empty()) {
        const auto comma = text.find(',');
        const auto server = parse_server(without_spaces(text.substr(0, comma)));
        if (const auto* mistake = std::get_if<std::string>(&server))
            note(*mistake);
        else
            hosts.servers.push_back(std::get<core::Endpoint>(server));
        if (comma == std::string_view::npos) break;
        text.remove_prefix(comma + 1);
        if (text.empty()) note("a server is empty (a comma too many)");
    }

    if (!chroot.empty() && chroot != "/") {
        if (const auto mistake = mistake_in_path(chroot))
            note("the chroot " + quoted(chroot) + " " + *mistake);
        hosts.chroot = chroot;
    }
    if (!mistakes.empty()) return core::Error{core::Fault::refused, mistakes};
    return hosts;
}

std::string spoken(const std::vector<core::Endpoint>& servers) {
    std::string text;
    for (const auto& server : servers) {
        if (!text.empty()) text += ", ";
        text += core::spoken(server);
    }
    return text;
}

}  // namespace redis_zk::zk
