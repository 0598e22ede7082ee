#include "sentinel-wrapper/generated_configuration.h"

#include <algorithm>
#include <iterator>

#include "common/app/network.h"
#include "common/server/directives.h"
#include "common/server/file.h"

namespace redis_zk::sentinel_wrapper {

namespace {

std::string in_milliseconds(core::milliseconds time) { return std::to_string(time.count()); }

// Each setting of the master that we monitor, with its values.
std::vector<Words> master_settings(const Config& config) {
    std::vector<Words> settings{
        {"down-after-milliseconds", in_milliseconds(config.down_after)},
        {"failover-timeout", in_milliseconds(config.failover_timeout)},
        {"parallel-syncs", std::to_string(config.parallel_syncs)},
    };
    const auto& [username, password] = config.credentials;
    if (!username.empty()) settings.push_back({"auth-user", username});
    if (!password.empty()) settings.push_back({"auth-pass", password});
    settings.insert(settings.end(), config.user.of_the_master.begin(),
                    config.user.of_the_master.end());
    return settings;
}

// The other sentinels and the clients are on other hosts, so a sentinel lets in everybody from
// everywhere when no password is set: Sentinel mode has protected-mode off from the beginning
// (initSentinelConfig in sentinel.c). The line only says what is so.
bool opens_to_others(const Config& config) {
    return config.sentinel_credentials.password.empty() && !config.user.sets_protected_mode;
}

bool comes_in_as_default(const Config& config) {
    const std::string& username = config.sentinel_credentials.username;
    return username.empty() || username == "default";
}

// Whoever does not log in is the user default, who may do everything when nothing is said of him: a
// password of another user would keep nobody out. Beside an aclfile no line can define a user.
bool closes_default_user(const Config& config) {
    const UserConfiguration& user = config.user;
    return !comes_in_as_default(config) && !config.sentinel_credentials.password.empty() &&
           !user.requirepass && !user.has_acl_file && !user.users.contains("default");
}

// A user of ACL is defined by the user's own lines; requirepass is about the default one.
void add_passwords(const Config& config, std::vector<Words>& lines) {
    const auto& [username, password] = config.sentinel_credentials;
    const bool is_default = comes_in_as_default(config);
    if (closes_default_user(config)) lines.push_back({"user", "default", "off"});
    if (!is_default && config.user.requirepass)
        lines.push_back({"requirepass", *config.user.requirepass});
    if (password.empty()) return;
    if (is_default) lines.push_back({"requirepass", password});
    // And with it this sentinel comes in at the others.
    if (!is_default) lines.push_back({"sentinel", "sentinel-user", username});
    lines.push_back({"sentinel", "sentinel-pass", password});
}

// The directive of ours that stands in the place of one of the user's.
const Words* replacement(const Words& users, const std::vector<Words>& ours) {
    const std::ptrdiff_t same = users.front() == "sentinel" ? 2 : 1;
    const auto found = std::ranges::find_if(ours, [&](const Words& own) {
        return std::ssize(own) >= same &&
               std::equal(own.begin(), own.begin() + same, users.begin());
    });
    return found == ours.end() ? nullptr : &*found;
}

// Only sentences are made of it: what is known when the sentinel starts is left out.
Beginning unknown() { return {"", {"", 0}, 0, {}}; }

std::vector<Words> epoch_lines(const Config& config, const Epochs& epochs) {
    const std::string& name = config.master_name;
    const std::string current = std::to_string(std::max(epochs.config, epochs.last_vote));
    return {{"sentinel", "current-epoch", current},
            {"sentinel", "config-epoch", name, std::to_string(epochs.config)},
            {"sentinel", "leader-epoch", name, std::to_string(epochs.last_vote)}};
}

}  // namespace

std::vector<Words> own_directives(const Config& config, const Beginning& beginning) {
    std::vector<Words> lines{
        {"bind", config.listen.host},
        {"port", std::to_string(config.listen.port)},
        {"unixsocket", config.socket_path()},
        {"unixsocketperm", "700"},
        {"dir", config.run_dir},
        {"daemonize", "no"},
        {"supervised", "no"},
        {"pidfile", ""},
        {"logfile", ""},
        {"sentinel", "myid", beginning.id},
        {"sentinel", "announce-ip", config.announce.host},
        {"sentinel", "announce-port", std::to_string(config.announce.port)},
    };
    add_passwords(config, lines);
    if (opens_to_others(config)) lines.push_back({"protected-mode", "no"});
    if (!app::is_address(beginning.master.host)) {
        lines.push_back({"sentinel", "resolve-hostnames", "yes"});
        // Else it answers with the address, which is not whom the record names.
        lines.push_back({"sentinel", "announce-hostnames", "yes"});
    }
    lines.push_back({"sentinel", "monitor", config.master_name, beginning.master.host,
                     std::to_string(beginning.master.port), std::to_string(beginning.quorum)});
    for (Words& setting : master_settings(config)) {
        Words line{"sentinel", setting.front(), config.master_name};
        line.insert(line.end(), setting.begin() + 1, setting.end());
        lines.push_back(std::move(line));
    }
    std::ranges::move(epoch_lines(config, beginning.epochs), std::back_inserter(lines));
    return lines;
}

Words settings_of_master(const Config& config) {
    Words all;
    for (const Words& setting : master_settings(config))
        all.insert(all.end(), setting.begin(), setting.end());
    return all;
}

std::string generated_configuration(const Config& config, const Beginning& beginning) {
    std::string text =
        "# Written by sentinel-wrapper at each start, and thrown away by the next: change "
        "SENTINEL_CONF instead.\n";
    for (const Words& line : config.user.kept) text += server::line_of(line) + '\n';
    for (const Words& line : own_directives(config, beginning))
        text += server::line_of(line) + '\n';
    return text;
}

std::vector<std::string> spoken_choices(const Config& config) {
    std::vector<std::string> sentences;
    const auto ours = own_directives(config, unknown());
    for (const Directive& users : config.user.decided) {
        const Words* own = replacement(users.words, ours);
        const bool is_known_later =
            users.words.size() > 1 && (users.words[1] == "myid" || users.words[1] == "monitor");
        if (own == nullptr || is_known_later)
            sentences.push_back(users.where + ": sentinel " + users.words[1] +
                                " is left out, since sentinel-wrapper decides it");
        else if (auto sentence = server::spoken_override(users, *own, "SENTINEL_PASSWORD"))
            sentences.push_back(std::move(*sentence));
    }
    if (opens_to_others(config) && !app::is_loopback(config.listen.host))
        sentences.emplace_back(
            "no password is set, and protected-mode is off so that clients and the other sentinels "
            "can come in: everybody who reaches " +
            core::spoken(config.listen) +
            " can change what it monitors; SENTINEL_PASSWORD_FILE sets one");
    if (closes_default_user(config))
        sentences.emplace_back(
            "user default off, because SENTINEL_USERNAME is another user: who does not log in may "
            "do nothing, unless SENTINEL_CONF has a line `user default ...` or requirepass");
    // It is read last, and makes default anew [measured, 7.0.15].
    if (config.user.has_acl_file && !config.sentinel_credentials.password.empty())
        sentences.emplace_back(
            "the aclfile decides whether everybody comes in: without a line about the user default "
            "there he needs no password, whatever else is set");
    return sentences;
}

core::Result<core::Done> write_generated_configuration(const Config& config,
                                                       const Beginning& beginning) {
    return server::replace_file(config.configuration_path(),
                                generated_configuration(config, beginning),
                                server::Durability::until_restart);
}

}  // namespace redis_zk::sentinel_wrapper
