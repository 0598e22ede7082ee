"""The node that a sentinel has just promoted dies before the other replicas follow it: by itself that fail-over never ends
(test_failover_facts.py), so neither the nodes nor sentinel-wrapper may wait for its end. P4."""

import os
import signal

from support.cluster import LONE_CONF
from support.data import fill
from support.sentinel import start_sentinels, wait_until_all_ready
from support.wait import stays_true, wait_until

# It ends by its own time-out when the death is not noticed before FAILOVER_TIMEOUT.
TIMES = {"DOWN_AFTER": "3s", "FAILOVER_TIMEOUT": "8s"}
# Since the nodes are back: nobody waits for it longer than for 3 s + 2 * 8 s; or for COLD_START_WAIT. Then they elect, and the
# sentinels are told 5 s later.
HEALED_AFTER = 60


def is_stuck(sentinel, promoted):
    """It names the dead node that it has promoted, and has seen that it is down."""
    known = {one["port"]: one["flags"] for one in sentinel.client.sentinel_slaves("mymaster")}
    flags = sentinel.client.sentinel_master("mymaster")["flags"]
    return sentinel.names() == promoted.address and "failover_in_progress" in flags and "s_down" in known[promoted.port]


class StuckFailover:
    """A master, a replica that may be promoted, another one that may not; and a leader whose fail-over is stuck since the first
    two are dead. The third one stood still while it was to be told."""

    def __init__(self, cluster):
        options = {"COLD_START_WAIT": "15s"}
        self.former, (self.promoted,) = cluster.start(2, conf=LONE_CONF, **options)
        self.late = cluster.add(conf=LONE_CONF + "replica-priority 0\n", **options).start()
        self.sentinels = start_sentinels(cluster, **TIMES)
        self.leader = self.sentinels[0]
        wait_until_all_ready(self.sentinels, cluster.directory)
        self.written = fill(self.former.client, "x")
        cluster.wait_until_same_data(self.written)
        wait_until(self.may_begin, 30, "the leader knows whom it may promote", interval=0.3)
        os.kill(self.late.redis_pid, signal.SIGSTOP)
        # They would tell the leader of the promoted node before it sees that by itself: nothing would get stuck.
        self.signal_wrappers(signal.SIGSTOP)
        self.leader.ask("FAILOVER", "mymaster")
        wait_until(lambda: self.leader.names() == self.promoted.address, 10, "it has promoted a node", interval=0.005)
        self.promoted.kill()
        self.former.kill()
        os.kill(self.late.redis_pid, signal.SIGCONT)
        wait_until(lambda: is_stuck(self.leader, self.promoted), 15, "it sees that the promoted node is down")
        self.signal_wrappers(signal.SIGCONT)

    def signal_wrappers(self, number):
        for sentinel in self.sentinels:
            os.kill(sentinel.wrapper_pid, number)

    def may_begin(self):
        replicas = {one["port"]: one["slave-priority"] for one in self.leader.client.sentinel_slaves("mymaster")}
        return replicas == {self.promoted.port: 100, self.late.port: 0}

    def are_sentinels_well(self, master):
        for sentinel in self.sentinels:
            watched = sentinel.client.sentinel_master("mymaster")
            assert (watched["ip"], watched["port"]) == master.address, f"{sentinel.name} watches {watched['port']}"
            assert watched["flags"] == "master", f"{sentinel.name} says {watched['flags']}"
        return {one.names() for one in self.sentinels} == {master.address}


def test_all_nodes_die_in_the_middle_of_a_fail_over_and_come_back_on_other_ports(cluster, directory):
    stuck = StuckFailover(cluster)
    cluster.kill_all()
    stays_true(lambda: is_stuck(stuck.leader, stuck.promoted), 2, "the death of the others does not end it")
    for node in cluster.nodes:
        node.move().start()
    cluster.wait_until_healthy(seconds=HEALED_AFTER)
    cluster.wait_until_same_data(stuck.written)
    wait_until(lambda: stuck.are_sentinels_well(cluster.healthy()), HEALED_AFTER, "all sentinels watch the new master")
    wait_until_all_ready(stuck.sentinels, directory)


def test_the_former_master_comes_back_where_it_was_and_the_promoted_node_never(cluster, directory):
    """The leader watches that address all the time, so that news of it would not end its fail-over."""
    stuck = StuckFailover(cluster)
    stuck.former.start()
    assert cluster.wait_until_healthy(seconds=HEALED_AFTER)[0] is stuck.former
    cluster.wait_until_same_data(stuck.written)
    wait_until(lambda: stuck.are_sentinels_well(stuck.former), HEALED_AFTER, "all sentinels watch it, and none fails over")
    wait_until_all_ready(stuck.sentinels, directory)
