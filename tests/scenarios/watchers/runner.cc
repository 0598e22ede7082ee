#include "tests/scenarios/watchers/runner.h"

#include <stdexcept>

#include "tests/scenarios/watchers/watcher.h"

namespace redis_zk::watcher_scenarios {

using core::spoken;
using scenarios::duration;
using scenarios::is;
using Answer = Probe::Answer;

Runner::Runner() = default;
Runner::~Runner() = default;

std::vector<std::string> Runner::perform(const std::vector<std::string>& commands) {
    told_.clear();
    for (const auto& command : commands) one(command);
    return told_;
}

void Runner::one(const std::string& command) {
    Words words = scenarios::words_of(command);
    const bool quietly = !words.empty() && words.front() == "quietly";
    if (quietly) words.erase(words.begin());
    const bool understood =
        settings(words) || zookeeper(words) || sentinels(words) || nodes(words) || questions(words);
    if (!understood) throw std::runtime_error{"not a command: " + command};
    for (std::string& line : stage_.take_transcript())
        if (!quietly) told_.push_back(std::move(line));
}

bool Runner::settings(const Words& words) {
    if (is(words, "nodes ...")) {
        for (std::size_t i = 1; i < words.size(); ++i) {
            stage_.addresses[words[i]] = {"10.0.0." + std::to_string(i), 6379};
            stage_.nodes[stage_.addresses[words[i]]];
        }
        stage_.node(words[1]).state = Answer::master;
        stage_.node(words[1]).is_open = true;
        stage_.record(words[1], 1, 1);
    } else if (is(words, "sentinels ...")) {
        for (std::size_t i = 1; i < words.size(); ++i) {
            stage_.addresses[words[i]] = {"10.0.1." + std::to_string(i), 26379};
            Opinion& opinion = stage_.sentinels[stage_.addresses[words[i]]].opinion;
            opinion.answered = opinion.master_is_up = opinion.has_quorum = true;
            opinion.master = opinion.watched = stage_.zookeeper.record.named;
            opinion.config_epoch = opinion.last_vote = 1;
            opinion.id = words[i];
            opinion.voted_for = words[1];
        }
    } else if (is(words, "start ...")) {
        for (std::size_t i = 1; i < words.size(); ++i) {
            auto& watcher = stage_.watchers[words[i]];
            if (!watcher) watcher = std::make_unique<Watcher>(stage_, words[i]);
            watcher->start();
        }
    } else if (is(words, "kill *")) {
        stage_.watcher(words[1]).kill();
    } else if (is(words, "freeze * for *")) {
        stage_.watcher(words[1]).freeze(duration(words[3]));
    } else {
        return false;
    }
    return true;
}

bool Runner::nodes(const Words& words) {
    const auto become = [&](Answer state, bool is_open) {
        stage_.node(words[1]).state = state;
        stage_.node(words[1]).is_open = is_open;
    };
    if (is(words, "open *")) {
        become(Answer::master, true);
    } else if (is(words, "closed *")) {
        become(Answer::master, false);
    } else if (is(words, "replica *")) {
        become(Answer::replica, false);
    } else if (is(words, "dead *")) {
        become(Answer::dead, false);
    } else if (is(words, "silent *")) {
        become(Answer::silent, stage_.node(words[1]).is_open);
    } else if (is(words, "restart *")) {
        ++stage_.node(words[1]).life;
        become(Answer::replica, false);
    } else if (is(words, "* proves nothing")) {
        stage_.node(words[0]).proves_membership = false;
    } else if (is(words, "* is empty")) {
        stage_.node(words[0]).has_data = false;
    } else if (is(words, "* has data of term *")) {
        stage_.node(words[0]).data_term = std::stoul(words[5]);
    } else if (is(words, "entry of * vanishes")) {
        stage_.node(words[2]).is_listed = false;
    } else {
        return false;
    }
    stage_.zookeeper_changed();
    return true;
}

std::vector<FakeSentinel*> Runner::named(const std::string& who) {
    std::vector<FakeSentinel*> all;
    for (auto& [address, sentinel] : stage_.sentinels)
        if (who == "all" || address == stage_.addresses.at(who)) all.push_back(&sentinel);
    return all;
}

bool Runner::sentinels(const Words& words) {
    if (words.empty() || (words[0] != "all" && words[0].front() != 's')) return false;
    if (words[0] != "all" && !stage_.addresses.contains(words[0])) return false;
    if (words.size() > 2 && words[1] == "says") {
        const std::vector<std::string> text{words.begin() + 3, words.end()};
        for (const auto& [name, watcher] : stage_.watchers)
            watcher->published(stage_.addresses.at(words[0]), words[2], text);
        return true;
    }
    for (FakeSentinel* sentinel : named(words[0])) {
        Opinion& opinion = sentinel->opinion;
        if (is(words, "* names * in epoch *") || is(words, "* name * in epoch *")) {
            opinion.master = stage_.addresses.at(words[2]);
            opinion.config_epoch = std::stoul(words[5]);
            // The leader looks after the former one until all is done.
            if (!opinion.failover_in_progress) opinion.watched = opinion.master;
            if (!opinion.failover_in_progress) opinion.master_is_up = true;
        } else if (is(words, "* votes for * in epoch *") || is(words, "* vote for * in epoch *")) {
            opinion.voted_for = words[3];
            opinion.last_vote = std::stoul(words[6]);
        } else if (is(words, "* say that * is down")) {
            opinion.master_is_up = false;
        } else if (is(words, "* fails over")) {
            opinion.failover_in_progress = true;
        } else if (is(words, "* is done")) {
            opinion.failover_in_progress = false;
            opinion.watched = opinion.master;
            opinion.master_is_up = true;
        } else if (is(words, "* is silent") || is(words, "* are silent")) {
            sentinel->state = FakeSentinel::State::silent;
        } else if (is(words, "* is dead") || is(words, "* are dead")) {
            sentinel->state = FakeSentinel::State::dead;
        } else if (is(words, "* is well") || is(words, "* are well")) {
            sentinel->state = FakeSentinel::State::well;
        } else if (is(words, "* has no quorum")) {
            opinion.has_quorum = false;
        } else if (is(words, "* leaves")) {
            sentinel->is_registered = false;
            stage_.zookeeper_changed();
        } else {
            return false;
        }
    }
    return true;
}

bool Runner::zookeeper(const Words& words) {
    core::FoundRecord& record = stage_.zookeeper.record;
    if (is(words, "record * term * epoch *")) {
        stage_.record(words[1], std::stoul(words[3]), std::stoul(words[5]));
    } else if (is(words, "record names *")) {
        record.named = stage_.addresses.at(words[2]);
        ++record.named_version;
    } else if (is(words, "record is emptied")) {
        record.named.reset();
        ++record.named_version;
    } else if (is(words, "record is deleted")) {
        record.named.reset();
        record.named_version = -1;
    } else if (is(words, "record is lost")) {
        record = core::FoundRecord{};
        record.known = true;
    } else if (is(words, "record is garbage")) {
        record.unreadable = true;
        record.written.reset();
        ++record.written_version;
    } else if (is(words, "zookeeper down") || is(words, "zookeeper up")) {
        stage_.zookeeper.is_up = words[1] == "up";
        for (const auto& [name, watcher] : stage_.watchers)
            watcher->connect(stage_.zookeeper.is_up);
    } else {
        return false;
    }
    stage_.zookeeper_changed();
    return true;
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
    const auto& record = stage_.zookeeper.record;
    std::string line = record.named ? spoken(*record.named) : "nobody";
    line += record.written ? ", term " + std::to_string(record.term()) : ", no term";
    stage_.say("record", line);
    for (const auto& [name, watcher] : stage_.watchers) stage_.say(name, watcher->listens_to());
}

}  // namespace redis_zk::watcher_scenarios
