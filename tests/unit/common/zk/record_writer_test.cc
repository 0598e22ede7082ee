#include "common/zk/record_writer.h"

#include "common/zk/fault.h"
#include "common/zk/readings.h"
#include "tests/unit/common/zk/world.h"

namespace redis_zk::zk {
namespace {

class RecordWriterTest : public DirectTest {
  protected:
    RecordWriterTest() { EXPECT_TRUE(make_path(*direct.session, layout().history())); }
    Layout layout() const { return Layout{"", root}; }

    // Whoever writes records, with a session and copies of his own.
    struct Writer {
        Writer(RecordWriterTest& test, std::unique_ptr<SessionKeeper> with)
            : keeper{std::move(with)},
              master{*keeper, test.layout().master(), [] {}},
              term{*keeper, test.layout().term(), [] {}},
              writer{*keeper, test.layout(), master, term} {
            EXPECT_TRUE(test.until([this] { return master.is_current() && term.is_current(); }));
        }
        core::FoundRecord found() {
            Complaints complaints{[](const std::string&) {}};
            return read_record(master, term, complaints);
        }

        std::unique_ptr<SessionKeeper> keeper;
        WatchedNode master;
        WatchedNode term;
        RecordWriter writer;
    };

    core::Result<core::Done> publish(Writer& by, std::uint64_t term,
                                     const core::FoundRecord& before) {
        core::Record record;
        record.term = term;
        record.master = {"10.0.0." + std::to_string(term), 6379};
        return answer<core::Done>(
            [&](auto done) { by.writer.publish(record, before, std::move(done)); });
    }
};

TEST_F(RecordWriterTest, WritesTermNameAndHistoryAtOnceAndReadsThemBack) {
    Writer writer{*this, keeper(server().port())};
    EXPECT_TRUE(publish(writer, 1, writer.found()));
    EXPECT_EQ(writer.found().term(), 1U);
    EXPECT_EQ(writer.found().named, (core::Endpoint{"10.0.0.1", 6379}));
    EXPECT_TRUE(publish(writer, 2, writer.found()));
    EXPECT_EQ((*children(*direct.session, layout().history()).value()).size(), 2U);
}

// P3: a late writer has written nothing, and knows the newer record afterwards.
TEST_F(RecordWriterTest, OfTwoThatHaveReadTheSameOneWrites) {
    Writer one{*this, keeper(server().port())};
    Writer other{*this, keeper(server().port())};
    const auto read = other.found();
    EXPECT_TRUE(publish(one, 1, one.found()));
    const auto late = publish(other, 9, read);
    EXPECT_FALSE(late);
    EXPECT_TRUE(was_overtaken(late));
    EXPECT_EQ(other.found().term(), 1U);
    EXPECT_EQ((*children(*direct.session, layout().history()).value()).size(), 1U);
}

TEST_F(RecordWriterTest, WritesOverAnEntryOfTheHistoryThatALostRecordHasLeft) {
    Writer writer{*this, keeper(server().port())};
    ASSERT_TRUE(create(*direct.session, layout().history_entry(1), "{}"));
    EXPECT_TRUE(publish(writer, 1, writer.found()));
    EXPECT_NE(get(*direct.session, layout().history_entry(1)).value()->data, "{}");
}

TEST_F(RecordWriterTest, LeavesTheEntryOfWhoeverWasFasterToReplaceALeftOne) {
    Writer one{*this, keeper(server().port())};
    Writer other{*this, keeper(server().port())};
    ASSERT_TRUE(create(*direct.session, layout().history_entry(1), "{}"));
    // Both are on their way before either is answered.
    std::optional<core::Result<core::Done>> first;
    std::optional<core::Result<core::Done>> second;
    core::Record record;
    record.term = 1;
    record.by = "one";
    record.master = {"10.0.0.1", 6379};
    one.writer.publish(record, one.found(), [&](const auto& result) { first = result; });
    record.by = "other";
    other.writer.publish(record, other.found(), [&](const auto& result) { second = result; });
    ASSERT_TRUE(until([&] { return first && second; }));
    ASSERT_NE(bool{*first}, bool{*second});
    EXPECT_TRUE(was_overtaken(*first ? *second : *first));
    const auto entry = get(*direct.session, layout().history_entry(1)).value();
    ASSERT_TRUE(entry.has_value());
    EXPECT_NE(entry->data.find(*first ? "one" : "other"), std::string::npos) << entry->data;
}

// P4: the folders are made when a session begins, and may be removed after that.
TEST_F(RecordWriterTest, MakesTheHistoryAgainThatSomebodyHasRemoved) {
    Writer writer{*this, keeper(server().port())};
    EXPECT_TRUE(publish(writer, 1, writer.found()));
    ASSERT_TRUE(remove(*direct.session, layout().history_entry(1)));
    ASSERT_TRUE(remove(*direct.session, layout().history()));
    const auto missing = publish(writer, 2, writer.found());
    ASSERT_FALSE(missing);
    EXPECT_FALSE(was_overtaken(missing)) << "nobody has written anything";
    EXPECT_EQ(missing.error().message, layout().history() + " was missing, and was made again");
    EXPECT_TRUE(publish(writer, 2, writer.found()));
}

TEST_F(RecordWriterTest, MakesTheWholeRootAgainThatSomebodyHasRemoved) {
    Writer writer{*this, keeper(server().port())};
    EXPECT_TRUE(publish(writer, 1, writer.found()));
    for (const auto& path : {layout().history_entry(1), layout().history(), layout().master(),
                             layout().term(), layout().root()})
        ASSERT_TRUE(remove(*direct.session, path)) << path;
    ASSERT_TRUE(until([&] { return !writer.found().written && !writer.found().named; }));
    EXPECT_FALSE(was_overtaken(publish(writer, 2, writer.found())));
    EXPECT_TRUE(publish(writer, 2, writer.found()));
    EXPECT_EQ(writer.found().term(), 2U);
}

// The copy is behind: that is no missing folder.
TEST_F(RecordWriterTest, IsOvertakenByWhoeverHasRemovedTheRecord) {
    Writer writer{*this, keeper(server().port())};
    EXPECT_TRUE(publish(writer, 1, writer.found()));
    const auto read = writer.found();
    ASSERT_TRUE(remove(*direct.session, layout().term()));
    EXPECT_TRUE(was_overtaken(publish(writer, 2, read)));
}

// Whoever takes that for a race asks again as fast as ZooKeeper answers.
TEST_F(RecordWriterTest, IsNotOvertakenWhenItMayNotWrite) {
    WatchedSession owner{loop, server().port(), long_timeout, "nodes:secret"};
    ASSERT_TRUE(connected(owner));
    ASSERT_TRUE(create(*owner.session, layout().master(), "10.0.0.1 6379"));
    Writer writer{*this, keeper(server().port())};
    const auto refused = publish(writer, 1, writer.found());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, code::no_auth);
    EXPECT_FALSE(was_overtaken(refused));
}

TEST_F(RecordWriterTest, KeepsTheNewestHundredEntries) {
    Writer writer{*this, keeper(server().port())};
    for (const std::uint64_t old : {1U, 2U, 3U})
        ASSERT_TRUE(create(*direct.session, layout().history_entry(old), "{}"));
    EXPECT_TRUE(publish(writer, 102, writer.found()));
    EXPECT_TRUE(until([&] {
        return (*children(*direct.session, layout().history()).value()).size() == 2U;
    })) << "3 and 102";
}

}  // namespace
}  // namespace redis_zk::zk
