// A directory for one test, which goes with its object, and files in it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace redis_zk::test {

class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        path_ = (std::filesystem::temp_directory_path() / "redis-zk-test-XXXXXX").string();
        if (mkdtemp(path_.data()) == nullptr) std::abort();
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;

    const std::string& path() const { return path_; }

    // Gives back the path.
    std::string write(const std::string& name, const std::string& content) const {
        const std::string file = path_ + '/' + name;
        std::filesystem::create_directories(std::filesystem::path{file}.parent_path());
        std::ofstream{file} << content;
        return file;
    }

    std::string read(const std::string& name) const {
        std::ostringstream content;
        content << std::ifstream{path_ + '/' + name}.rdbuf();
        return content.str();
    }

    bool is_empty() const { return std::filesystem::is_empty(path_); }

  private:
    std::string path_;
};

}  // namespace redis_zk::test
