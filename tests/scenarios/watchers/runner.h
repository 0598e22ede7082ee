// Performs the commands of a story about watchers and hands back what was said.
//
//   a well cluster: a is the recorded master of term 1 and takes writes, the others follow it
//     nodes a b c                    at 10.0.0.1:6379 …, registered, with the cluster's data
//     sentinels s1 s2 s3             at 10.0.1.1:26379 …, registered; they name a in epoch 1
//     start w1 …    kill w1    freeze w1 for 9s
//   the nodes are what is said
//     open b    closed b (a master)    replica b    dead b    silent b    restart b (another
//     process) b proves nothing    b is empty    b has data of term 1    entry of b vanishes
//   the sentinels too
//     s1 names b in epoch 2    all name b in epoch 2    s1 votes in epoch 2    all vote in epoch 2
//     all say that a is down   s1 fails over, s1 is done
//     s1 is silent    s1 is dead    s1 is well    s1 has no quorum    s1 leaves    all are dead …
//     s1 says +switch-master …       to whoever listens to it
//   ZooKeeper
//     zookeeper down    zookeeper up    record b term 2 epoch 2 (by somebody else)
//     record is emptied    record is deleted    record is lost    record is garbage    record names
//     b
//   time and questions
//     wait 6s
//     look                           the record, and whom each watcher listens to
//   quietly …                        any of the above; what is said during it is not told
#pragma once

#include <string>
#include <vector>

#include "tests/scenarios/watchers/stage.h"
#include "tests/scenarios/words.h"

namespace redis_zk::watcher_scenarios {

class Runner {
  public:
    Runner();
    ~Runner();

    // What was said while these commands ran. Throws std::runtime_error for a command that is not
    // understood.
    std::vector<std::string> perform(const std::vector<std::string>& commands);
    // Empty while every record that was written was true.
    const std::string& broken_promise() const { return stage_.broken_promise; }

  private:
    using Words = scenarios::Words;

    void one(const std::string& command);
    // Each takes the commands of its subject, and says whether this was one.
    bool settings(const Words& words);
    bool nodes(const Words& words);
    bool sentinels(const Words& words);
    bool zookeeper(const Words& words);
    bool questions(const Words& words);
    std::vector<FakeSentinel*> named(const std::string& who);
    void look();

    Stage stage_;
    std::vector<std::string> told_;
};

}  // namespace redis_zk::watcher_scenarios
