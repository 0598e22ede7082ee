#include "redis-wrapper/unfinished_saves.h"

#include <gmock/gmock.h>

#include "tests/support/temporary_directory.h"

namespace redis_zk::redis_wrapper {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST(UnfinishedSaves, AreKnownByTheirNames) {
    for (const char* name : {"temp-4711.rdb", "temp-1732190400.4711.rdb",
                             "temp-rewriteaof-4711.aof", "temp-rewriteaof-bg-4711.aof"})
        EXPECT_TRUE(is_unfinished_save(name)) << name;
    for (const char* name : {"dump.rdb", "temp-.rdb", "temp-mine.rdb", "temp-4711.rdb.bak",
                             "temp-4711.aof", "my-temp-4711.rdb", "temp-rewriteaof-.aof", ".rdb",
                             "temp-4711", "redis-zk.state", "temp-rewriteaof-4711.rdb"})
        EXPECT_FALSE(is_unfinished_save(name)) << name;
}

TEST(UnfinishedSaves, AreRemovedAndNothingElseIs) {
    const test::TemporaryDirectory directory;
    const std::string snapshot = directory.write("temp-4711.rdb", "REDIS");
    const std::string append_only = directory.write("temp-rewriteaof-bg-4712.aof", "REDIS");
    directory.write("dump.rdb", "REDIS");
    directory.write("appendonlydir/temp-4711.rdb", "in a directory of its own");
    directory.write("temp-1.rdb/file", "a directory");
    const auto found = unfinished_saves(directory.path());
    EXPECT_EQ(directory.read("temp-4711.rdb"), "REDIS");
    EXPECT_THAT(remove_unfinished_saves(found), UnorderedElementsAre(snapshot, append_only));
    EXPECT_EQ(directory.read("dump.rdb"), "REDIS");
    EXPECT_EQ(directory.read("temp-1.rdb/file"), "a directory");
    EXPECT_NE(directory.read("appendonlydir/temp-4711.rdb"), "");
    EXPECT_THAT(unfinished_saves(directory.path()), IsEmpty());
}

}  // namespace
}  // namespace redis_zk::redis_wrapper
