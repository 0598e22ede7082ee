#include "watcher/front_page.h"

#include <regex>

#include <gmock/gmock.h>

#include "tests/unit/watcher/views.h"

namespace redis_zk::watcher {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string page_of(const View& view, const std::string& doing = "") {
    const auto page =
        front_page(view, now, {doing, "", {}, "2026-11-21T10:00:00Z"}, {"/events", "/status"});
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.content_type, HasSubstr("text/html"));
    return page.body;
}

TEST(FrontPage, TellsTheMasterAndLinksToThePages) {
    const std::string page = page_of(healthy_view());
    EXPECT_THAT(page, HasSubstr("Master is 10.0.0.1:1, in term 7, since 2026-11-21T10:00:00Z."));
    EXPECT_THAT(page, HasSubstr("10.0.0.8:31001 names 10.0.0.1:1"));
    EXPECT_THAT(page, Not(HasSubstr("Disagreements")));
    for (const char* path : {"/events", "/status"})
        EXPECT_THAT(page, HasSubstr(std::string{"<a href=\""} + path + "\">"));
}

TEST(FrontPage, IsThereWhenNothingIsKnownYet) {
    const std::string page = page_of({}, "wait for ZooKeeper");
    EXPECT_THAT(page, HasSubstr("ZooKeeper was not read yet."));
    EXPECT_THAT(page, HasSubstr("ZooKeeper cannot be reached."));
    EXPECT_THAT(page, HasSubstr("wait for ZooKeeper"));
}

TEST(FrontPage, SaysDisagreementsAndThatTheMasterIsNotVerified) {
    View view = healthy_view();
    view.probes.clear();
    view.sentinels[sentinel_a].opinion.master = node_b;
    const std::string page = page_of(view);
    EXPECT_THAT(page, HasSubstr("it is not verified at the moment"));
    EXPECT_THAT(page, HasSubstr("<h2>Disagreements</h2>"));
    EXPECT_THAT(page, HasSubstr("sentinel 10.0.0.8:31001 names 10.0.0.2:2"));
}

TEST(FrontPage, EscapesWhatCameFromOutside) {
    View view = healthy_view();
    view.record.named = Endpoint{"<script>alert(1)</script>", 1};
    view.sentinels[{"\"'><b>&", 1}] = naming({"<i>", 1});
    const std::string page = page_of(view, "<u>");
    for (const char* raw : {"<script", "<b>", "<i>", "<u>"}) EXPECT_THAT(page, Not(HasSubstr(raw)));
    EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
    EXPECT_EQ(escaped_for_html("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
}

TEST(FrontPage, ClosesEveryElementThatItOpens) {
    const std::string page = page_of(healthy_view());
    for (const char* element :
         {"html", "head", "body", "h1", "h2", "ul", "li", "a", "p", "title"}) {
        const auto count = [&page](const std::string& pattern) {
            const std::regex expression{pattern};
            return std::distance(std::sregex_iterator{page.begin(), page.end(), expression}, {});
        };
        EXPECT_EQ(count(std::string{"<"} + element + "[ >]"),
                  count(std::string{"</"} + element + ">"))
            << element;
    }
}

}  // namespace
}  // namespace redis_zk::watcher
