#include "common/app/metrics.h"

#include <limits>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace redis_zk::app {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(Metrics, AreWrittenInTheTextFormatOfPrometheus) {
    Metrics metrics;
    metrics.counter("redis_zk_promotions_total", "Promotions.").add();
    metrics.gauge("redis_zk_role", "The role.", {{"role", "master"}}).set(1);

    const std::string page = metrics.exposition();
    EXPECT_THAT(page, HasSubstr("# HELP redis_zk_promotions_total Promotions.\n"
                                "# TYPE redis_zk_promotions_total counter\n"
                                "redis_zk_promotions_total 1\n"));
    EXPECT_THAT(page, HasSubstr("# TYPE redis_zk_role gauge\nredis_zk_role{role=\"master\"} 1\n"));
}

TEST(Metrics, AreTheSameNumberUnderTheSameNameAndLabels) {
    Metrics metrics;
    metrics.counter("a_total", "A.", {{"kind", "x"}}).add(2);
    metrics.counter("a_total", "Said otherwise.", {{"kind", "x"}}).add();
    metrics.counter("a_total", "A.", {{"kind", "y"}}).add();

    const std::string page = metrics.exposition();
    EXPECT_THAT(page, HasSubstr("a_total{kind=\"x\"} 3\n"));
    EXPECT_THAT(page, HasSubstr("a_total{kind=\"y\"} 1\n"));
    EXPECT_EQ(page.find("# HELP a_total"), page.rfind("# HELP a_total"));
}

TEST(Metrics, LetAGaugeFallButNotACounter) {
    Metrics metrics;
    Gauge gauge = metrics.gauge("g", "G.");
    gauge.set(5);
    gauge.set(-2.5);
    EXPECT_EQ(gauge.value(), -2.5);

    Counter counter = metrics.counter("c_total", "C.");
    counter.add(3);
    counter.add(-1);
    EXPECT_EQ(counter.value(), 3);
}

TEST(Metrics, EscapeWhatWouldBreakThePage) {
    Metrics metrics;
    metrics.gauge("g", "G.", {{"name", "a\"b\\c\nd"}}).set(1);
    EXPECT_THAT(metrics.exposition(), HasSubstr("g{name=\"a\\\"b\\\\c\\nd\"} 1\n"));

    metrics.gauge("h", "Two\nlines, \\ and \".");
    EXPECT_THAT(metrics.exposition(), HasSubstr("# HELP h Two\\nlines, \\\\ and \".\n"));
}

TEST(Metrics, AreExactUpToWhatADoubleHolds) {
    Metrics metrics;
    metrics.gauge("offset", "O.").set(9'007'199'254'740'991);
    metrics.gauge("third", "T.").set(1.0 / 3);
    metrics.gauge("most", "M.").set(std::numeric_limits<double>::infinity());
    metrics.gauge("none", "N.").set(std::numeric_limits<double>::quiet_NaN());
    EXPECT_THAT(metrics.exposition(), AllOf(HasSubstr("\noffset 9007199254740991\n"),
                                            HasSubstr("\nthird 0.3333333333333333\n"),
                                            HasSubstr("\nmost +Inf\n"), HasSubstr("\nnone NaN\n")));
}

TEST(Metrics, OfSeveralLabelsAreApart) {
    Metrics metrics;
    metrics.gauge("g", "G.", {{"a", "1"}, {"b", "2"}}).set(3);
    metrics.gauge("g", "G.").set(4);
    EXPECT_THAT(metrics.exposition(), HasSubstr("g 4\ng{a=\"1\",b=\"2\"} 3\n"));
}

TEST(Metrics, RefuseANameThatThePageCannotHold) {
    Metrics metrics;
    EXPECT_THROW(metrics.gauge("not-a-name", "G."), std::invalid_argument);
    EXPECT_THROW(metrics.gauge("1st", "G."), std::invalid_argument);
    EXPECT_THROW(metrics.gauge("", "G."), std::invalid_argument);
    EXPECT_THROW(metrics.gauge("g", "G.", {{"a b", "1"}}), std::invalid_argument);
    metrics.gauge("twice", "G.");
    EXPECT_THROW(metrics.counter("twice", "C."), std::invalid_argument);
}

TEST(Metrics, OfTwoOwnersAreApart) {
    Metrics one;
    Metrics other;
    one.counter("c_total", "C.").add();
    EXPECT_EQ(other.exposition(), "");
}

}  // namespace
}  // namespace redis_zk::app
