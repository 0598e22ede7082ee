// Replies as a server would have sent them, in few letters.
#pragma once

#include <utility>

#include "common/redis/reply.h"

namespace redis_zk::redis {

inline Reply text(std::string content) { return {Reply::Kind::text, std::move(content), 0, {}}; }
inline Reply integer(std::int64_t value) { return {Reply::Kind::integer, {}, value, {}}; }
inline Reply nil() { return {}; }
inline Reply error(std::string content) { return {Reply::Kind::error, std::move(content), 0, {}}; }
inline Reply list(std::vector<Reply> content) {
    return {Reply::Kind::list, {}, 0, std::move(content)};
}
inline Reply texts(const std::vector<std::string>& contents) {
    Reply reply = list({});
    for (const std::string& content : contents) reply.list.push_back(text(content));
    return reply;
}

// What no question expects: each parser must refuse every one of these.
inline std::vector<Reply> garbage() {
    return {nil(),
            text(""),
            text("master"),
            text(std::string(100, '\0')),
            integer(-7),
            error("ERR no"),
            list({nil()}),
            list({integer(1), integer(2)}),
            list({list({}), list({})}),
            texts({"master"}),
            texts({"slave", "h"}),
            texts({"sentinel"}),
            texts({"one", "two", "three"}),
            list({text("master"), text("not a number"), list({})}),
            list({text("master"), integer(1), list({texts({"h", "70000", "1"})})}),
            list({text("slave"), text("h"), integer(-1), text("connected"), integer(1)}),
            list({text("slave"), text("h"), integer(1), integer(5), integer(1)}),
            list({text("slave"), text("h"), integer(1), text("connected")}),
            list({text("sentinel"), list({integer(1)})})};
}

}  // namespace redis_zk::redis
