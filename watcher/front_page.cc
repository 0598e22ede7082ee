#include "watcher/front_page.h"

#include "watcher/core/judge.h"

namespace redis_zk::watcher {

namespace {

std::string paragraph(const std::string& text) { return "<p>" + escaped_for_html(text) + "</p>\n"; }

std::string list_of(const std::vector<std::string>& items) {
    std::string list = "<ul>\n";
    for (const std::string& item : items) list += "<li>" + escaped_for_html(item) + "</li>\n";
    return list + "</ul>\n";
}

std::string spoken_master(const View& view, TimePoint now, const Surroundings& surroundings) {
    const auto master = view.record.master();
    if (!master)
        return view.record.known ? "The record names nobody." : "ZooKeeper was not read yet.";
    std::string text =
        "Master is " + core::spoken(*master) + ", in term " + std::to_string(view.record.term());
    if (surroundings.since) text += ", since " + *surroundings.since;
    return text + (is_verified(view, *master, now) ? "." : "; it is not verified at the moment.");
}

std::vector<std::string> spoken_sentinels(const View& view) {
    std::vector<std::string> items;
    for (const auto& [sentinel, known] : view.sentinels)
        items.push_back(core::spoken(sentinel) +
                        (known.opinion.answered && known.opinion.master
                             ? " names " + core::spoken(*known.opinion.master)
                             : " has not answered"));
    return items;
}

}  // namespace

http::Response front_page(const View& view, TimePoint now, const Surroundings& surroundings,
                          const std::vector<std::string>& pages) {
    std::string body =
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>watcher of " +
        escaped_for_html(view.self.master_name) + "</title></head><body>\n<h1>watcher of " +
        escaped_for_html(view.self.master_name) + "</h1>\n";
    body += paragraph(spoken_master(view, now, surroundings));
    if (!view.zookeeper_connected) body += paragraph("ZooKeeper cannot be reached.");
    if (!surroundings.doing.empty()) body += paragraph(surroundings.doing);
    if (const auto contradictions = disagreements(view, now); !contradictions.empty())
        body += "<h2>Disagreements</h2>\n" + list_of(contradictions);
    body += "<h2>Sentinels</h2>\n" + list_of(spoken_sentinels(view)) + "<h2>Pages</h2>\n<ul>\n";
    for (const std::string& page : pages) {
        const std::string path = escaped_for_html(page);
        body += "<li><a href=\"" + path + "\">" + path + "</a></li>\n";
    }
    http::Response response;
    response.content_type = "text/html; charset=utf-8";
    response.body = body + "</ul>\n</body></html>\n";
    return response;
}

std::string escaped_for_html(std::string_view text) {
    std::string escaped;
    for (const char letter : text) {
        switch (letter) {
            case '&': escaped += "&amp;"; break;
            case '<': escaped += "&lt;"; break;
            case '>': escaped += "&gt;"; break;
            case '"': escaped += "&quot;"; break;
            case '\'': escaped += "&#39;"; break;
            default: escaped += letter;
        }
    }
    return escaped;
}

}  // namespace redis_zk::watcher
