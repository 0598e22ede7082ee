// Names to addresses without blocking the loop, which the ZooKeeper client and hiredis would do if
// they were given names. Looks into /etc/hosts, then asks the name servers of /etc/resolv.conf;
// both files are read anew for each question, so that a change needs no restart.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/core/result.h"
#include "common/core/time.h"
#include "common/event/loop.h"

namespace redis_zk::event {

// Numeric, IPv4 and IPv6, each once, the one to try first in front; never empty.
using Addresses = std::vector<std::string>;

// One question under way. Destroying it cancels it: nobody is called back. Can be moved; empty if
// made without a Resolver.
class Lookup {
  public:
    Lookup();
    ~Lookup();
    Lookup(Lookup&&) noexcept;
    Lookup& operator=(Lookup&&) noexcept;

  private:
    friend class Resolver;
    class Question;
    explicit Lookup(std::unique_ptr<Question> question);
    std::unique_ptr<Question> question_;
};

class Resolver {
  public:
    struct Options {
        // Instead of those in /etc/resolv.conf: "127.0.0.1:5353", several separated by commas.
        // For tests.
        std::string name_servers;
    };

    explicit Resolver(Loop& loop);
    Resolver(Loop& loop, Options options);
    ~Resolver();  // cancels every lookup; their handles may live on
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    // Calls back once, on the loop, never from inside this call; keep the lookup until then. A
    // numeric address is its own answer and nobody is asked. Errors: refused (there is no such
    // name, or it has no address; or it is no name at all), ask_again (no answer, or a name server
    // in trouble). At the deadline what is known counts: the IPv4 addresses, if the name server
    // has never answered the question for IPv6.
    [[nodiscard]] Lookup resolve(const std::string& host, core::milliseconds deadline,
                                 core::Callback<Addresses> on_answer);

  private:
    friend class Lookup::Question;

    Loop& loop_;
    Options options_;
    std::set<Lookup::Question*> questions_;  // each removes itself
};

}  // namespace redis_zk::event
