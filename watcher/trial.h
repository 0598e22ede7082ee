// For --check: one registered sentinel or node, on which everything is tried that a watcher does
// there, with our credentials. Nothing is changed by it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/core/endpoint.h"
#include "common/event/loop.h"
#include "common/event/resolver.h"
#include "common/redis/connection.h"
#include "common/server/observation.h"

namespace redis_zk::watcher {

class Trial {
  public:
    enum class Kind { sentinel, node };
    struct Options {
        Kind kind = Kind::node;
        core::Endpoint whom;  // its host may be a name
        redis::Credentials credentials;
        std::string master_name;
    };

    // `on_end` comes once, from the loop and within some seconds. Destroying the trial ends it.
    Trial(event::Loop& loop, event::Resolver& resolver, Options options,
          std::function<void()> on_end);
    Trial(const Trial&) = delete;
    Trial& operator=(const Trial&) = delete;

    // Somebody answered there, whatever it was. One that is silent may have died just now, so that
    // is no mistake of the configuration by itself.
    bool was_reached() const { return was_reached_; }

    // A sentence for each mistake; if there is none, one that says what is well.
    const std::vector<server::Observation>& findings() const { return findings_; }

  private:
    void connect(const std::string& address);
    void try_to_listen();
    void try_to_ask();
    void refused(const std::string& what, const std::string& answer);
    void lost(const core::Error& error);
    void find(server::Verdict verdict, const std::string& sentence);
    void end();
    std::string name() const;
    std::string password_option() const;

    event::Loop& loop_;
    Options options_;
    std::function<void()> on_end_;
    std::vector<server::Observation> findings_;
    std::size_t missing_answers_ = 0;
    bool was_reached_ = false;
    bool is_over_ = false;
    event::Lookup lookup_;
    std::unique_ptr<redis::Connection> connection_;
};

}  // namespace redis_zk::watcher
