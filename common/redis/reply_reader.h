// Turns the bytes of a connection into replies. hiredis's parser (redisReader) does the reading;
// what it builds is our own Reply, made by our own functions, because the parser's default ones
// allocate as much as a reply *announces*: "*2147483647" would cost 16 GB.
//
// Limits: a reply of at most 4 MiB, at most 7 lists inside each other (the parser's own limit).
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "common/core/result.h"
#include "common/redis/reply.h"

struct redisReader;

namespace redis_zk::redis {

class ReplyReader {
  public:
    ReplyReader();
    ~ReplyReader();

    void feed(std::string_view bytes);

    // The next whole reply; nothing while it is incomplete. The error (Fault::connection_lost,
    // EPROTO) is final: what is not understood has no end from which one could go on.
    core::Result<std::optional<Reply>> next();

  private:
    struct Free {
        void operator()(redisReader* reader) const;
    };
    std::unique_ptr<redisReader, Free> reader_;
    std::size_t bytes_of_this_reply_ = 0;  // an upper bound: what came since the last whole one
};

}  // namespace redis_zk::redis
