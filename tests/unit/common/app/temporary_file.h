// A file with some content for one test. It is removed with its object.
#pragma once

#include <cstdlib>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

namespace redis_zk::app {

class TemporaryFile {
  public:
    explicit TemporaryFile(const std::string& content, mode_t mode = 0600) {
        const char* folder = std::getenv("TMPDIR");
        path_ = std::string{folder == nullptr ? "/tmp" : folder} + "/redis_zk_test_XXXXXX";
        const int descriptor = mkstemp(path_.data());
        if (descriptor < 0 || fchmod(descriptor, mode) != 0 ||
            write(descriptor, content.data(), content.size()) !=
                static_cast<ssize_t>(content.size()))
            std::abort();
        close(descriptor);
    }
    ~TemporaryFile() { unlink(path_.c_str()); }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

}  // namespace redis_zk::app
