// The questions of a Session, and how their answers find back.
#include <zookeeper/zookeeper.h>

#include "common/zk/fault.h"
#include "common/zk/path.h"
#include "common/zk/session_library.h"

namespace redis_zk::zk {
namespace {

zk::Stat converted(const ::Stat& stat) {
    return {stat.version, SessionId{stat.ephemeralOwner}, stat.czxid, stat.mtime};
}

core::Result<core::Done> done_or(int code, const std::string& what) {
    if (code != ZOK) return error_of(code, what);
    return core::Done{};
}

}  // namespace

void Session::Library::watch_fired(zhandle_t*, int type, int state, const char* path,
                                   void* context) noexcept {
    auto& session = *static_cast<Session*>(context);
    if (type == ZOO_SESSION_EVENT)
        session.entered(state_from(state));
    else if (path != nullptr)
        session.watch_fired(type, path);
}

void Session::Library::got_data(int code, const char* value, int length, const ::Stat* stat,
                                const void* context) noexcept {
    Reply reply{code};
    if (code == ZOK) {
        if (length > 0) reply.text.assign(value, static_cast<std::size_t>(length));
        reply.stat = converted(*stat);
    }
    request_of(context).session.answered(request_of(context), std::move(reply));
}

void Session::Library::got_stat(int code, const ::Stat* stat, const void* context) noexcept {
    Reply reply{code};
    if (code == ZOK) reply.stat = converted(*stat);
    request_of(context).session.answered(request_of(context), std::move(reply));
}

void Session::Library::got_names(int code, const String_vector* names,
                                 const void* context) noexcept {
    Reply reply{code};
    if (code == ZOK) reply.names.assign(names->data, names->data + names->count);
    request_of(context).session.answered(request_of(context), std::move(reply));
}

void Session::Library::got_text(int code, const char* text, const void* context) noexcept {
    Reply reply{code};
    if (code == ZOK && text != nullptr) reply.text = text;
    request_of(context).session.answered(request_of(context), std::move(reply));
}

void Session::Library::got_done(int code, const void* context) noexcept {
    request_of(context).session.answered(request_of(context), Reply{code});
}

// `names` gets the schemes that let everybody write.
void Session::Library::got_access(int code, ::ACL_vector* access, ::Stat*,
                                  const void* context) noexcept {
    const int change = ZOO_PERM_WRITE | ZOO_PERM_CREATE | ZOO_PERM_DELETE | ZOO_PERM_ADMIN;
    Reply reply{code};
    for (int index = 0; code == ZOK && index < access->count; ++index) {
        const ::ACL& entry = access->data[index];
        if (std::string_view{entry.id.scheme} == "world" && (entry.perms & change) != 0)
            reply.names.emplace_back(entry.id.scheme);
    }
    request_of(context).session.answered(request_of(context), std::move(reply));
}

Session::Request& Session::Library::request_of(const void* context) {
    return *static_cast<Request*>(const_cast<void*>(context));
}

Session::Request& Session::new_request(const void* asker, OnReply on_reply) {
    requests_.push_back(std::make_unique<Request>(*this, asker, loop_.now(), std::move(on_reply)));
    requests_.back()->self = std::prev(requests_.end());
    return *requests_.back();
}

// While there is no connection the C client would keep a request for the next one. Whoever has
// asked decides better then whether the question still makes sense.
bool Session::can_ask(const void* asker, const OnReply& on_reply) {
    if (is_connected() && library_is_connected()) return true;
    const int code = noticed_ == SessionState::expired ? ZSESSIONEXPIRED : ZCONNECTIONLOSS;
    deliver_soon(asker, [on_reply, code] { on_reply(Reply{code}); });
    return false;
}

// A call that was not accepted will have no completion.
void Session::asked(Request& request, int code) {
    if (code == ZOK) return;
    answered(request, Reply{code});
}

void Session::answered(Request& request, Reply reply) {
    const auto kept = std::move(*request.self);
    requests_.erase(kept->self);

    const bool by_the_server = reply.code == ZOK || (reply.code < ZAPIERROR &&
                                                     fault_of(reply.code) == core::Fault::refused);
    if (by_the_server && (!proven_at_ || *proven_at_ < kept->sent_at)) proven_at_ = kept->sent_at;

    // Now, not when the answer is delivered: the watch may fire before that.
    if (auto& wish = kept->watch;
        wish && (reply.code == ZOK || (reply.code == ZNONODE && wish->also_when_missing))) {
        auto& watches = watches_[{wish->kind, wish->path}];
        if (wish->watch.asker != nullptr)
            std::erase_if(watches, [&](const Watch& it) { return it.asker == wish->watch.asker; });
        watches.push_back(std::move(wish->watch));
    }
    if (!kept->on_reply) return;
    deliver_soon(kept->asker, [on_reply = std::move(kept->on_reply), reply = std::move(reply)] {
        on_reply(reply);
    });
}

// One event ends all watches that it concerns, in the C client as on the server.
void Session::watch_fired(int type, const std::string& path) {
    if (type == ZOO_CHILD_EVENT || type == ZOO_DELETED_EVENT) take_watches(Kind::children, path);
    if (type != ZOO_CHILD_EVENT) take_watches(Kind::node, path);
}

void Session::take_watches(Kind kind, const std::string& path) {
    auto found = watches_.extract({kind, path});
    if (!found) return;
    for (auto& watch : found.mapped()) deliver_soon(watch.asker, std::move(watch.on_watch));
}

void Session::get(const std::string& path, NodeAnswer answer, OnWatch on_watch, const void* asker) {
    OnReply on_reply = [this, path, answer, on_watch, asker](const Reply& reply) {
        if (reply.code == ZOK) return answer(std::optional{Node{reply.text, reply.stat}});
        if (reply.code != ZNONODE) return answer(error_of(reply.code, "read " + path));
        if (!on_watch) return answer(std::optional<Node>{});
        // A get sets no watch on a missing node. Ask in the way that does; if the node has come
        // into being in between, read it after all.
        exists(
            path,
            [this, path, answer, on_watch, asker](const Reply& look) {
                if (look.code == ZOK) return get(path, answer, on_watch, asker);
                if (look.code == ZNONODE) return answer(std::optional<Node>{});
                answer(error_of(look.code, "read " + path));
            },
            on_watch, asker);
    };
    if (!can_ask(asker, on_reply)) return;
    auto& request = new_request(asker, std::move(on_reply));
    if (on_watch) request.watch = WatchWish{Kind::node, path, {asker, on_watch}, false};
    Call call{*this};
    asked(request, zoo_awget(handle_, path.c_str(), on_watch ? &Library::watch_fired : nullptr,
                             this, &Library::got_data, &request));
}

void Session::exists(const std::string& path, OnReply on_reply, OnWatch on_watch,
                     const void* asker) {
    if (!can_ask(asker, on_reply)) return;
    auto& request = new_request(asker, std::move(on_reply));
    if (on_watch) request.watch = WatchWish{Kind::node, path, {asker, on_watch}, true};
    Call call{*this};
    asked(request, zoo_awexists(handle_, path.c_str(), on_watch ? &Library::watch_fired : nullptr,
                                this, &Library::got_stat, &request));
}

void Session::stat(const std::string& path, StatAnswer answer, const void* asker) {
    exists(
        path,
        [path, answer](const Reply& reply) {
            if (reply.code == ZOK) return answer(std::optional{reply.stat});
            if (reply.code == ZNONODE) return answer(std::optional<zk::Stat>{});
            answer(error_of(reply.code, "look at " + path));
        },
        {}, asker);
}

void Session::children(const std::string& path, ChildrenAnswer answer, OnWatch on_watch,
                       const void* asker) {
    using Names = std::vector<std::string>;
    OnReply on_reply = [this, path, answer, on_watch, asker](const Reply& reply) {
        if (reply.code == ZOK) return answer(std::optional<Names>{reply.names});
        if (reply.code != ZNONODE) return answer(error_of(reply.code, "list " + path));
        if (!on_watch) return answer(std::optional<Names>{});
        exists(
            path,
            [this, path, answer, on_watch, asker](const Reply& look) {
                if (look.code == ZOK) return children(path, answer, on_watch, asker);
                if (look.code == ZNONODE) return answer(std::optional<Names>{});
                answer(error_of(look.code, "list " + path));
            },
            on_watch, asker);
    };
    if (!can_ask(asker, on_reply)) return;
    auto& request = new_request(asker, std::move(on_reply));
    if (on_watch) request.watch = WatchWish{Kind::children, path, {asker, on_watch}, false};
    Call call{*this};
    asked(request,
          zoo_awget_children(handle_, path.c_str(), on_watch ? &Library::watch_fired : nullptr,
                             this, &Library::got_names, &request));
}

void Session::create(const std::string& path, const std::string& data, CreateMode mode,
                     PathAnswer answer, const void* asker) {
    OnReply on_reply = [path, answer](const Reply& reply) {
        if (reply.code != ZOK) return answer(error_of(reply.code, "create " + path));
        answer(reply.text);
    };
    if (!can_ask(asker, on_reply)) return;
    auto& request = new_request(asker, std::move(on_reply));
    Call call{*this};
    asked(request, zoo_acreate(handle_, path.c_str(), data.data(), static_cast<int>(data.size()),
                               access_for(!options_.credentials.empty()), flags_of(mode),
                               &Library::got_text, &request));
}

// From below: the upper nodes usually exist, and creating one that exists may be forbidden to us
// while the one below is ours to create.
void Session::create_path(const std::string& path, DoneAnswer answer, const void* asker) {
    const auto after_creating = [this, path, answer, asker](core::Result<std::string> created) {
        if (created || created.error().code == code::node_exists) return answer(core::Done{});
        if (created.error().code != code::no_node || path == "/") return answer(created.error());
        const auto after_parent = [this, path, answer, asker](core::Result<core::Done> parent) {
            if (!parent) return answer(parent.error());
            create_path(path, answer, asker);
        };
        create_path(parent_of(path), after_parent, asker);
    };
    stat(
        path,
        [this, path, answer, asker, after_creating](core::Result<std::optional<zk::Stat>> found) {
            if (!found) return answer(found.error());
            if (*found) return answer(core::Done{});
            create(path, "", CreateMode::persistent, after_creating, asker);
        },
        asker);
}

void Session::set(const std::string& path, const std::string& data, std::int32_t version,
                  VersionAnswer answer, const void* asker) {
    OnReply on_reply = [path, answer](const Reply& reply) {
        if (reply.code != ZOK) return answer(error_of(reply.code, "set " + path));
        answer(reply.stat);
    };
    if (!can_ask(asker, on_reply)) return;
    auto& request = new_request(asker, std::move(on_reply));
    Call call{*this};
    asked(request, zoo_aset(handle_, path.c_str(), data.data(), static_cast<int>(data.size()),
                            version, &Library::got_stat, &request));
}

void Session::remove(const std::string& path, std::int32_t version, DoneAnswer answer,
                     const void* asker) {
    OnReply on_reply = [path, answer](const Reply& reply) {
        if (answer) answer(done_or(reply.code, "remove " + path));
    };
    if (!can_ask(asker, on_reply)) return;
    auto& request = new_request(asker, std::move(on_reply));
    Call call{*this};
    asked(request, zoo_adelete(handle_, path.c_str(), version, &Library::got_done, &request));
}

void Session::is_open_to_all(const std::string& path, BoolAnswer answer, const void* asker) {
    OnReply on_reply = [path, answer](const Reply& reply) {
        if (reply.code != ZOK) return answer(error_of(reply.code, "read the access of " + path));
        answer(!reply.names.empty());
    };
    if (!can_ask(asker, on_reply)) return;
    auto& request = new_request(asker, std::move(on_reply));
    Call call{*this};
    asked(request, zoo_aget_acl(handle_, path.c_str(), &Library::got_access, &request));
}

void Session::sync(const std::string& path, DoneAnswer answer, const void* asker) {
    OnReply on_reply = [path, answer](const Reply& reply) {
        answer(done_or(reply.code, "synchronise " + path));
    };
    if (!can_ask(asker, on_reply)) return;
    auto& request = new_request(asker, std::move(on_reply));
    Call call{*this};
    asked(request, zoo_async(handle_, path.c_str(), &Library::got_text, &request));
}

}  // namespace redis_zk::zk
