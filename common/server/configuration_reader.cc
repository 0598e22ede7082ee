#include "common/server/configuration_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/server/directives.h"

namespace redis_zk::server {

namespace {

// Deeper than anybody nests files, and shallow enough for redis-server, which recurses as we do.
constexpr std::size_t deepest_include = 16;

std::string absolute(const std::string& directory, const std::string& path) {
    return (std::filesystem::path{directory} / path).lexically_normal().string();
}

std::string_view trimmed(std::string_view line) {
    const std::size_t begin = line.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    return line.substr(begin, line.find_last_not_of(" \t\r\n") - begin + 1);
}

// "" when it can be read.
std::string why_unreadable(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return "is a directory";
    if (access(path.c_str(), R_OK) == 0) return "";
    return std::string{"cannot be read: "} + std::strerror(errno);
}

std::vector<std::string> matches_of(const std::string& pattern) {
    glob_t found{};
    std::vector<std::string> paths;
    if (glob(pattern.c_str(), 0, nullptr, &found) == 0)
        paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    globfree(&found);
    return paths;
}

class Reader {
  public:
    explicit Reader(std::string directory) : directory_{std::move(directory)} {}

    void read_file(const std::string& path) {
        open_files_.push_back(path);
        std::ifstream file{path};
        std::string line;
        for (int number = 1; std::getline(file, line); ++number)
            read_line(line, "line " + std::to_string(number) + " of " + path);
        open_files_.pop_back();
    }

    void read_line(std::string_view line, const std::string& where, bool is_argument = false) {
        line = trimmed(line);
        if (line.empty() || line.front() == '#') return;
        auto words = split_words(line);
        if (!words) {
            result.mistakes.push_back(where +
                                      ": a quote is not closed, or is followed by a letter");
        } else if (!words->empty()) {
            words->front() = in_small_letters(words->front());
            understand({std::move(*words), where, directory_, is_argument});
        }
    }

    ReadConfiguration result;

  private:
    void understand(const Directive& directive) {
        const Words& words = directive.words;
        if (words.front() == "include" && words.size() == 2) {
            include(words[1], directive.where);
            return;
        }
        result.directives.push_back(directive);
        if (words.front() == "dir" && words.size() == 2)
            directory_ = absolute(directory_, words[1]);
    }

    void include(const std::string& path, const std::string& where) {
        const bool is_pattern = path.find_first_of("*?[") != std::string::npos;
        const std::string whole = absolute(directory_, path);
        const std::vector<std::string> files =
            is_pattern ? matches_of(whole) : std::vector<std::string>{whole};
        for (const std::string& file : files) {
            const std::string why = why_unreadable(file);
            if (!why.empty())
                result.mistakes.push_back(where + ": \"" + file + "\" " + why);
            else if (std::ranges::find(open_files_, file) != open_files_.end())
                result.mistakes.push_back(where + ": \"" + file + "\" includes itself");
            else if (open_files_.size() >= deepest_include)
                result.mistakes.push_back(where + ": is nested too deeply");
            else
                read_file(file);
        }
    }

    std::string directory_;
    std::vector<std::string> open_files_;
};

const char* const spoken_arguments = "the arguments after --";

bool is_name(const std::string& argument) { return argument.starts_with("--"); }

// Each argument that begins a setting, with its values.
std::vector<Words> settings_in(const Words& arguments, const std::string& file_option,
                               std::vector<std::string>& mistakes) {
    std::vector<Words> settings;
    bool wants_value = false;
    for (const std::string& argument : arguments) {
        if (is_name(argument) && !wants_value) {
            auto words = split_words(std::string_view{argument}.substr(2));
            if (!words || words->empty()) {
                mistakes.push_back(std::string{spoken_arguments} +
                                   ": a name is missing, or a quote is not closed");
                continue;
            }
            wants_value = words->size() == 1 && words->front() != "save";
            settings.push_back(std::move(*words));
        } else if (settings.empty()) {
            // Not repeated: it may be somebody's password, behind a name without its dashes.
            if (&argument == &arguments.front())
                mistakes.push_back(std::string{spoken_arguments} +
                                   " have to begin with a setting, such as --maxmemory 100mb; a "
                                   "configuration file is named with " +
                                   file_option);
        } else {
            settings.back().push_back(argument);
            wants_value = false;
        }
    }
    return settings;
}

}  // namespace

ReadConfiguration read_configuration(const std::string& file, const Words& arguments,
                                     const std::string& working_directory,
                                     const std::string& file_option) {
    Reader reader{working_directory};
    if (!file.empty()) reader.read_file(file);
    for (Words& setting : settings_in(arguments, file_option, reader.result.mistakes)) {
        if (setting.size() == 1) {
            if (setting.front() != "save") {
                reader.result.mistakes.push_back(std::string{spoken_arguments} + ": --" +
                                                 setting.front() + " has no value");
                continue;
            }
            setting.emplace_back();
        }
        reader.result.argument_lines.push_back(line_of(setting));
        reader.read_line(reader.result.argument_lines.back(), spoken_arguments, true);
    }
    return std::move(reader.result);
}

}  // namespace redis_zk::server
