// Performs the commands of a story about sentinel-wrapper and hands back what was said.
//
//   before anything is started
//     nodes a b c                    at 10.0.0.1:6379 …: a is the recorded master, term 1, and the
//                                    others follow it
//     no nodes yet a b c             nobody is there, and nothing is recorded
//     sentinels s1 s2 s3             at 10.0.1.1:26379 …
//     quorum majority    master timeout 30s    drain 2s
//   the processes of a sentinel
//     start s1 …    kill s1    stop s1 (SIGTERM)    sentinel of s1 ends    sentinel of s1 hangs
//     sentinel of s1 is mute, sentinel of s1 speaks    says no hello, says it again
//     sentinel of s1 ignores news    it cannot look up the name of another master
//     s1 cannot look up names, s1 can look up names    tells its sentinel of no master
//     s1 monitors nobody by hand     SENTINEL REMOVE
//     s1 ignores SIGTERM    move s1 10.0.1.9:26379 (where it will be started next)
//     s1 loses its id                to somebody else in the pool
//     somebody else takes id-1       the same; its owner hears of it once he has ZooKeeper again
//     plain sentinel p at 10.0.2.1:26379 watches 10.0.0.1:6379    without a wrapper
//     plain sentinel p dies
//     registered is 10.0.2.1:26379   by somebody else
//   the nodes are what is said
//     master b    replica a of b    parked a    dead a    silent a
//     a is of another cluster    no proof from a for 500ms
//     a has lost zookeeper
//     record b term 2    no record
//   fail-overs
//     s1 fails over    s1 chooses (by priority and offset)    s1 has promoted b
//   ZooKeeper
//     cut s1 from zookeeper for 5s    zookeeper down    zookeeper up
//   time and questions
//     wait 6s
//     look                           what each sentinel has in mind, and who is registered
//   quietly …                        any of the above; what is said during it is not told
#pragma once

#include <string>
#include <vector>

#include "tests/scenarios/sentinels/stage.h"
#include "tests/scenarios/words.h"

namespace redis_zk::sentinel_scenarios {

class Runner {
  public:
    Runner();
    ~Runner();

    // What was said while these commands ran. Throws std::runtime_error for a command that is not
    // understood.
    std::vector<std::string> perform(const std::vector<std::string>& commands);
    // Empty while no two sentinels run under one id.
    std::string broken_promise() const;

  private:
    using Words = scenarios::Words;

    void one(const std::string& command);
    // Each takes the commands of its subject, and says whether this was one.
    bool settings(const Words& words);
    bool processes(const Words& words);
    bool plain_sentinels(const Words& words);
    bool nodes(const Words& words);
    bool zookeeper(const Words& words);
    bool questions(const Words& words);

    void add_nodes(const Words& names, bool are_running);
    void set_zookeeper(bool is_up);
    void look();

    Stage stage_;
    std::vector<std::string> told_;
};

}  // namespace redis_zk::sentinel_scenarios
