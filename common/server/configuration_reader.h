// Reads what a user wants of his server: his redis.conf or sentinel.conf with everything that it
// includes, and the arguments behind "--" of our command line, in the order in which redis-server
// would meet them. Says what stands where; what it means is the business of who reads it.
//
// Outside facts, from config.c and server.c of Redis 6.2 and 7.0:
//  - a relative path is relative to the working directory of redis-server, not to the file in which
//    it stands, and the directive `dir` changes that directory at once, also for later includes;
//  - an include with * ? or [ is a pattern (since 7.0) and may match nothing;
//  - a word behind a bare `--name` is its value, also when it begins with dashes, except behind
//    --save; an argument may also hold name and value together ("--port 7000").
#pragma once

#include <string>
#include <vector>

#include "common/server/configuration_text.h"

namespace redis_zk::server {

struct Directive {
    Words words;            // never empty; the name in small letters
    std::string where;      // for people: "line 3 of /etc/redis.conf", "the arguments after --"
    std::string directory;  // to which a relative path in this line is relative
    bool is_argument = false;
};

struct ReadConfiguration {
    std::vector<Directive> directives;
    std::vector<std::string> argument_lines;  // the arguments, as lines for a redis.conf
    std::vector<std::string> mistakes;        // sentences; none repeats a line, which may be secret
};

// `file` is an absolute path, or empty. Files that include each other are a mistake, as is one that
// cannot be read. `file_option` is what names the file, for a sentence: "REDIS_CONF". Reads files
// and nothing else.
ReadConfiguration read_configuration(const std::string& file, const Words& arguments,
                                     const std::string& working_directory,
                                     const std::string& file_option);

}  // namespace redis_zk::server
