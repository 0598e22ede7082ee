#include "redis-wrapper/config.h"

namespace redis_zk::redis_wrapper {

namespace {

using server::absolute_path;
using server::why_unusable;

class DirectoryChooser {
  public:
    DirectoryChooser(Config& config, app::Settings& settings)
        : config_{config}, settings_{settings} {}

    void choose() {
        choose_data_dir();
        refuse_missing_directories();
    }

  private:
    void choose_data_dir() {
        if (!settings_.text("data-dir").empty()) {
            config_.data_dir = absolute_path(settings_.text("data-dir"));
        } else if (config_.user.data_dir) {
            config_.data_dir = absolute_path(*config_.user.data_dir);
        } else {
            config_.data_dir = config_.run_dir + "/data";
            const std::string& sandbox = settings_.text("run-dir");
            if (config_.run_dir_is_ours && !sandbox.empty() && why_unusable(sandbox).empty())
                config_.data_dir = absolute_path(sandbox) + "/data";
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
            if (absolute_path(directory) != config_.data_dir)
                settings_.mistakes.push_back(where + ": dir: \"" + directory +
                                             "\" does not exist, and redis-server changes into "
                                             "it although DATA_DIR overrides it");
    }

    Config& config_;
    app::Settings& settings_;
};

}  // namespace

void choose_directories(Config& config, app::Settings& settings) {
    DirectoryChooser{config, settings}.choose();
}

}  // namespace redis_zk::redis_wrapper
