// Private to session*.cc: the parts of Session that show types of the C client.
#pragma once

#include <zookeeper/zookeeper.h>

#include "common/zk/session.h"

namespace redis_zk::zk {

// The constants of the C client are variables: no switch. Converted here, once.
SessionState state_from(int library_state);

int flags_of(CreateMode mode);

// Creator: all, world: read; or everything for everybody. Lives as long as the process.
const ACL_vector* access_for(bool has_credentials);

// Exists around every call into the C client, see session.h.
class Session::Call {
  public:
    explicit Call(Session& session);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

  private:
    Session& session_;
};

// What the C client calls. `context` is a Request, or the Session for watches.
struct Session::Library {
    static void watch_fired(zhandle_t*, int type, int state, const char* path,
                            void* context) noexcept;
    static void got_data(int code, const char* value, int length, const ::Stat* stat,
                         const void* context) noexcept;
    static void got_stat(int code, const ::Stat* stat, const void* context) noexcept;
    static void got_names(int code, const String_vector* names, const void* context) noexcept;
    static void got_text(int code, const char* text, const void* context) noexcept;
    static void got_access(int code, ::ACL_vector* access, ::Stat* stat,
                           const void* context) noexcept;
    static void got_done(int code, const void* context) noexcept;
    static void got_multi(int code, const void* context) noexcept;

    static Request& request_of(const void* context);
};

}  // namespace redis_zk::zk
