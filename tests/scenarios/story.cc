#include "tests/scenarios/story.h"

#include <fstream>
#include <stdexcept>

namespace redis_zk::scenarios {

namespace {

const std::string divider = "----";

void close_step(Story& story, Step& step, bool& answered, const std::filesystem::path& file) {
    if (step.commands.empty()) return;
    if (!answered)
        throw std::runtime_error{file.string() + ": no ---- after \"" + step.commands.back() + '"'};
    story.steps.push_back(std::move(step));
    step = Step{};
    answered = false;
}

}  // namespace

bool is_comment(const std::string& line) { return line.starts_with('#'); }

Story read_story(const std::filesystem::path& file) {
    std::ifstream in{file};
    if (!in) throw std::runtime_error{"cannot read " + file.string()};
    Story story{file.stem().string(), {}};
    Step step;
    bool answered = false;
    for (std::string line; std::getline(in, line);) {
        if (line.empty())
            close_step(story, step, answered, file);
        else if (line == divider)
            answered = true;
        else
            (answered ? step.expected : step.commands).push_back(line);
    }
    close_step(story, step, answered, file);
    return story;
}

void write_story(const std::filesystem::path& file, const Story& story) {
    std::ofstream out{file, std::ios::trunc};
    const char* gap = "";
    for (const Step& step : story.steps) {
        out << gap;
        gap = "\n";
        for (const auto& line : step.commands) out << line << '\n';
        out << divider << '\n';
        for (const auto& line : step.expected) out << line << '\n';
    }
    if (!out.flush()) throw std::runtime_error{"cannot write " + file.string()};
}

}  // namespace redis_zk::scenarios
