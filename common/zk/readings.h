// What the copies of nodes in ZooKeeper say, as values. What cannot be understood is skipped, left
// alone, and complained about once.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/core/record.h"
#include "common/zk/layout.h"
#include "common/zk/path.h"
#include "common/zk/watched_directory.h"
#include "common/zk/watched_node.h"

namespace redis_zk::zk {

// Says a complaint about something once, until it changes.
class Complaints {
  public:
    // `say` gets a sentence for the log.
    explicit Complaints(std::function<void(const std::string&)> say) : say_{std::move(say)} {}

    // An empty sentence: nothing is wrong with `what` any more.
    void about(const std::string& what, const std::string& sentence);

    // What is no longer in a folder: nobody else would ever forget it. `is_there` gets its name.
    template <typename IsThere>
    void forget_absent(const std::string& folder, IsThere is_there) {
        std::erase_if(said_, [&](const auto& complaint) {
            const std::string& what = complaint.first;
            return parent_of(what) == folder && !is_there(what.substr(folder.size() + 1));
        });
    }

  private:
    std::function<void(const std::string&)> say_;
    std::map<std::string, std::string> said_;
};

core::FoundRecord read_record(const WatchedNode& master, const WatchedNode& term,
                              Complaints& complaints);
core::Roster read_roster(const WatchedNode& roster, Complaints& complaints);
std::map<std::string, core::Member> read_members(const WatchedDirectory& members,
                                                 Complaints& complaints);

// The addresses of those that are registered.
std::vector<core::Endpoint> read_sentinels(const WatchedDirectory& sentinels,
                                           Complaints& complaints);

}  // namespace redis_zk::zk
