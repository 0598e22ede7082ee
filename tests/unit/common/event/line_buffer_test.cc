#include "common/event/line_buffer.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace redis_zk::event {
namespace {

using Lines = std::vector<std::string>;

Lines lines_of(LineBuffer& buffer) {
    Lines lines;
    while (auto line = buffer.next_line()) lines.push_back(*line);
    return lines;
}

TEST(LineBuffer, PutsLinesTogetherFromPieces) {
    LineBuffer buffer{100};
    buffer.append("on");
    EXPECT_EQ(lines_of(buffer), Lines{});
    buffer.append("e\ntwo\n\nthr");
    EXPECT_EQ(lines_of(buffer), (Lines{"one", "two", ""}));
    buffer.append("ee\r\n");
    EXPECT_EQ(lines_of(buffer), Lines{"three"});
}

TEST(LineBuffer, KeepsALastLineWithoutNewline) {
    LineBuffer buffer{100};
    EXPECT_EQ(buffer.rest(), std::nullopt);
    buffer.append("one\ntwo");
    EXPECT_EQ(lines_of(buffer), Lines{"one"});
    EXPECT_EQ(buffer.rest(), "two");
    EXPECT_EQ(buffer.rest(), std::nullopt);
}

TEST(LineBuffer, CutsALineThatIsTooLongAndLosesNothing) {
    LineBuffer buffer{4};
    buffer.append("abcd\nabcde\nabcdefghi");
    EXPECT_EQ(lines_of(buffer), (Lines{"abcd", "abcd", "e", "abcd", "efgh"}));
    EXPECT_EQ(buffer.rest(), "i");
}

TEST(LineBuffer, WaitsForTheNewlineOfALineOfExactlyTheGreatestLength) {
    LineBuffer buffer{4};
    buffer.append("abcd");
    EXPECT_EQ(lines_of(buffer), Lines{});
    buffer.append("\nx\n");
    EXPECT_EQ(lines_of(buffer), (Lines{"abcd", "x"}));
}

}  // namespace
}  // namespace redis_zk::event
