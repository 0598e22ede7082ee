// What one source (the command line, the file) says about the options, before any value is looked
// at. Both readers collect every mistake and go on, so that a user meets all of them at once.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/app/option.h"

namespace redis_zk::app {

struct Given {
    std::string value;
    std::string
        as;  // the form in which the user gave it: "--zk-hosts", "line 3 of x.conf: zk-hosts"
};

struct Source {
    // What is given a second time is a mistake, or one more value of a list.
    void add(const std::string& name, Given one, const std::vector<Option>& table);

    std::map<std::string, Given> given;  // by flag name, without dashes
    std::vector<std::string> mistakes;
};

// Flags, read by Boost.Program_options. `arguments` is without the program's name and ends before a
// "--". "help", "version" and "config" are known besides the table. Boost guesses no names and
// opens no response files here. No sentence repeats what follows an unknown flag: it may be a
// secret.
Source read_command_line(const std::vector<std::string>& arguments,
                         const std::vector<Option>& table);

// Lines `name = value`; empty lines and lines that begin with # are skipped. Not read by Boost,
// which stops at the first mistake, knows no line numbers, and takes a # inside a value for a
// comment. A file that cannot be read is a mistake; `named_by` says who named it ("--config").
Source read_config_file(const std::string& path, std::string_view named_by,
                        const std::vector<Option>& table);

// How to speak about an unknown name that would be a secret's, or "" when it is no secret's name.
std::string spoken_secret_refusal(std::string_view name, const std::vector<Option>& table);

// Every name that may stand behind dashes or in the file.
std::vector<std::string> known_names(const std::vector<Option>& table);

}  // namespace redis_zk::app
