// The times of a fake redis-sentinel: our default configuration, and the constants of sentinel.c.
#pragma once

#include "common/core/opinion.h"

namespace redis_zk::simulation {

inline constexpr core::milliseconds down_after{3000};
inline constexpr core::milliseconds failover_timeout{10000};

inline constexpr core::milliseconds longest_failover =
    core::time_to_fail_over(down_after, failover_timeout);

inline constexpr core::milliseconds info_period{10000};
inline constexpr core::milliseconds short_info_period{1000};  // of replicas, while something is up
inline constexpr core::milliseconds hello_period{2000};
inline constexpr core::milliseconds time_to_be_reconfigured{10000};
inline constexpr core::milliseconds longest_pause{2000};
inline constexpr core::milliseconds tilt{30000};
inline constexpr core::milliseconds before_a_master_is_demoted{8000};

}  // namespace redis_zk::simulation
