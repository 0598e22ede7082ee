#include "common/server/configuration_text.h"

#include <gmock/gmock.h>

namespace redis_zk::server {
namespace {

TEST(ConfigurationText, SplitsAtBlanks) {
    EXPECT_EQ(split_words("save  60\t1 "), (Words{"save", "60", "1"}));
    EXPECT_EQ(split_words(""), Words{});
}

TEST(ConfigurationText, ReadsDoubleQuotesAsRedisDoes) {
    EXPECT_EQ(split_words(R"(x "a b" "\x41\n\"\\\q" "")"), (Words{"x", "a b", "A\n\"\\q", ""}));
    EXPECT_EQ(split_words(R"("\xZZ")"), Words{"xZZ"});
}

TEST(ConfigurationText, ReadsSingleQuotesAsRedisDoes) {
    EXPECT_EQ(split_words(R"('it\'s' '\n')"), (Words{"it's", "\\n"}));
}

TEST(ConfigurationText, TakesAHashInsideALineForALetter) {
    EXPECT_EQ(split_words("requirepass a#b #c"), (Words{"requirepass", "a#b", "#c"}));
}

TEST(ConfigurationText, RefusesAQuoteThatIsNotClosed) {
    for (const char* line : {R"(x "a)", R"(x 'a)", R"(x "a"b)", R"(x 'a'b)", R"(x "a\)"})
        EXPECT_EQ(split_words(line), std::nullopt) << line;
}

TEST(ConfigurationText, WritesEveryByteSoThatItIsReadAgain) {
    std::string all;
    for (int byte = 1; byte < 256; ++byte) all += static_cast<char>(byte);
    for (const std::string& word : {all, std::string{}, std::string{"#x"}, std::string{"a b"},
                                    std::string{"'"}, std::string{"\\"}, std::string{"pässwörd"}}) {
        const std::string line = line_of({"requirepass", word});
        EXPECT_EQ(split_words(line), (Words{"requirepass", word})) << line;
        EXPECT_EQ(line.find('\n'), std::string::npos);
    }
}

TEST(ConfigurationText, LeavesPlainWordsReadable) {
    EXPECT_EQ(line_of({"dir", "/data/x-1"}), "dir /data/x-1");
    EXPECT_EQ(line_of({"pidfile", ""}), "pidfile \"\"");
}

}  // namespace
}  // namespace redis_zk::server
