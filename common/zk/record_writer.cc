#include "common/zk/record_writer.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "common/zk/documents.h"
#include "common/zk/fault.h"

namespace redis_zk::zk {

using core::Done;
using core::Result;

namespace {

constexpr std::uint64_t history_to_keep = 100;
// After one publication: what a long history of failures has left goes in several steps.
constexpr std::size_t most_entries_to_forget = 100;
constexpr std::size_t history_operation = 2;  // its place in the multi that publishes

// What is no number is not ours.
std::vector<std::uint64_t> oldest_terms(const std::vector<std::string>& names,
                                        std::uint64_t newest) {
    std::vector<std::uint64_t> terms;
    for (const std::string& name : names) {
        std::uint64_t term = 0;
        const char* const end = name.data() + name.size();
        const auto [stop, error] = std::from_chars(name.data(), end, term);
        if (error == std::errc{} && stop == end && term <= newest) terms.push_back(term);
    }
    std::ranges::sort(terms);
    terms.resize(std::min(terms.size(), most_entries_to_forget));
    return terms;
}

}  // namespace

RecordWriter::RecordWriter(SessionKeeper& keeper, const Layout& layout, WatchedNode& master,
                           WatchedNode& term)
    : keeper_{keeper}, layout_{layout}, master_{master}, term_{term} {}

RecordWriter::~RecordWriter() {
    if (Session* session = keeper_.session()) session->forget(this);
}

void RecordWriter::publish(const core::Record& record, const core::FoundRecord& before,
                           core::Callback<Done> on_done, const core::Change& change) {
    const auto at = time_for_people();
    const std::string replaced = term_.node() ? term_.node()->data : std::string{};
    write(
        {write_over(layout_.term(), record_document(record, at, replaced), before.written_version),
         write_over(layout_.master(), core::to_text(record.master), before.named_version),
         Create{layout_.history_entry(record.term), history_document(record, at, before, change),
                CreateMode::persistent}},
        record.term, std::move(on_done));
}

void RecordWriter::write(std::vector<Operation> operations, std::uint64_t term,
                         core::Callback<Done> on_done) {
    Session* session = keeper_.session();
    if (session == nullptr) return read_back(no_connection("write the record"), std::move(on_done));
    session->multi(
        operations,
        [this, operations, term, on_done = std::move(on_done)](const MultiAnswer& answer) {
            if (answer.result) forget_old_history(term);
            const auto* refused =
                answer.failed_operation
                    ? std::get_if<Create>(&operations.at(*answer.failed_operation))
                    : nullptr;
            const int reason = answer.result ? 0 : answer.result.error().code;
            // Only the folder in which it is to be created can be missing.
            if (refused != nullptr && reason == code::no_node) return restore_folders(on_done);
            const bool is_entry = answer.failed_operation == history_operation;
            if (refused != nullptr && is_entry && reason == code::node_exists)
                return write_over_entry(operations, term, on_done);
            read_back(answer.result, on_done);
        },
        this);
}

// A cluster whose record was deleted has left the entry: it would stand in the way for ever. It is
// replaced together with the record, and not removed before: whoever was faster meanwhile has
// written an entry of his own there, and another version of the term.
void RecordWriter::write_over_entry(std::vector<Operation> operations, std::uint64_t term,
                                    core::Callback<Done> on_done) {
    const Create entry = std::get<Create>(operations.at(history_operation));
    operations.at(history_operation) = Set{entry.path, entry.data, any_version};
    write(std::move(operations), term, std::move(on_done));
}

// Somebody has removed them while we live: each session makes them only when it begins.
void RecordWriter::restore_folders(core::Callback<Done> on_done) {
    Session* session = keeper_.session();
    if (session == nullptr) return read_back(no_connection("write the record"), std::move(on_done));
    session->create_path(
        layout_.history(),
        [this, on_done = std::move(on_done)](const Result<Done>& made) {
            if (!made) return read_back(made, on_done);
            const std::string what = layout_.history() + " was missing, and was made again";
            read_back(core::Error{core::Fault::ask_again, what}, on_done);
        },
        this);
}

void RecordWriter::read_back(const Result<Done>& result, core::Callback<Done> on_done) {
    master_.refresh([this, result, on_done = std::move(on_done)](const auto&) {
        term_.refresh([result, on_done](const auto&) { on_done(result); });
    });
}

// Looked for, and not only the one that has just become too old: whoever should have removed an
// older one may have died before.
void RecordWriter::forget_old_history(std::uint64_t term) {
    Session* session = keeper_.session();
    if (session == nullptr || term <= history_to_keep) return;
    session->children(
        layout_.history(),
        [this, newest_to_forget = term - history_to_keep](const auto& names) {
            if (!names || !*names) return;
            for (const std::uint64_t old : oldest_terms(**names, newest_to_forget))
                if (Session* connected = keeper_.session())
                    connected->remove(layout_.history_entry(old), any_version, {}, this);
        },
        {}, this);
}

bool was_overtaken(const Result<Done>& result) {
    if (result) return false;
    const int reason = result.error().code;
    return reason == code::bad_version || reason == code::node_exists || reason == code::no_node;
}

}  // namespace redis_zk::zk
