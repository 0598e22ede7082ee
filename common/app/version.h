// The version of the suite, one for all of its executables: "0.1.0".
#pragma once

namespace redis_zk::app {

extern const char* const version;

}  // namespace redis_zk::app
