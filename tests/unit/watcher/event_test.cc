#include "watcher/event.h"

#include <algorithm>
#include <random>

#include <gmock/gmock.h>

#include "watcher/core/event_table.h"

namespace redis_zk::watcher {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const core::Endpoint sentinel{"10.0.0.9", 31007};
const std::chrono::system_clock::time_point noon{std::chrono::hours{12}};

std::optional<Event> parse(std::string_view channel, std::string_view text) {
    return parse_event(channel, text, sentinel, noon);
}

bool is_printable(const std::string& text) {
    return std::ranges::none_of(text, [](char letter) {
        const auto code = static_cast<unsigned char>(letter);
        return (code < 0x20 && letter != '\t') || code == 0x7f;
    });
}

TEST(ParseEvent, TakesTheChannelForTheNameAndTheTextForWords) {
    const auto event = parse("+switch-master", "mymaster 10.0.0.7 31002 10.0.0.8 31004");
    ASSERT_TRUE(event);
    EXPECT_EQ(event->name, "+switch-master");
    EXPECT_THAT(event->words, ElementsAre("mymaster", "10.0.0.7", "31002", "10.0.0.8", "31004"));
    EXPECT_EQ(event->sentinel, sentinel);
    EXPECT_EQ(event->at, noon);
    EXPECT_EQ(spoken(*event), "+switch-master mymaster 10.0.0.7 31002 10.0.0.8 31004");
}

TEST(ParseEvent, TakesAnEventWithoutText) {
    ASSERT_TRUE(parse("+tilt", ""));
    EXPECT_THAT(parse("+tilt", "")->words, IsEmpty());
    EXPECT_THAT(parse("+tilt", "  #tilt   mode ")->words, ElementsAre("#tilt", "mode"));
}

TEST(ParseEvent, KnowsTheMasterThatIsMeant) {
    const auto name_in = [](const char* channel, const char* text) {
        return master_name_in(*parse(channel, text));
    };
    EXPECT_EQ(name_in("+switch-master", "other 10.0.0.7 1 10.0.0.8 2"), "other");
    EXPECT_EQ(name_in("+sdown", "master mymaster 10.0.0.7 31002"), "mymaster");
    EXPECT_EQ(name_in("+odown", "master mymaster 10.0.0.7 31002 #quorum 2/2"), "mymaster");
    EXPECT_EQ(name_in("+promoted-slave", "slave 10.0.0.8:2 10.0.0.8 2 @ mymaster 10.0.0.7 1"),
              "mymaster");
    EXPECT_EQ(name_in("-sdown", "sentinel 70e1 10.0.0.9 3 @ other 10.0.0.7 1"), "other");
    EXPECT_EQ(name_in("+new-epoch", "5"), std::nullopt);
    EXPECT_EQ(name_in("+tilt", "#tilt mode entered"), std::nullopt);
    EXPECT_EQ(name_in("+switch-master", ""), std::nullopt);
    EXPECT_EQ(name_in("+slave", "slave 10.0.0.8:2 10.0.0.8 2 of mymaster"), std::nullopt);
}

TEST(ParseEvent, TellsTheEventsOfAnotherMasterFromOurs) {
    EXPECT_TRUE(may_concern(*parse("+switch-master", "mymaster a 1 b 2"), "mymaster"));
    EXPECT_FALSE(may_concern(*parse("+switch-master", "mymaster2 a 1 b 2"), "mymaster"));
    EXPECT_FALSE(may_concern(*parse("+sdown", "master other a 1"), "mymaster"));
    EXPECT_TRUE(may_concern(*parse("+tilt", "#tilt mode entered"), "mymaster"));
}

TEST(ParseEvent, RefusesAChannelThatIsNoName) {
    for (const char* channel : {"", "+", "-", "+Switch", "+switch master", "+switch\nmaster", "*",
                                "__sentinel__:hello", "../x", "+\xff", "++sdown"})
        EXPECT_FALSE(parse(channel, "master mymaster a 1")) << channel;
    EXPECT_TRUE(parse(std::string(longest_name, 'a'), ""));
    EXPECT_FALSE(parse(std::string(longest_name + 1, 'a'), ""));
}

TEST(ParseEvent, WritesControlCharactersSoThatTheyAreHarmless) {
    using namespace std::string_view_literals;
    EXPECT_THAT(parse("+sdown", "a\nb \0 \x1b[31m \x7f c\td"sv)->words,
                ElementsAre("a\\nb", "\\x00", "\\x1b[31m", "\\x7f", "c\td"));
    EXPECT_THAT(parse("+sdown", "K\xc3\xb6ln")->words, ElementsAre("K\xc3\xb6ln"));
}

TEST(ParseEvent, CutsATextThatIsTooLong) {
    EXPECT_THAT(parse("+sdown", std::string(5000, 'x'))->words, ElementsAre(SizeIs(longest_text)));
    std::string many;
    for (int i = 0; i < 5000; ++i) many += "x ";
    EXPECT_THAT(parse("+sdown", many)->words, SizeIs(longest_text / 2));
}

// What a sentinel really says, with bytes changed, lost, doubled and made up.
TEST(ParseEvent, SurvivesAnythingThatResemblesAnEvent) {
    std::mt19937 random{4711};
    const std::vector<std::pair<std::string, std::string>> seeds{
        {"+switch-master", "mymaster 10.0.0.7 31002 10.0.0.8 31004"},
        {"+promoted-slave", "slave 10.0.0.8:2 10.0.0.8 2 @ mymaster 10.0.0.7 1"},
        {"+odown", "master mymaster 10.0.0.7 31002 #quorum 2/2"},
        {"", ""}};
    const auto below = [&random](std::size_t limit) { return random() % limit; };
    const auto spoilt = [&](std::string text) {
        for (std::size_t times = below(6); times > 0; --times) {
            const std::size_t at = below(text.size() + 1);
            const char letter = static_cast<char>(below(256));
            if (below(3) == 0)
                text.insert(at, below(50), letter);
            else if (at < text.size() && below(2) == 0)
                text.erase(at, below(10));
            else if (at < text.size())
                text[at] = letter;
        }
        return text;
    };
    for (int round = 0; round < 50'000; ++round) {
        const auto& [channel, text] = seeds[below(seeds.size())];
        const auto event = parse(spoilt(channel), spoilt(text));
        if (!event) continue;
        ASSERT_LE(event->name.size(), longest_name);
        ASSERT_TRUE(is_printable(spoken(*event)));
        ASSERT_LE(event->words.size(), longest_text);
        for (const auto& word : event->words) ASSERT_FALSE(word.empty());
        static_cast<void>(may_concern(*event, "mymaster"));
    }
}

TEST(Event, CanBeAnythingThatIsKnown) {
    for (const auto& name : known_events()) EXPECT_TRUE(parse(name, "")) << name;
}

}  // namespace
}  // namespace redis_zk::watcher
