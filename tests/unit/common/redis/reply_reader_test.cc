#include "common/redis/reply_reader.h"

#include <cerrno>

#include <gtest/gtest.h>

#include "tests/unit/common/redis/replies.h"

namespace redis_zk::redis {
namespace {

Reply read_whole(std::string_view bytes) {
    ReplyReader reader;
    reader.feed(bytes);
    return *reader.next().value();
}

int error_of(std::string_view bytes) {
    ReplyReader reader;
    reader.feed(bytes);
    const auto reply = reader.next();
    return reply ? 0 : reply.error().code;
}

TEST(ReplyReader, ReadsEveryKindOfReply) {
    using namespace std::string_literals;
    const std::string bytes =
        "*6\r\n+OK\r\n$5\r\na\r\nb\0\r\n:-42\r\n$-1\r\n*2\r\n-ERR no\r\n*0\r\n*-1\r\n"s;
    EXPECT_EQ(read_whole(bytes), list({text("OK"), text("a\r\nb\0"s), integer(-42), nil(),
                                       list({error("ERR no"), list({})}), nil()}));
}

TEST(ReplyReader, WaitsForTheRestWhereverTheBytesAreCut) {
    const std::string bytes = "*2\r\n*1\r\n$3\r\nfoo\r\n:12\r\n+next\r\n";
    for (std::size_t cut = 1; cut < 22; ++cut) {
        ReplyReader reader;
        reader.feed(bytes.substr(0, cut));
        ASSERT_FALSE(reader.next().value()) << cut;
        reader.feed(bytes.substr(cut));
        EXPECT_EQ(*reader.next().value(), list({texts({"foo"}), integer(12)})) << cut;
        EXPECT_EQ(*reader.next().value(), text("next")) << cut;
        EXPECT_FALSE(reader.next().value());
    }
}

TEST(ReplyReader, RefusesWhatIsNotTheProtocol) {
    for (const char* garbage :
         {"HTTP/1.1 400 Bad Request\r\n", ":12x\r\n", "$-5\r\n", "$x\r\n", "*-7\r\n",
          "*99999999999\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n"})
        EXPECT_EQ(error_of(garbage), EPROTO) << garbage;
}

TEST(ReplyReader, AllocatesWhatArrivesAndNotWhatIsAnnounced) {
    ReplyReader reader;
    reader.feed("*2147483647\r\n:1\r\n");
    EXPECT_FALSE(reader.next().value());  // with hiredis's own functions: 16 GB
    reader.feed("$9223372036854775807\r\nabc");
    EXPECT_FALSE(reader.next().value());
}

TEST(ReplyReader, RefusesAReplyThatDoesNotEnd) {
    ReplyReader reader;
    reader.feed("*2147483647\r\n");
    const std::string element = "$60000\r\n" + std::string(60000, 'x') + "\r\n";
    int fed = 0;
    for (; fed < 1000 && reader.next(); ++fed) reader.feed(element);
    EXPECT_LT(fed, 100);
    EXPECT_EQ(reader.next().error().code, EPROTO);
}

TEST(ReplyReader, ReadsManyRepliesOnOneConnectionHoweverMuchTheyAreInAll) {
    ReplyReader reader;
    const std::string reply = "$60000\r\n" + std::string(60000, 'x') + "\r\n";
    for (int count = 0; count < 200; ++count) {
        reader.feed(reply);
        ASSERT_TRUE(reader.next().value());
        ASSERT_TRUE(reader.next()) << count;
    }
}

}  // namespace
}  // namespace redis_zk::redis
