// One test for each story in a folder. UPDATE_SCENARIOS=1 writes what was said into the stories;
// the difference is then read by a person, beside the specification.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/scenarios/story.h"

namespace redis_zk::scenarios {

inline std::vector<std::filesystem::path> story_files(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator{folder})
        if (entry.path().extension() == ".txt" && entry.path().stem() != "CMakeLists")
            files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

inline std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) text += line + '\n';
    return text;
}

// A Runner performs the commands of a step and hands back what was said.
template <typename Runner>
class Scenario : public testing::Test {
  public:
    explicit Scenario(std::filesystem::path file) : file_{std::move(file)} {}

    void TestBody() override {
        Story story = read_story(file_);
        const bool update = std::getenv("UPDATE_SCENARIOS") != nullptr;
        Runner runner;
        for (Step& step : story.steps) {
            std::vector<std::string> commands = step.commands;
            std::erase_if(commands, is_comment);
            const auto said = runner.perform(commands);
            EXPECT_EQ(runner.broken_promise(), "") << joined(commands);
            if (update)
                step.expected = said;
            else if (said != step.expected)
                ADD_FAILURE() << "after\n"
                              << joined(commands) << "---- was expected\n"
                              << joined(step.expected) << "---- was said\n"
                              << joined(said);
        }
        if (update) write_story(file_, story);
    }

  private:
    std::filesystem::path file_;
};

// To be called by main().
template <typename Runner>
int run_stories(int argc, char** argv, const std::filesystem::path& folder) {
    testing::InitGoogleTest(&argc, argv);
    for (const auto& file : story_files(folder))
        testing::RegisterTest("Scenario", file.stem().c_str(), nullptr, nullptr, __FILE__, __LINE__,
                              [file]() -> Scenario<Runner>* { return new Scenario<Runner>{file}; });
    return RUN_ALL_TESTS();
}

}  // namespace redis_zk::scenarios
