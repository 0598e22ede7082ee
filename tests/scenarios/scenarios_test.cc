// One test for each story in this folder. UPDATE_SCENARIOS=1 writes what was said into the stories;
// the difference is then read by a person, beside the specification.
#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/scenarios/runner.h"
#include "tests/scenarios/story.h"

namespace redis_zk::scenarios {
namespace {

std::vector<std::filesystem::path> story_files() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator{SCENARIOS_FOLDER})
        if (entry.path().extension() == ".txt" && entry.path().stem() != "CMakeLists")
            files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) text += line + '\n';
    return text;
}

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

}  // namespace
}  // namespace redis_zk::scenarios

int main(int argc, char** argv) {
    using redis_zk::scenarios::Scenario;
    testing::InitGoogleTest(&argc, argv);
    for (const auto& file : redis_zk::scenarios::story_files())
        testing::RegisterTest("Scenario", file.stem().c_str(), nullptr, nullptr, __FILE__, __LINE__,
                              [file]() -> Scenario* { return new Scenario{file}; });
    return RUN_ALL_TESTS();
}
