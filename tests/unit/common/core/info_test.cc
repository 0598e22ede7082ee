#include "common/core/info.h"

#include <gtest/gtest.h>

namespace redis_zk::core {
namespace {

constexpr const char* of_a_master =
    "# Server\r\nredis_version:7.0.15\r\n\r\n# Replication\r\nrole:master\r\n"
    "connected_slaves:1\r\nslave0:ip=fd00::7,port=31002,state=online,offset=42,lag=0\r\n"
    "master_repl_offset:-1\r\nloading:0\r\nmaster_failover_state:no-failover\r\n"
    "loading_loaded_perc:12.5\r\nexecutable:/usr/bin/a:b\r\n";

TEST(ParseInfo, FindsTheFieldsOfAllSections) {
    const InfoFields fields = parse_info(of_a_master);
    EXPECT_EQ(fields.size(), 9U);
    EXPECT_EQ(fields.text("redis_version"), "7.0.15");
    EXPECT_EQ(fields.text("role"), "master");
    EXPECT_EQ(fields.integer("master_repl_offset"), -1);
    EXPECT_EQ(fields.flag("loading"), false);
    EXPECT_EQ(fields.number("loading_loaded_perc"), 12.5);
}

TEST(ParseInfo, LeavesColonsInAValueAlone) {
    EXPECT_EQ(parse_info(of_a_master).text("executable"), "/usr/bin/a:b");
}

TEST(ParseInfo, AcceptsLinesWithoutCarriageReturnAndALastLineWithoutEnd) {
    const InfoFields fields = parse_info("a:1\nb:2");
    EXPECT_EQ(fields.integer("a"), 1);
    EXPECT_EQ(fields.integer("b"), 2);
}

TEST(ParseInfo, SaysNothingAboutAFieldThatIsMissingOrIsSomethingElse) {
    const InfoFields fields = parse_info(
        "empty:\r\ntext:abc\r\nblank: "
        "1\r\nlong:99999999999999999999\r\ntwo:2\r\ninf:inf\r\nunit:12ms");
    EXPECT_EQ(fields.text("missing"), std::nullopt);
    EXPECT_EQ(fields.text("empty"), "");
    for (const char* name : {"missing", "empty", "text", "blank", "long", "unit"})
        EXPECT_EQ(fields.integer(name), std::nullopt) << name;
    for (const char* name : {"missing", "empty", "text", "two"})
        EXPECT_EQ(fields.flag(name), std::nullopt) << name;
    for (const char* name : {"missing", "empty", "text", "inf", "unit"})
        EXPECT_EQ(fields.number(name), std::nullopt) << name;
}

TEST(ParseInfo, SkipsWhatIsNoField) {
    EXPECT_EQ(parse_info("").size(), 0U);
    EXPECT_EQ(parse_info("no colon\r\n:no name\r\n# a:heading\r\n\r\n\r\n").size(), 0U);
    EXPECT_EQ(parse_info(std::string(1000, '\0')).size(), 0U);
    EXPECT_EQ(parse_info("a:1\r\nbroken\r\nb:2\r\na:3").integer("a"), 3);
}

TEST(KeysOfAllDatabases, CountsTheKeysOfEveryDatabaseHoweverManyThereAre) {
    EXPECT_EQ(keys_of_all_databases(parse_info("# Keyspace\r\ndb0:keys=3,expires=1,avg_ttl=0\r\n"
                                               "db64:keys=20,expires=0,avg_ttl=0,subexpiry=0\r\n"
                                               "db1000000:keys=100,expires=0,avg_ttl=0\r\n")),
              123);
    EXPECT_EQ(keys_of_all_databases(parse_info("# Keyspace\r\n")), 0);
}

TEST(KeysOfAllDatabases, CountsNothingThatIsNoDatabase) {
    EXPECT_EQ(keys_of_all_databases(
                  parse_info("db:keys=1\r\ndbx:keys=1\r\ndb0_distrib_strings_sizes:keys=1\r\n"
                             "adb0:keys=1\r\ndb1:garbage\r\n")),
              0);
}

TEST(ParseInfoValue, ReadsWhatIsPackedIntoOneValue) {
    const InfoFields whole = parse_info(of_a_master);
    const InfoFields replica = parse_info_value(*whole.text("slave0"));
    EXPECT_EQ(replica.text("ip"), "fd00::7");
    EXPECT_EQ(replica.integer("port"), 31002);
    EXPECT_EQ(replica.integer("offset"), 42);
    EXPECT_EQ(parse_info_value("garbage").size(), 0U);
}

}  // namespace
}  // namespace redis_zk::core
