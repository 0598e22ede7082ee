// The stories of watchers, in this folder.
#include "tests/scenarios/story_test.h"
#include "tests/scenarios/watchers/runner.h"

int main(int argc, char** argv) {
    return redis_zk::scenarios::run_stories<redis_zk::watcher_scenarios::Runner>(argc, argv,
                                                                                 SCENARIOS_FOLDER);
}
