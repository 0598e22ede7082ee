#include "common/app/version.h"

namespace redis_zk::app {

const char* const version = REDIS_ZK_VERSION;

}  // namespace redis_zk::app
