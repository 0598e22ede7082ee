// Several operations of a Session, all or none of which happen.
#include <zookeeper/zookeeper.h>

#include "common/core/overloaded.h"
#include "common/zk/fault.h"
#include "common/zk/session_library.h"

namespace redis_zk::zk {
namespace {

std::string described(const Operation& operation) {
    return std::visit(core::Overloaded{
                          [](const Check& it) {
                              return "check version " + std::to_string(it.version) + " of " +
                                     it.path;
                          },
                          [](const Create& it) { return "create " + it.path; },
                          [](const Set& it) { return "set " + it.path; },
                          [](const Remove& it) { return "remove " + it.path; },
                      },
                      operation);
}

zoo_op_t converted(const Operation& operation, const ACL_vector* access) {
    zoo_op_t op{};
    std::visit(core::Overloaded{
                   [&](const Check& it) { zoo_check_op_init(&op, it.path.c_str(), it.version); },
                   [&](const Create& it) {
                       zoo_create_op_init(&op, it.path.c_str(), it.data.data(),
                                          static_cast<int>(it.data.size()), access,
                                          flags_of(it.mode), nullptr, 0);
                   },
                   [&](const Set& it) {
                       zoo_set_op_init(&op, it.path.c_str(), it.data.data(),
                                       static_cast<int>(it.data.size()), it.version, nullptr);
                   },
                   [&](const Remove& it) { zoo_delete_op_init(&op, it.path.c_str(), it.version); },
               },
               operation);
    return op;
}

// The server answers for each operation: nothing wrong for those before the one that it refuses,
// "runtime inconsistency" for those after it.
std::optional<std::size_t> refused_one(const std::vector<zoo_op_result_t>& results) {
    for (std::size_t i = 0; i < results.size(); ++i)
        if (results[i].err != ZOK && results[i].err != ZRUNTIMEINCONSISTENCY) return i;
    return std::nullopt;
}

}  // namespace

// What a multi needs until its completion: the C client keeps pointers to the results.
struct Session::Batch {
    std::vector<zoo_op_result_t> results;
};

Session::Request::Request(Session& session_, const void* asker_, core::TimePoint sent_at_,
                          OnReply on_reply_)
    : session{session_}, asker{asker_}, sent_at{sent_at_}, on_reply{std::move(on_reply_)} {}
Session::Request::~Request() = default;

int flags_of(CreateMode mode) {
    switch (mode) {
        case CreateMode::persistent: return ZOO_PERSISTENT;
        case CreateMode::ephemeral: return ZOO_EPHEMERAL;
        case CreateMode::ephemeral_sequential: return ZOO_EPHEMERAL_SEQUENTIAL;
    }
    return ZOO_PERSISTENT;
}

const ACL_vector* access_for(bool has_credentials) {
    static ACL owned[] = {{ZOO_PERM_ALL, ZOO_AUTH_IDS}, {ZOO_PERM_READ, ZOO_ANYONE_ID_UNSAFE}};
    static const ACL_vector owned_access{2, owned};
    return has_credentials ? &owned_access : &ZOO_OPEN_ACL_UNSAFE;
}

void Session::Library::got_multi(int code, const void* context) noexcept {
    auto& request = request_of(context);
    Reply reply{code};
    if (code != ZOK && fault_of(code) == core::Fault::refused)
        reply.refused_operation = refused_one(request.batch->results);
    request.session.answered(request, std::move(reply));
}

void Session::multi(const std::vector<Operation>& operations,
                    std::function<void(MultiAnswer)> answer, const void* asker) {
    OnReply on_reply = [operations, answer](const Reply& reply) {
        const auto refused = reply.refused_operation;
        if (reply.code == ZOK) return answer({core::Done{}, std::nullopt});
        const auto what = refused ? described(operations[*refused]) : "write several nodes at once";
        answer({error_of(reply.code, what), refused});
    };
    if (!can_ask(asker, on_reply)) return;
    auto& request = new_request(asker, std::move(on_reply));
    request.batch = std::make_unique<Batch>();
    request.batch->results.resize(operations.size());

    std::vector<zoo_op_t> converted_ones;  // serialised before the call returns
    const auto* access = access_for(!options_.credentials.empty());
    for (const auto& operation : operations) converted_ones.push_back(converted(operation, access));
    Call call{*this};
    asked(request, zoo_amulti(handle_, static_cast<int>(operations.size()), converted_ones.data(),
                              request.batch->results.data(), &Library::got_multi, &request));
}

}  // namespace redis_zk::zk
