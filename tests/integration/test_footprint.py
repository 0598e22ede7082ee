"""What a wrapper costs while nothing happens, and at the start. bench/processes judges this to the point, on a quiet machine; here
it is the order of magnitude that no change may lose unnoticed. Memory does not depend on who else is busy: its limit is the goal."""

import statistics

from support.cluster import LONE_CONF
from support.instruments import cpu_seconds, memory_mb, seconds_to_pong
from support.node import BINARIES
from support.plain_redis import PlainRedis
from support.wait import NEVER_SET, wait_until

IS_RELEASE = BINARIES.parent.name == "release"

# The sanitizers keep a shadow of the memory and look at each access.
MOST_MEMORY_MB = 12 if IS_RELEASE else 200
MOST_CPU_PERCENT = 1 if IS_RELEASE else 10
SLOWEST_START = 4 if IS_RELEASE else 40


def test_an_idle_wrapper_is_small_and_does_nothing(cluster):
    """A loop that turns for nothing takes a whole processor."""
    master, replicas = cluster.start(3, conf=LONE_CONF)
    cluster.wait_until_same_data()
    wait_until(lambda: all(node.status()["in_sync"] for node in replicas), 10, "their wrappers know that they are in sync")
    nodes, seconds = [master, *replicas], 5
    before = {node: cpu_seconds(node.wrapper_pid) for node in nodes}
    NEVER_SET.wait(seconds)
    for node in nodes:
        percent = (cpu_seconds(node.wrapper_pid) - before[node]) / seconds * 100
        assert percent < MOST_CPU_PERCENT, f"{node.name} uses {percent} % of a processor"
        assert memory_mb(node.wrapper_pid) < MOST_MEMORY_MB, node.name


def test_redis_answers_soon_after_the_start_of_its_wrapper(cluster, workplace):
    """Both take turns, so that a busy machine is busy for both; the middle of five."""
    bare, wrapped = [], []
    for run in range(5):
        plain = PlainRedis(workplace, f"bare-{run}", appendonly="yes").start(wait=False)
        bare.append(seconds_to_pong(plain.process, plain.host, plain.port))
        node = cluster.add(f"node-{run}", conf=LONE_CONF).start()
        wrapped.append(seconds_to_pong(node.process, node.host, node.port))
        plain.kill(), node.kill()
    times = statistics.median(wrapped) / statistics.median(bare)
    assert times < SLOWEST_START, f"{times} times as long as redis-server alone"
