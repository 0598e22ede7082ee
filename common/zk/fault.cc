#include "common/zk/fault.h"

#include <zookeeper/zookeeper.h>

namespace redis_zk::zk {

static_assert(code::no_node == ZNONODE && code::no_auth == ZNOAUTH &&
              code::bad_version == ZBADVERSION && code::node_exists == ZNODEEXISTS &&
              code::not_empty == ZNOTEMPTY);

core::Fault fault_of(int return_code) {
    switch (return_code) {
        case ZCONNECTIONLOSS:
        case ZOPERATIONTIMEOUT:
        case ZSYSTEMERROR:
        case ZRUNTIMEINCONSISTENCY:  // an answer out of order: the client drops the connection
        case ZSESSIONMOVED:          // an older connection of ours was asked; the newer one works
        case ZTHROTTLEDOP: return core::Fault::ask_again;
        case ZSESSIONEXPIRED:
        case ZAUTHFAILED:
        case ZINVALIDSTATE:
        case ZCLOSING: return core::Fault::connection_lost;
        default: return core::Fault::refused;
    }
}

core::Error error_of(int return_code, const std::string& what) {
    return {fault_of(return_code), "cannot " + what + ": " + zerror(return_code), return_code};
}

core::Error no_connection(const std::string& what) { return error_of(ZCONNECTIONLOSS, what); }

}  // namespace redis_zk::zk
