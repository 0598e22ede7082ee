#include <cerrno>
#include <cstring>
#include <filesystem>

#include <sys/un.h>
#include <unistd.h>

#include "common/app/identity.h"
#include "redis-wrapper/config.h"

namespace redis_zk::redis_wrapper {

namespace {

namespace fs = std::filesystem;

std::string absolute(const std::string& path) {
    std::string text = fs::absolute(path).lexically_normal().string();
    while (text.size() > 1 && text.back() == '/') text.pop_back();
    return text;
}

// "" when the directory can be used or made.
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

bool is_too_long(const std::string& run_dir) {
    Config config;
    config.run_dir = run_dir;
    return config.socket_path().size() >= sizeof(sockaddr_un::sun_path);
}

std::string variable(const Environment& environment, const std::string& name) {
    const auto found = environment.find(name);
    return found == environment.end() ? "" : found->second;
}

class DirectoryChooser {
  public:
    DirectoryChooser(Config& config, app::Settings& settings, const Environment& environment)
        : config_{config}, settings_{settings}, environment_{environment} {}

    void choose() {
        choose_run_dir();
        choose_data_dir();
        refuse_missing_directories();
    }

  private:
    bool is_asked_for_by_name() const {
        return settings_.is_given("run-dir") && settings_.given_as("run-dir") != "MESOS_SANDBOX";
    }

    void choose_run_dir() {
        const std::string& given = settings_.text("run-dir");
        if (is_asked_for_by_name()) {
            config_.run_dir = absolute(given);
            check("run-dir", config_.run_dir);
            if (is_too_long(config_.run_dir))
                settings_.add_mistake(
                    "run-dir",
                    "\"" + config_.run_dir + "\" is too long for the name of a unix socket in it");
            return;
        }
        if (!given.empty() && takes(absolute(given))) return;
        const std::string session = variable(environment_, "XDG_RUNTIME_DIR");
        std::error_code ignored;
        if (session.starts_with('/') && fs::is_directory(session, ignored) &&
            takes(absolute(session) + "/redis-zk-" + std::to_string(config_.announce.port)))
            return;
        make_fresh();
    }

    bool takes(const std::string& directory) {
        if (!why_unusable(directory).empty() || is_too_long(directory)) return false;
        config_.run_dir = directory;
        return true;
    }

    // The name is chosen here, but the directory is made only when everything else is good too.
    void make_fresh() {
        constexpr std::size_t bytes_of_name = 6;
        std::string below = variable(environment_, "TMPDIR");
        if (!below.starts_with('/')) below = "/tmp";
        const std::string directory =
            absolute(below) + "/redis-zk-" + app::random_secret(bytes_of_name);
        config_.run_dir_is_ours = true;
        if (!takes(directory))
            settings_.add_mistake(
                "run-dir", "is not given, and \"" + directory + "\" " +
                               (is_too_long(directory) ? "is too long for the name of a unix socket"
                                                       : why_unusable(directory)));
    }

    void choose_data_dir() {
        if (!settings_.text("data-dir").empty()) {
            config_.data_dir = absolute(settings_.text("data-dir"));
        } else if (config_.user.data_dir) {
            config_.data_dir = absolute(*config_.user.data_dir);
        } else {
            config_.data_dir = config_.run_dir + "/data";
            const std::string& sandbox = settings_.text("run-dir");
            if (config_.run_dir_is_ours && !sandbox.empty() && why_unusable(sandbox).empty())
                config_.data_dir = absolute(sandbox) + "/data";
        }
        // What is wrong with the parent has been said already.
        if (config_.data_dir != config_.run_dir + "/data")
            check("data-dir", config_.data_dir);
        else if (config_.run_dir_is_ours)
            config_.warnings.push_back("no DATA_DIR is given: the data are kept in " +
                                       config_.data_dir + ", and go with this process");
    }

    void check(const std::string& option, const std::string& directory) {
        const std::string why = why_unusable(directory);
        if (!why.empty()) settings_.add_mistake(option, '"' + directory + "\" " + why);
    }

    // The data directory is made before redis-server reads the lines; no other one is.
    void refuse_missing_directories() {
        for (const auto& [directory, where] : config_.user.missing_directories)
            if (absolute(directory) != config_.data_dir)
                settings_.mistakes.push_back(where + ": dir: \"" + directory +
                                             "\" does not exist, and redis-server changes into "
                                             "it although DATA_DIR overrides it");
    }

    Config& config_;
    app::Settings& settings_;
    const Environment& environment_;
};

}  // namespace

void choose_directories(Config& config, app::Settings& settings, const Environment& environment) {
    DirectoryChooser{config, settings, environment}.choose();
}

}  // namespace redis_zk::redis_wrapper
