// Where everything of one cluster lives in ZooKeeper. The only file of the product in which a path
// is written down; two clusters on one ensemble differ in their root.
//
//   <chroot>                         from ZK_HOSTS, in front of everything, so that logs, tests and
//     |                              zkCli show the same paths
//     <root>                         ZK_ROOT, default /redis. Persistent, empty
//       master                       persistent: "10.0.0.7 31002". THE CONTRACT with clients
//       sentinels/<uuid>             ephemeral: "10.0.0.9 31007". THE CONTRACT with clients
//       term                         persistent, JSON: term, master, who wrote it, when and why
//       roster                       persistent, JSON: which nodes were in sync with the master of
//                                    the term. Written when that set changes. It tells a later
//                                    election whether everybody who may have the freshest data is
//                                    present
//       sentinel-ids/<id>            persistent: the 40-digit id of a sentinel, its last address,
//         owner                      released or not; `owner` is an ephemeral of who uses the id
//       members/<uuid>               ephemeral, JSON: one node, its address, role and lineage
//       lock/<guid>-<sequence>       ephemeral, sequential: the queue for the right to decide
//       ghost-lock/<guid>-<sequence> the same for the right to make one sentinel forget its ghosts
//       history/<term>               persistent: one change of master, the newest 100 are kept
//     elections/redis/<service>      only for clients of Dictator: its election
//     services/redis/<service>
//       master                       only for clients of Dictator: {"host":...,"port":"...",...}
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace redis_zk::zk {

// Of ZK_ROOT.
inline constexpr const char* default_root = "/redis";

class Layout {
  public:
    // `chroot` is empty or a path, `root` is a path; "/" is allowed for both. Both were checked
    // with mistake_in_path() when the options were read.
    Layout(std::string_view chroot, std::string_view root);

    const std::string& chroot() const { return chroot_; }
    const std::string& root() const { return root_; }

    std::string master() const;
    std::string term() const;
    std::string roster() const;

    std::string sentinels() const;
    std::string sentinel(std::string_view uuid) const;

    std::string sentinel_ids() const;
    std::string sentinel_id(std::string_view id) const;
    std::string sentinel_id_owner(std::string_view id) const;

    std::string members() const;
    std::string member(std::string_view uuid) const;

    // The folders only: names in them are made by zk::Lock.
    std::string lock() const;
    std::string ghost_lock() const;

    std::string history() const;
    std::string history_entry(std::uint64_t term) const;

    std::string dictator_election(std::string_view service) const;
    std::string dictator_master(std::string_view service) const;

  private:
    std::string chroot_;  // "" or "/prod"
    std::string root_;    // chroot included: "/redis", "/prod/redis"; "/" when both are empty
};

}  // namespace redis_zk::zk
