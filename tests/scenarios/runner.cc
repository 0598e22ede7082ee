#include "tests/scenarios/runner.h"

#include <stdexcept>

#include "redis-wrapper/core/decide.h"
#include "tests/scenarios/words.h"
#include "tests/simulation/promises.h"
#include "tests/simulation/sentinel.h"

namespace redis_zk::scenarios {

using namespace std::chrono_literals;
using core::spoken;
using simulation::Endpoint;

namespace {

simulation::Settings steady_settings() {
    simulation::Settings settings;
    settings.policy = redis_wrapper::decide;
    settings.steady = true;
    settings.shortest_delay = settings.longest_delay = 5ms;
    return settings;
}

}  // namespace

Runner::Runner() : world_{steady_settings()} {}

Runner::~Runner() = default;

std::vector<std::string> Runner::perform(const std::vector<std::string>& commands) {
    told_.clear();
    for (const auto& command : commands) one(command);
    return told_;
}

void Runner::one(const std::string& command) {
    Words words = words_of(command);
    const bool quietly = !words.empty() && words.front() == "quietly";
    if (quietly) words.erase(words.begin());
    const bool understood = settings(words) || processes(words) || disks(words) || people(words) ||
                            zookeeper(words) || sentinels(words) || questions(words);
    if (!understood) throw std::runtime_error{"not a command: " + command};
    const auto& transcript = world_.transcript();
    for (; heard_ < transcript.size(); ++heard_) {
        const std::string& line = transcript[heard_];
        if (!quietly) told_.push_back(line.substr(line.find("  ") + 2));
    }
}

bool Runner::settings(const Words& words) {
    if (is(words, "nodes * to *")) {
        const std::string prefix = words[1].substr(0, 1);
        const int last = std::stoi(words[3].substr(1));
        for (int i = std::stoi(words[1].substr(1)); i <= last; ++i)
            world_.add_node(prefix + std::to_string(i));
    } else if (is(words, "nodes ...")) {
        for (std::size_t i = 1; i < words.size(); ++i) world_.add_node(words[i]);
    } else if (is(words, "cold start wait *")) {
        world_.settings.cold_start_wait = duration(words[3]);
    } else if (is(words, "without append-only file")) {
        world_.settings.append_only = false;
    } else if (is(words, "priority * *")) {
        node(words[1]).priority = std::stoi(words[2]);
    } else if (is(words, "permit data loss *")) {
        node(words[3]).accept_data_loss = true;
    } else {
        return false;
    }
    return true;
}

bool Runner::processes(const Words& words) {
    if (is(words, "start everybody")) {
        for (const auto& each : world_.nodes()) each->start();
    } else if (is(words, "start ...")) {
        for (std::size_t i = 1; i < words.size(); ++i) node(words[i]).start();
    } else if (is(words, "kill everybody")) {
        for (const auto& each : world_.nodes()) each->kill();
    } else if (is(words, "kill ...")) {
        for (std::size_t i = 1; i < words.size(); ++i) node(words[i]).kill();
    } else if (is(words, "stop ...")) {
        for (std::size_t i = 1; i < words.size(); ++i) node(words[i]).stop();
    } else if (is(words, "hang *")) {
        node(words[1]).redis.ignores_sigterm = true;
    } else if (is(words, "redis of * ends")) {
        node(words[2]).redis_ends();
    } else if (is(words, "redis of * hangs for *")) {
        node(words[2]).hang_redis(duration(words[5]));
    } else if (is(words, "freeze wrapper of * for *")) {
        node(words[3]).freeze(duration(words[5]));
    } else if (is(words, "freeze * for *")) {
        node(words[1]).freeze_whole(duration(words[3]));
    } else {
        return false;
    }
    return true;
}

bool Runner::disks(const Words& words) {
    if (is(words, "wipe *")) {
        node(words[1]).wipe_disk();
    } else if (is(words, "back up *")) {
        backups_[words[2]] = node(words[2]).disk_now();
    } else if (is(words, "restore *")) {
        node(words[1]).disk = backups_.at(words[1]);
    } else if (is(words, "data of a plain server at *")) {
        node(words[6]).disk.version = world_.versions.write(simulation::Versions::empty);
    } else if (is(words, "copy * to *")) {
        node(words[3]).disk = node(words[1]).disk_now();
    } else if (is(words, "move * *")) {
        node(words[1]).move_to(endpoint(words[2]));
    } else {
        return false;
    }
    return true;
}

bool Runner::people(const Words& words) {
    if (is(words, "write a few")) {
        for (int i = 0; i < 3; ++i) world_.write();
    } else if (is(words, "promote * by hand")) {
        node(words[1]).promoted_by_sentinel();
    } else if (is(words, "point * at *")) {
        node(words[1]).reconfigured_by_sentinel(endpoint(words[3]));
    } else if (is(words, "ask * for another master")) {
        node(words[1]).hand_over();
    } else if (is(words, "stranger at *")) {
        auto& stranger = world_.strangers[endpoint(words[2])];
        stranger.answer = redis_wrapper::Probe::Answer::master;
        stranger.run_id = "of a stranger";
    } else {
        return false;
    }
    return true;
}

bool Runner::zookeeper(const Words& words) {
    core::FoundRecord record = world_.zookeeper.record();
    ++record.named_version;
    if (is(words, "expire *")) {
        node(words[1]).expire_session();
    } else if (is(words, "cut * from zookeeper for *")) {
        node(words[1]).cut_from_zookeeper(duration(words[5]));
    } else if (is(words, "zookeeper down")) {
        zookeeper_goes();
    } else if (is(words, "zookeeper up")) {
        world_.zookeeper_is_up = true;
    } else if (is(words, "record is garbage")) {
        record.unreadable = true;
        record.named.reset();
        record.written.reset();
        world_.zookeeper.overwrite(record);
    } else if (is(words, "record is lost")) {
        world_.zookeeper.overwrite({});
        world_.zookeeper.write_roster({});
    } else if (is(words, "record names *")) {
        record.named = endpoint(words[2]);
        world_.zookeeper.overwrite(record);
    } else {
        return false;
    }
    return true;
}

bool Runner::sentinels(const Words& words) {
    if (is(words, "sentinels * watch *")) {
        for (int i = 1; i <= std::stoi(words[1]); ++i)
            world_.add_sentinel("s" + std::to_string(i)).start_registered(node(words[3]).address());
    } else if (is(words, "sentinels die")) {
        for (const auto& each : world_.sentinels()) {
            each->kill();
            each->expire_session();
        }
    } else if (is(words, "sentinels fail over")) {
        world_.sentinels().front()->child()->request_failover();
    } else if (is(words, "sentinels forget the old master")) {
        for (const auto& each : world_.sentinels()) each->child()->forgets_the_old_master = true;
    } else {
        return false;
    }
    return true;
}

bool Runner::questions(const Words& words) {
    if (is(words, "wait *")) {
        world_.run(duration(words[1]));
    } else if (is(words, "look")) {
        look();
    } else if (is(words, "count")) {
        count();
    } else if (is(words, "check")) {
        const std::string reason = simulation::why_not_healed(world_);
        world_.say("check", reason.empty() ? "all is well" : reason);
    } else {
        return false;
    }
    return true;
}

void Runner::zookeeper_goes() {
    world_.zookeeper_is_up = false;
    for (const auto& each : world_.nodes()) each->cut_from_zookeeper(0ms);
}

void Runner::count() {
    std::map<std::string, int> roles;
    for (const auto& each : world_.nodes())
        if (each->is_running()) ++roles[name_of(each->view().redis.role)];
    for (const auto& [role, number] : roles) world_.say(role, std::to_string(number));
}

void Runner::look() {
    for (const auto& each : world_.nodes()) {
        if (!each->is_running()) {
            world_.say(each->name(), "is not running");
            continue;
        }
        const auto& redis = each->view().redis;
        std::string line = spoken(each->address()) + " is " + name_of(redis.role);
        if (redis.following) line += " of " + spoken(*redis.following);
        if (redis.following) line += redis.link_up ? ", link up" : ", link down";
        const bool is_master = redis.role == core::Role::master;
        if (redis.open || is_master) line += redis.open ? ", open" : ", closed";
        if (!is_master) line += each->redis.offered ? ", offered" : ", not offered";
        world_.say(each->name(), line + ", " + spoken(redis.lineage));
    }
    const auto& record = world_.zookeeper.record();
    std::string line = record.unreadable ? "garbage" : "nobody";
    if (record.named) line = spoken(*record.named);
    if (record.written) line += ", term " + std::to_string(record.term());
    world_.say("record", line);
}

}  // namespace redis_zk::scenarios
