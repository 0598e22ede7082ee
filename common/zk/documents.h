// The documents that the suite keeps in ZooKeeper, as text: JSON that a person can read with
// zkCli. Where they lie is said in layout.h, what they mean in common/core/record.h.
//
// Reading: a document that is not understood is an error with a sentence, never half a value.
// Writing: fields that we do not know are kept, so that an older edition does not drop what a newer
// one has added.
#pragma once

#include <map>
#include <string>

#include "common/core/record.h"
#include "common/core/result.h"

namespace redis_zk::zk {

core::Result<core::Record> parse_record(const std::string& text);
core::Result<core::Roster> parse_roster(const std::string& text);
core::Result<core::Member> parse_member(const std::string& text);

// `previous`: the document that is replaced, or empty. `at`: the time, as ISO 8601.
std::string record_document(const core::Record& record, const std::string& at,
                            const std::string& previous);
std::string roster_document(const core::Roster& roster, const std::string& at,
                            const std::string& previous);

// `extra`: what people may want to know and no program of ours reads: task id, version, HTTP.
std::string member_document(const core::Member& member,
                            const std::map<std::string, std::string>& extra);

// One change of master, for the history: the new record, and the one before it if there was one.
std::string history_document(const core::Record& record, const std::string& at,
                             const core::FoundRecord& before);

}  // namespace redis_zk::zk
