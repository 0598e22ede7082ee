#include "tests/scenarios/sentinels/runner.h"

#include <algorithm>
#include <stdexcept>

#include "tests/scenarios/sentinels/wrapper.h"

namespace redis_zk::sentinel_scenarios {

using namespace std::chrono_literals;
using core::spoken;
using scenarios::duration;
using scenarios::endpoint;
using scenarios::is;
using State = FakeNode::State;

Runner::Runner() { stage_.settings.quorum = 2; }

Runner::~Runner() = default;

std::vector<std::string> Runner::perform(const std::vector<std::string>& commands) {
    told_.clear();
    for (const auto& command : commands) one(command);
    return told_;
}

std::string Runner::broken_promise() const {
    std::set<std::string> ids;
    for (const FakeSentinel* sentinel : stage_.running_sentinels())
        if (!ids.insert(sentinel->id()).second) return "two sentinels run as " + sentinel->id();
    return {};
}

void Runner::one(const std::string& command) {
    Words words = scenarios::words_of(command);
    const bool quietly = !words.empty() && words.front() == "quietly";
    if (quietly) words.erase(words.begin());
    const bool understood = settings(words) || zookeeper(words) || plain_sentinels(words) ||
                            processes(words) || nodes(words) || questions(words);
    if (!understood) throw std::runtime_error{"not a command: " + command};
    for (std::string& line : stage_.take_transcript())
        if (!quietly) told_.push_back(std::move(line));
}

bool Runner::settings(const Words& words) {
    if (is(words, "nodes ...")) {
        add_nodes(words, true);
    } else if (is(words, "no nodes yet ...")) {
        add_nodes({words.begin() + 2, words.end()}, false);
    } else if (is(words, "sentinels ...")) {
        for (std::size_t i = 1; i < words.size(); ++i)
            stage_.wrappers[words[i]] = std::make_unique<Wrapper>(
                stage_, words[i], Endpoint{"10.0.1." + std::to_string(i), 26379});
    } else if (is(words, "quorum majority")) {
        stage_.settings.quorum.reset();
    } else if (is(words, "master timeout *")) {
        stage_.settings.master_timeout = duration(words[2]);
    } else if (is(words, "drain *")) {
        stage_.settings.drain = duration(words[1]);
    } else {
        return false;
    }
    return true;
}

void Runner::add_nodes(const Words& names, bool are_running) {
    for (std::size_t i = 1; i < names.size(); ++i) {
        stage_.add_node(names[i]);
        FakeNode& node = stage_.node(names[i]);
        if (!are_running) continue;
        node.state = i == 1 ? State::master : State::replica;
        if (i > 1) node.following = stage_.addresses.at(names[1]);
    }
    if (are_running) stage_.record(names[1], 1);
}

bool Runner::processes(const Words& words) {
    if (is(words, "start ...")) {
        for (std::size_t i = 1; i < words.size(); ++i) stage_.wrapper(words[i]).start();
    } else if (is(words, "kill *")) {
        stage_.wrapper(words[1]).kill();
    } else if (is(words, "stop *")) {
        stage_.wrapper(words[1]).stop();
    } else if (is(words, "sentinel of * ends")) {
        stage_.wrapper(words[2]).sentinel_ends();
    } else if (is(words, "sentinel of * hangs")) {
        stage_.wrapper(words[2]).child->hangs = true;
    } else if (is(words, "sentinel of * is mute")) {
        stage_.wrapper(words[2]).child->is_mute = true;
    } else if (is(words, "sentinel of * speaks")) {
        stage_.wrapper(words[2]).child->is_mute = false;
    } else if (is(words, "sentinel of * ignores news")) {
        stage_.wrapper(words[2]).child->ignores_news = true;
    } else if (is(words, "* cannot look up names")) {
        stage_.wrapper(words[0]).cannot_look_up_names = true;
    } else if (is(words, "* can look up names")) {
        stage_.wrapper(words[0]).cannot_look_up_names = false;
    } else if (is(words, "* monitors nobody by hand")) {
        stage_.wrapper(words[0]).child->remove();
    } else if (is(words, "* ignores SIGTERM")) {
        stage_.wrapper(words[0]).ignores_sigterm = true;
    } else if (is(words, "* loses its id")) {
        stage_.wrapper(words[0]).lose_identity();
    } else if (is(words, "move * *")) {
        stage_.wrapper(words[1]).address = endpoint(words[2]);
    } else if (is(words, "* fails over")) {
        stage_.wrapper(words[0]).child->begin_failover();
    } else if (is(words, "* chooses")) {
        stage_.wrapper(words[0]).child->request_failover();
    } else if (is(words, "* has promoted *")) {
        stage_.wrapper(words[0]).child->end_failover(stage_.addresses.at(words[3]));
    } else {
        return false;
    }
    return true;
}

bool Runner::plain_sentinels(const Words& words) {
    auto& others = stage_.others;
    if (is(words, "plain sentinel * at * watches *")) {
        others.push_back(std::make_unique<FakeSentinel>(stage_, words[2], endpoint(words[4])));
        others.back()->is_plain = true;
        others.back()->monitor(endpoint(words[6]), 2);
    } else if (is(words, "registered is *")) {
        stage_.zookeeper.sentinels["somebody else"] = endpoint(words[2]);
        stage_.zookeeper_changed();
    } else if (is(words, "plain sentinel * dies")) {
        std::erase_if(others, [&](const auto& it) { return it->id() == words[2]; });
    } else {
        return false;
    }
    return true;
}

bool Runner::nodes(const Words& words) {
    if (is(words, "master *")) {
        stage_.node(words[1]).state = State::master;
        stage_.node(words[1]).following.reset();
    } else if (is(words, "replica * of *")) {
        stage_.node(words[1]).state = State::replica;
        stage_.node(words[1]).following = stage_.addresses.contains(words[3])
                                              ? stage_.addresses.at(words[3])
                                              : endpoint(words[3]);
    } else if (is(words, "parked *")) {
        stage_.node(words[1]).state = State::replica;
        stage_.node(words[1]).following.reset();
    } else if (is(words, "dead *")) {
        stage_.node(words[1]).state = State::dead;
    } else if (is(words, "silent *")) {
        stage_.node(words[1]).state = State::silent;
    } else if (is(words, "* is of another cluster")) {
        stage_.node(words[0]).is_ours = false;
    } else if (is(words, "no proof from * for *")) {
        FakeNode& node = stage_.node(words[3]);
        node.is_ours = false;
        stage_.clock.after(duration(words[5]), [&node] { node.is_ours = true; });
    } else if (is(words, "* has lost zookeeper")) {
        stage_.node(words[0]).is_listed = false;
    } else {
        return false;
    }
    stage_.zookeeper_changed();
    return true;
}

bool Runner::zookeeper(const Words& words) {
    if (is(words, "record * term *")) {
        stage_.record(words[1], std::stoul(words[3]));
        stage_.zookeeper_changed();
    } else if (is(words, "somebody writes * into the name")) {
        stage_.zookeeper.record.named = stage_.addresses.at(words[2]);
        stage_.zookeeper_changed();
    } else if (is(words, "somebody writes garbage into the term")) {
        stage_.zookeeper.record.written.reset();
        stage_.zookeeper.record.unreadable = true;
        stage_.zookeeper_changed();
    } else if (is(words, "somebody else takes *")) {
        stage_.zookeeper.owners[words[3]] = "somebody else";
    } else if (is(words, "no record")) {
        stage_.zookeeper.record = core::FoundRecord{};
        stage_.zookeeper.record.known = true;
        stage_.zookeeper_changed();
    } else if (is(words, "cut * from zookeeper for *")) {
        stage_.wrapper(words[1]).cut_from_zookeeper(duration(words[5]));
    } else if (is(words, "zookeeper down")) {
        set_zookeeper(false);
    } else if (is(words, "zookeeper up")) {
        set_zookeeper(true);
    } else {
        return false;
    }
    return true;
}

// It keeps the sessions of those that come back in time, as an ensemble does.
void Runner::set_zookeeper(bool is_up) {
    stage_.zookeeper.is_up = is_up;
    for (const auto& [name, wrapper] : stage_.wrappers) wrapper->connect(is_up);
}

bool Runner::questions(const Words& words) {
    if (is(words, "wait *"))
        stage_.run(duration(words[1]));
    else if (is(words, "look"))
        look();
    else
        return false;
    return true;
}

void Runner::look() {
    for (const auto& [name, wrapper] : stage_.wrappers) {
        std::string line = wrapper->is_running() ? "has no sentinel" : "is not running";
        if (wrapper->child) {
            const auto seen = wrapper->child->look();
            line = wrapper->child->id() + " monitors ";
            line += seen.monitored ? spoken(seen.monitored->master) + " with quorum " +
                                         std::to_string(seen.monitored->quorum)
                                   : "nobody";
            line += ", knows " + std::to_string(seen.replicas.size()) + " replicas and " +
                    std::to_string(seen.others.size()) + " sentinels";
            if (!seen.has_quorum) line += ", has no quorum";
        }
        stage_.say(name, line);
    }
    std::string registered;
    for (const auto& [name, address] : stage_.zookeeper.sentinels) registered += ' ' + name;
    stage_.say("registered", registered.empty() ? "nobody" : registered.substr(1));
}

}  // namespace redis_zk::sentinel_scenarios
