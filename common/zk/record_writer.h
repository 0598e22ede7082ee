// Writes the record, as everybody has to who writes it: term, name and an entry of the history, all
// or nothing, on the versions that were read (P3). Whoever was slower finds other versions, and has
// written nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "common/core/record.h"
#include "common/core/result.h"
#include "common/zk/layout.h"
#include "common/zk/node.h"
#include "common/zk/session_keeper.h"
#include "common/zk/watched_node.h"

namespace redis_zk::zk {

class RecordWriter {
  public:
    // The copies in `master` and `term` are what a record is based on. They have to live longer.
    RecordWriter(SessionKeeper& keeper, const Layout& layout, WatchedNode& master,
                 WatchedNode& term);
    ~RecordWriter();
    RecordWriter(const RecordWriter&) = delete;
    RecordWriter& operator=(const RecordWriter&) = delete;

    // `before` is what was read from the two copies. `on_done` comes when the outcome has been read
    // back into them: else the next decision would rest on the old ones.
    // Folders that were missing are made, and the answer is to ask again. `change` is for
    // the history.
    void publish(const core::Record& record, const core::FoundRecord& before,
                 core::Callback<core::Done> on_done, const core::Change& change = {});

  private:
    void write(std::vector<Operation> operations, std::uint64_t term,
               core::Callback<core::Done> on_done);
    void write_over_entry(std::vector<Operation> operations, std::uint64_t term,
                          core::Callback<core::Done> on_done);
    void restore_folders(core::Callback<core::Done> on_done);
    void read_back(const core::Result<core::Done>& result, core::Callback<core::Done> on_done);
    void forget_old_history(std::uint64_t term);

    SessionKeeper& keeper_;
    Layout layout_;
    WatchedNode& master_;
    WatchedNode& term_;
};

// Somebody else has written since it was read: no fault, but a reason to read and decide again.
bool was_overtaken(const core::Result<core::Done>& result);

}  // namespace redis_zk::zk
