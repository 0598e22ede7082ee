// The stories of redis-wrapper, in this folder.
#include "tests/scenarios/runner.h"
#include "tests/scenarios/story_test.h"

int main(int argc, char** argv) {
    return redis_zk::scenarios::run_stories<redis_zk::scenarios::Runner>(argc, argv,
                                                                         SCENARIOS_FOLDER);
}
