// Performs the commands of a story in the simulated world and hands back what the nodes said.
// All delays are equal and nothing is lost, so the same policy tells the same story every time.
//
//   before anything is started
//     nodes a b c                    at 10.0.0.1:6379, 10.0.0.2:6379 …
//     nodes n1 to n50
//     cold start wait 30s
//     without append-only file       snapshots only
//     priority a 0
//     permit data loss a
//   the processes of a node
//     start a b …    kill a b …    stop a b … (SIGTERM)    hang a (redis ignores SIGTERM)
//     redis of a ends                by itself
//     redis of a hangs for 9s        and then goes on where it was
//     freeze wrapper of a for 9s     its redis goes on meanwhile
//     freeze a for 9s                both
//     wipe a                         its data directory is empty
//     back up a, restore a           its data directory as it was
//     data of a plain server at a    without a wrapper's file beside them
//     copy a to b                    its data directory, to a node that was never started
//     move a 10.9.0.1:6379           where it will be started next
//   its clients, and people with redis-cli
//     write a few                    three writes to every node that takes them
//     promote a by hand              REPLICAOF NO ONE
//     point a at 10.9.0.1:6379       REPLICAOF
//     ask a for another master       POST /handover
//     stranger at 10.9.0.1:6379      a master of another cluster answers there
//   ZooKeeper
//     expire a    cut a from zookeeper for 5s    zookeeper down    zookeeper up
//     record is garbage    record is lost    record names 10.9.0.1:6379 (without a term)
//   sentinels
//     sentinels 3 watch a            registered at once; their wrappers do nothing
//     sentinels die    sentinels fail over    sentinels forget the old master
//   time and questions
//     wait 6s
//     look                           one line for each node, and the record
//     count                          how many have which role
//     check                          whether one recorded master is in sync with everybody else
//   quietly …                        any of the above; what is said during it is not told
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/scenarios/words.h"
#include "tests/simulation/node.h"
#include "tests/simulation/world.h"

namespace redis_zk::scenarios {

class Runner {
  public:
    Runner();
    ~Runner();

    // What was said while these commands ran. Throws std::runtime_error for a command that is not
    // understood.
    std::vector<std::string> perform(const std::vector<std::string>& commands);
    // Empty while every promise is kept.
    const std::string& broken_promise() const { return world_.broken_promise(); }

  private:
    void one(const std::string& command);
    // Each takes the commands of its subject, and says whether this was one.
    bool settings(const Words& words);
    bool processes(const Words& words);
    bool disks(const Words& words);
    bool people(const Words& words);
    bool zookeeper(const Words& words);
    bool sentinels(const Words& words);
    bool questions(const Words& words);

    void look();
    void count();
    void zookeeper_goes();
    simulation::Node& node(const std::string& name) { return world_.node(name); }

    simulation::World world_;
    std::map<std::string, simulation::Disk> backups_;
    std::vector<std::string> told_;
    std::size_t heard_ = 0;  // lines of the world's transcript
};

}  // namespace redis_zk::scenarios
