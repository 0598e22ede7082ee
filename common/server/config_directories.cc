#include <cerrno>
#include <cstring>
#include <filesystem>

#include <sys/un.h>
#include <unistd.h>

#include "common/server/config.h"
#include "common/server/fresh_directory.h"

namespace redis_zk::server {

namespace fs = std::filesystem;

std::string absolute_path(const std::string& path) {
    std::string text = fs::absolute(path).lexically_normal().string();
    while (text.size() > 1 && text.back() == '/') text.pop_back();
    return text;
}

std::string why_unusable(const std::string& directory) {
    std::error_code ignored;
    fs::path path{directory};
    if (fs::exists(path, ignored) && !fs::is_directory(path, ignored)) return "is no directory";
    while (!fs::exists(path, ignored) && path.has_relative_path()) path = path.parent_path();
    if (!fs::is_directory(path, ignored))
        return "cannot be made: \"" + path.string() + "\" is no directory";
    if (access(path.c_str(), W_OK | X_OK) == 0) return "";
    return "cannot be written: " + path.string() + ": " + std::strerror(errno);
}

namespace {

bool is_too_long(const std::string& run_dir) {
    Config config;
    config.run_dir = run_dir;
    return config.socket_path().size() >= sizeof(sockaddr_un::sun_path);
}

std::string variable(const Environment& environment, const std::string& name) {
    const auto found = environment.find(name);
    return found == environment.end() ? "" : found->second;
}

class RunDirChooser {
  public:
    RunDirChooser(Config& config, app::Settings& settings, const Environment& environment)
        : config_{config}, settings_{settings}, environment_{environment} {}

    void choose() {
        const std::string& given = settings_.text("run-dir");
        if (is_asked_for_by_name()) {
            config_.run_dir = absolute_path(given);
            if (const auto why = why_unusable(config_.run_dir); !why.empty())
                settings_.add_mistake("run-dir", '"' + config_.run_dir + "\" " + why);
            if (is_too_long(config_.run_dir))
                settings_.add_mistake(
                    "run-dir",
                    "\"" + config_.run_dir + "\" is too long for the name of a unix socket in it");
            return;
        }
        if (!given.empty() && takes(absolute_path(given))) return;
        const std::string session = variable(environment_, "XDG_RUNTIME_DIR");
        std::error_code ignored;
        if (session.starts_with('/') && fs::is_directory(session, ignored) &&
            takes(absolute_path(session) + "/redis-zk-" + std::to_string(config_.announce.port)))
            return;
        make_fresh();
    }

  private:
    bool is_asked_for_by_name() const {
        return settings_.is_given("run-dir") && settings_.given_as("run-dir") != "MESOS_SANDBOX";
    }

    bool takes(const std::string& directory) {
        if (!why_unusable(directory).empty() || is_too_long(directory)) return false;
        config_.run_dir = directory;
        return true;
    }

    // The name is chosen here, but the directory is made only when everything else is good too.
    void make_fresh() {
        std::string below = variable(environment_, "TMPDIR");
        if (!below.starts_with('/')) below = "/tmp";
        const std::string directory = random_name_below(absolute_path(below));
        config_.run_dir_is_ours = true;
        if (!takes(directory))
            settings_.add_mistake(
                "run-dir", "is not given, and \"" + directory + "\" " +
                               (is_too_long(directory) ? "is too long for the name of a unix socket"
                                                       : why_unusable(directory)));
    }

    Config& config_;
    app::Settings& settings_;
    const Environment& environment_;
};

}  // namespace

void choose_run_dir(Config& config, app::Settings& settings, const Environment& environment) {
    RunDirChooser{config, settings, environment}.choose();
}

}  // namespace redis_zk::server
