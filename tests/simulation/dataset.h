// What a fake Redis holds. A dataset is a version in a tree: each write makes a child of the
// version it was applied to. So the simulation, unlike the suite, can tell for certain which of two
// datasets continues the other.
#pragma once

#include <cstdint>
#include <vector>

namespace redis_zk::simulation {

using Version = std::uint32_t;

class Versions {
  public:
    static constexpr Version empty = 0;

    Version write(Version on) {
        nodes_.push_back({on, depth(on) + 1});
        return static_cast<Version>(nodes_.size() - 1);
    }
    std::int64_t depth(Version version) const { return nodes_[version].depth; }

    // `newer` holds everything that `older` holds.
    bool continues(Version newer, Version older) const {
        while (depth(newer) > depth(older)) newer = nodes_[newer].parent;
        return newer == older;
    }

  private:
    struct Node {
        Version parent;
        std::int64_t depth;
    };
    std::vector<Node> nodes_{{empty, 0}};
};

}  // namespace redis_zk::simulation
