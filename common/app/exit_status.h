// What an executable tells the scheduler when it ends. A scheduler restarts after anything but 0,
// and a person reads the number in its web page, so no two cases share one.
//
// One more case has no name here: when the child ended by itself, its own status is passed on,
// 128+n after signal n (event::number_of_shell).
#pragma once

namespace redis_zk::app {

enum ExitStatus : int {
    stopped_as_asked = 0,
    anything_else = 1,
    wrong_configuration = 2,  // nothing was started and nothing was written
    no_master = 3,            // of sentinel-wrapper: none within MASTER_TIMEOUT
};

}  // namespace redis_zk::app
