// A story in a text file: what happens to a cluster, and below each step what its nodes must do
// about it, word by word. A stranger can read it beside the specification and check it.
//
//     # What it shows, and which promise it guards.
//     nodes a b c
//     start a b c
//     wait 2s
//     ----
//     a: register in ZooKeeper
//     ...
//
// Steps are separated by empty lines. Lines that begin with # are for people.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace redis_zk::scenarios {

struct Step {
    std::vector<std::string> commands;  // comments among them
    std::vector<std::string> expected;
};

struct Story {
    std::string name;  // of the file, without its ending
    std::vector<Step> steps;
};

// Throws std::runtime_error when the file cannot be read or a step lacks its "----".
Story read_story(const std::filesystem::path& file);
void write_story(const std::filesystem::path& file, const Story& story);

bool is_comment(const std::string& line);

}  // namespace redis_zk::scenarios
