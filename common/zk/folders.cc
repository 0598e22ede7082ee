#include "common/zk/folders.h"

#include <utility>

#include "common/zk/session_keeper.h"

namespace redis_zk::zk {

Folders::Folders(SessionKeeper& keeper, std::vector<std::string> paths,
                 std::vector<std::string> to_protect, Handlers handlers)
    : SessionUser{keeper}, paths_{std::move(paths)}, handlers_{std::move(handlers)} {
    if (keeper.has_credentials()) to_protect_ = std::move(to_protect);
}

void Folders::session_ready(Session& session) {
    for (const std::string& path : paths_)
        session.create_path(
            path,
            [this](const core::Result<core::Done>& done) {
                if (!done) failed(done.error());
            },
            asker());
    for (const std::string& path : std::exchange(to_protect_, {})) look_at_access(session, path);
}

void Folders::look_at_access(Session& session, const std::string& path) {
    session.is_open_to_all(
        path,
        [this, path](const core::Result<bool>& open) {
            if (open && *open)
                handlers_.on_complaint("everybody may change " + path +
                                       " in ZooKeeper, although ZK_AUTH is given: it was there "
                                       "before, and keeps its access");
        },
        asker());
}

}  // namespace redis_zk::zk
