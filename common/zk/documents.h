// The documents that the suite keeps in ZooKeeper, as text: JSON that a person can read with
// zkCli. Where they lie is said in layout.h, what they mean in common/core/record.h
// and sentinel_identity.h.
//
// Reading: a document that is not understood is an error with a sentence, never half a value.
// Writing: fields that we do not know are kept, so that an older edition does not drop what a newer
// one has added.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/core/record.h"
#include "common/core/result.h"
#include "common/core/sentinel_identity.h"

namespace redis_zk::zk {

// The time now, for documents: "2026-11-21T10:00:00Z".
std::string time_for_people();

core::Result<core::Record> parse_record(const std::string& text);
core::Result<core::Roster> parse_roster(const std::string& text);
core::Result<core::Member> parse_member(const std::string& text);
core::Result<core::SentinelIdentity> parse_sentinel_identity(const std::string& text);

// `previous`: the document that is replaced, or empty. `at`: the time, as ISO 8601.
std::string record_document(const core::Record& record, const std::string& at,
                            const std::string& previous);
std::string roster_document(const core::Roster& roster, const std::string& at,
                            const std::string& previous);

std::string sentinel_identity_document(const core::SentinelIdentity& identity,
                                       const std::string& at, const std::string& previous);

// `extra`: what people may want to know and no program of ours reads: task id, version, HTTP.
std::string member_document(const core::Member& member,
                            const std::map<std::string, std::string>& extra);

// When a document was written, as it says itself; nothing when it does not.
std::optional<std::string> time_in(const std::string& document);

// One change of master, for the history: the new record, the master before it if there was one, and
// what is known of the change.
std::string history_document(const core::Record& record, const std::string& at,
                             const core::FoundRecord& before, const core::Change& change = {});

// With which data that term began, as its entry says; empty when it does not, or cannot be read.
core::Beginning beginning_in(const std::string& history_document);
// The entry with what has turned out to be lost: of each node the last finding, and as lost_bytes
// the most that anybody knows of. `kept_as`: the name of the file, or empty.
std::string history_document_with(const std::string& previous, const core::Loss& loss,
                                  const std::string& node, const std::string& kept_as,
                                  const std::string& at);

}  // namespace redis_zk::zk
