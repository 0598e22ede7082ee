// What a server that is our child has written last: each line goes to our log, and a few are kept
// to say why it ended. No secret is in them.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace redis_zk::server {

class LastLines {
  public:
    // The name is that of the server in our log.
    explicit LastLines(std::string name) : name_{std::move(name)} {}

    void add(const std::string& line);
    const std::vector<std::string>& lines() const { return lines_; }

  private:
    std::string name_;
    std::vector<std::string> lines_;
};

}  // namespace redis_zk::server
