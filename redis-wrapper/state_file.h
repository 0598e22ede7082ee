// redis-zk.state: the file beside the data that says what the data are (core::Claim). It lives and
// dies with them.
//
//     {"version":1,"offset":3003,"keys":12,"at":"2026-11-21T10:00:00Z","term":7,
//      "replication_id":"...","node":"...","cluster":"...","past":[{"replication_id":"...","term":6}],
//      "own_writes":"uncounted",
//      "early_crashes":{"count":2,"last_at":1795255200}}
//
// The last two only where there are any.
// It is written in two ways, for the loop must not wait for a disk each second:
//  - anything but offset and keys has changed (rare: a change of role, a synchronisation): a new
//    file is written, brought to the disk and renamed over the old one. Measured here 0.2 ms, up to
//    3 ms; a slow disk under load may take some 100 ms, against the 2 s that the loop may stand.
//  - only offset, keys and time have changed: they are overwritten in place with one pwrite(2) and
//    not synced (some microseconds). They stand within the first 512 bytes, which a disk writes as
//    one, and the length stays. After a loss of power the older numbers may be there: a claim is a
//    lower bound, so that is harmless. (Renaming without syncing is not: some file systems leave an
//    empty file then.)
// A process that is killed loses nothing in either way.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/lineage.h"
#include "common/core/result.h"

namespace redis_zk::redis_wrapper {

class StateFile {
  public:
    using Time = std::chrono::system_clock::time_point;

    explicit StateFile(const std::string& data_dir);

    const std::string& path() const { return path_; }

    // To be called once, before anything else. That there is no file is no error. An error says why
    // it cannot be understood; it is then not to be overwritten before set_aside(). Changes
    // nothing.
    core::Result<core::Done> read();

    // What was read, or written since; nothing when there was nothing, or nothing to be believed.
    const std::optional<core::Claim>& claim() const { return claim_; }

    // read() has refused it, and it is still in its place.
    bool is_in_the_way() const { return is_in_the_way_; }

    // Renames a file that read() refused to redis-zk.state.unreadable; one that is there already
    // is replaced. Gives back a sentence for the log.
    core::Result<std::string> set_aside();

    // Does nothing when the claim is the one that was written last. After an error the next call
    // writes a whole file.
    core::Result<core::Done> write(const core::Claim& claim,
                                   Time at = std::chrono::system_clock::now());

  private:
    std::string path_;
    std::optional<core::Claim> claim_;
    bool is_in_the_way_ = false;
    std::size_t length_ = 0;  // of the file as this object wrote it; 0: it did not, or failed
};

// The text and back, for tests and for reading a state that came from elsewhere.
std::string to_json(const core::Claim& claim, StateFile::Time at);
core::Result<core::Claim> parse_claim(std::string_view json);

}  // namespace redis_zk::redis_wrapper
