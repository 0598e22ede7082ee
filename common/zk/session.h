// One ZooKeeper session: from the handshake to its expiry, or until this object is destroyed. In
// between it may be connected and disconnected many times, to any server of the ensemble; the C
// client sees to that. Expired is the end: the owner (SessionKeeper) destroys it and makes the
// next.
//
// Every trap of the C client is tamed in this class and nowhere else:
//  - The client may close its socket inside *any* call, and inside a call that only asks what to
//    wait for. While a call runs, libevent therefore watches no descriptor (class Call): a closed
//    number may be somebody else's next.
//  - Completions and watches fire inside those calls too. They are put in a queue and delivered
//    after the call has returned, so a callback may ask the next question at once.
//  - A descriptor is believed only together with ZOK.
//  - zookeeper_close() blocks for seconds when the server does not answer. It is never used while
//    connected: the request to end the session is sent without waiting, then the client is shown
//    a dead connection.
//  - All watches have this object as their context, which lets the C client merge equal ones;
//    who wants to know about which path is in a table of our own.
// Blocking DNS is avoided by giving it nothing but numeric addresses.
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/core/endpoint.h"
#include "common/core/result.h"
#include "common/core/time.h"
#include "common/event/loop.h"
#include "common/event/readiness.h"
#include "common/event/timer.h"
#include "common/zk/node.h"

struct _zhandle;  // zhandle_t of the C client

namespace redis_zk::zk {

enum class SessionState {
    connecting,  // no connection, or the handshake is not done: at the start, and after a loss
    connected,
    expired,  // for ever: the server has ended it, or refused our credentials
};
const char* name_of(SessionState state);

// What became of a multi: done, or an error and (if the server said no) the operation that did it.
struct MultiAnswer {
    core::Result<core::Done> result;
    std::optional<std::size_t> failed_operation;
};

class Session {
  public:
    struct Options {
        std::vector<core::Endpoint> servers;  // at least one; hosts are addresses, not names
        core::milliseconds timeout;           // asked for; see timeout() for what was granted
        // "user:password" of the digest scheme, or empty. With it, what is created may be written
        // only by this user and read by the world; without it, everybody may do everything.
        std::string credentials;
    };
    using OnState = std::function<void(SessionState)>;
    using OnWatch = std::function<void()>;
    using NodeAnswer = core::Callback<std::optional<Node>>;
    using StatAnswer = core::Callback<std::optional<Stat>>;
    using ChildrenAnswer = core::Callback<std::optional<std::vector<std::string>>>;
    using PathAnswer = core::Callback<std::string>;
    using BoolAnswer = core::Callback<bool>;
    using DoneAnswer = core::Callback<core::Done>;
    using VersionAnswer = core::Callback<Stat>;

    // `on_state` is told each change, never from inside the constructor.
    Session(event::Loop& loop, Options options, OnState on_state);

    // Ends the session on the server if there is a connection, without waiting for it; else it
    // ends there after its timeout. Callbacks that are still owed are forgotten. Never inside a
    // callback of this session (asserted): the C client would go on with a freed handle.
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // Ends the session and calls `on_closed` when the server has done so, or after `bound`, or soon
    // when there is no connection. Nothing else is called from now on. `on_closed` may destroy the
    // object.
    void close(core::milliseconds bound, std::function<void()> on_closed);

    SessionState state() const { return state_; }
    bool is_connected() const;
    SessionId id() const;                // none before the first connection
    core::milliseconds timeout() const;  // negotiated, once connected
    std::string server() const;          // "10.0.0.1:2181", the one connected to or tried last

    // When the last answered request was sent: the server keeps the session for at least timeout()
    // after that instant. What a master's lease is computed from. The client's own pings do not
    // count here, nobody sees their answers.
    std::optional<core::TimePoint> proven_at() const { return proven_at_; }

    // The servers' addresses have changed. Addresses as in Options. May cost the connection. The C
    // client compares them without their ports: a change of ports alone has no effect.
    void use_servers(const std::vector<core::Endpoint>& servers);

    // The requests. Each callback comes exactly once, on the loop, never from inside the call. A
    // request made while not connected is answered with `ask_again` (or `connection_lost` after
    // expiry) and has not reached any server: ask again when connected.
    //
    // `asker`: forget() of the same pointer cancels the callback. For objects which may be
    // destroyed before the session.

    // The node, or nothing if there is none. With `on_watch` the server tells, once, when that
    // changes: data, creation or removal. It is told at the latest after a reconnect, and never
    // when the answer is an error or after expiry.
    void get(const std::string& path, NodeAnswer, OnWatch = {}, const void* asker = nullptr);

    // What is known about a node, without its data. The cheapest question there is.
    void stat(const std::string& path, StatAnswer, const void* asker = nullptr);

    // Names of the children in no order, or nothing if there is no such node. The watch tells when
    // a child comes or goes, or the node itself does; not when the data of a child changes.
    void children(const std::string& path, ChildrenAnswer, OnWatch = {},
                  const void* asker = nullptr);

    // Answers with the path: a sequential node's ends in the ten digits that the server has added.
    void create(const std::string& path, const std::string& data, CreateMode, PathAnswer,
                const void* asker = nullptr);

    // Whether anybody at all may change the node. Nodes that were there before us keep the access
    // that they have; who uses credentials wants to know about those.
    void is_open_to_all(const std::string& path, BoolAnswer, const void* asker = nullptr);

    // Makes sure that a persistent node is there, and all above it. Existing ones stay as they are.
    void create_path(const std::string& path, DoneAnswer, const void* asker = nullptr);

    // Answers with what is known about the node after the write.
    void set(const std::string& path, const std::string& data, std::int32_t version, VersionAnswer,
             const void* asker = nullptr);
    // Whoever only tidies up may leave the answer empty.
    void remove(const std::string& path, std::int32_t version, DoneAnswer,
                const void* asker = nullptr);

    // All of them or none.
    void multi(const std::vector<Operation>& operations, std::function<void(MultiAnswer)>,
               const void* asker = nullptr);

    // After it, reads on this connection see everything that was committed before it was asked for.
    void sync(const std::string& path, DoneAnswer, const void* asker = nullptr);

    // No callback and no watch of this asker will come any more.
    void forget(const void* asker);

  private:
    class Call;
    struct Batch;
    struct Library;  // the trampolines: what the C client calls

    enum class Kind { node, children };
    struct Reply {
        explicit Reply(int code_) : code{code_} {}
        int code;
        std::string text;  // data of a node, path of a created one
        Stat stat;
        std::vector<std::string> names;
        std::optional<std::size_t> refused_operation;
    };
    using OnReply = std::function<void(const Reply&)>;
    struct Watch {
        const void* asker;
        OnWatch on_watch;
    };
    struct WatchWish {
        Kind kind;
        std::string path;
        Watch watch;
        bool also_when_missing;
    };
    // Lives from the call into the C client until its completion, whatever the asker does.
    struct Request {
        Request(Session&, const void* asker, core::TimePoint, OnReply);
        ~Request();
        Session& session;
        const void* asker;
        core::TimePoint sent_at;
        OnReply on_reply;
        std::optional<WatchWish> watch;
        std::unique_ptr<Batch> batch;
        std::list<std::unique_ptr<Request>>::iterator self;
    };
    struct Delivery {
        const void* asker;
        std::function<void()> run;
    };

    Request& new_request(const void* asker, OnReply);
    bool can_ask(const void* asker, const OnReply&);
    void asked(Request&, int return_code);
    void answered(Request&, Reply);
    void exists(const std::string& path, OnReply, OnWatch, const void* asker);
    void deliver_soon(const void* asker, std::function<void()> run);
    void deliver();
    void watch_fired(int type, const std::string& path);
    void take_watches(Kind, const std::string& path);
    void entered(SessionState);

    bool library_is_connected() const;
    void notice_library_state();
    void ready(bool to_read, bool to_write);
    void due();
    void turn(int events);
    int ask_what_to_wait_for();
    void arm();
    void retry_later();
    bool send_farewell();
    void farewell_answered();
    void closed();

    event::Loop& loop_;
    Options options_;
    OnState on_state_;
    SessionState state_ = SessionState::connecting;
    SessionState noticed_ = SessionState::connecting;  // ahead of state_ by what is to be delivered
    std::optional<core::TimePoint> proven_at_;
    std::list<std::unique_ptr<Request>> requests_;
    std::map<std::pair<Kind, std::string>, std::vector<Watch>> watches_;
    std::deque<Delivery> deliveries_;
    std::function<void()> on_closed_;
    bool closing_ = false;
    bool delivering_ = false;
    int calls_ = 0;     // that are inside the C client now
    int failures_ = 0;  // attempts to connect in a row

    // What the C client has asked to wait for, the last time when it was asked.
    int descriptor_ = -1;
    bool has_unsent_bytes_ = false;
    core::milliseconds next_look_{0};

    _zhandle* handle_ = nullptr;
    event::Timer timer_;
    event::Readiness readiness_;
};

}  // namespace redis_zk::zk
