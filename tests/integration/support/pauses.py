"""How long clients cannot write when the master goes, in one of several ways, and what they lose: with the wrappers, and with plain
redis-servers and sentinels of the same down-after."""

import os
import signal
from contextlib import ExitStack

from support.discovery import BySentinel, ByRecord, Client
from support.plain_redis import PlainRedis
from support.plain_sentinel import PlainSentinel
from support.processes import process_is_alive
from support.sentinel import settled, watched
from support.wait import wait_until

PATIENCE = 60
DOWN_AFTER_MS = 3000


class Wrapped:
    """Three nodes and three sentinels."""

    def __init__(self, cluster, zookeeper_client):
        self.cluster = cluster
        self.master, _, self.sentinels = watched(cluster, DOWN_AFTER=f"{DOWN_AFTER_MS}ms", FAILOVER_TIMEOUT="6s")
        self.ways = {"through Sentinel": lambda: BySentinel(self.sentinels),
                     "through the record": lambda: ByRecord(zookeeper_client, f"{cluster.directory.root}/master")}

    def settle(self):
        """Whatever has ended is started again, as by a scheduler. A sentinel asks every ten seconds whom it may choose: until it
        has asked those that have just been started, a hand-over waits for that (README). One crash is measured after the other: to
        the nodes they are no storm."""
        def is_well():
            for node in self.cluster.nodes:
                if not node.is_running():
                    node.forget_crashes()
                    node.start()
            for sentinel in self.sentinels:
                known = sentinel.client.sentinel_slaves("mymaster")
                assert all(one["slave-priority"] > 0 for one in known), f"{sentinel.name} has not asked since"
            return settled(self.cluster, self.sentinels)
        self.master = wait_until(is_well, PATIENCE, "all is well")

    def processes(self):
        return [self.master.wrapper_pid, self.master.redis_pid]


class Plain:
    """Three redis-servers and three sentinels as Debian ships them."""

    def __init__(self, workplace):
        self.nodes = [PlainRedis(workplace, f"plain-{number}").start() for number in range(1, 4)]
        self.master = self.nodes[0]
        for node in self.nodes[1:]:
            node.configure(replicaof=f"{self.master.host} {self.master.port}")
            node.follow(self.master)
        self.sentinels = [PlainSentinel(workplace, f"plain-sentinel-{number}", (self.master.host, self.master.port),
                                        down_after_ms=DOWN_AFTER_MS).start() for number in range(1, 4)]
        self.ways = {"through Sentinel": lambda: BySentinel(self.sentinels)}

    def settle(self):
        """Whatever has ended is started again, as the replica that the sentinels would make of it ten seconds later."""
        def is_well():
            master, = {sentinel.names() for sentinel in self.sentinels}
            for node in self.nodes:
                if not node.process.is_running():
                    node.configure(replicaof="{} {}".format(*master))
                    node.start()
            for sentinel in self.sentinels:
                monitored = sentinel.client.sentinel_master("mymaster")
                flags = [one["flags"] for one in sentinel.client.sentinel_slaves("mymaster")]
                assert monitored["flags"] == "master" and flags == ["slave", "slave"] and sentinel.knows(2, 2)
            found, = (node for node in self.nodes if (node.host, node.port) == master)
            assert found.info("replication")["connected_slaves"] == 2
            return found
        self.master = wait_until(is_well, PATIENCE, "all is well")

    def processes(self):
        return [self.master.process.pid]


def stop(suite):
    """A planned stop: SIGTERM to whatever a scheduler has started."""
    os.kill(suite.processes()[0], signal.SIGTERM)


def crash(suite):
    """Kill -9 of the redis-server."""
    os.kill(suite.processes()[-1], signal.SIGKILL)


def lose(suite):
    """The wrapper and its redis at once, as with the host that they are on."""
    for pid in suite.processes():
        os.kill(pid, signal.SIGKILL)


def freeze(suite):
    """They stand still, and go on when another one is master."""
    for pid in suite.processes():
        os.kill(pid, signal.SIGSTOP)


# How long a client waits for an answer, in seconds. A frozen master gives none, so that is the step in which its pause is measured;
# of one that hands over, the clients wait for the answers.
CLIENT_PATIENCE = 0.5
PATIENCE_WITH_THE_FROZEN = 0.2
KINDS = {"planned stop": stop, "crash": crash, "host lost": lose, "freeze": freeze}


class Pauses:
    """`seconds` of each way to find the master, and how many acknowledged writes were `lost`."""

    def __init__(self, suite, kind):
        self.suite, self.kind = suite, kind
        self.seconds = {way: [] for way in suite.ways}
        self.lost = {way: 0 for way in suite.ways}

    def run(self):
        suite = self.suite
        suite.settle()
        former = suite.master
        address = former.host, former.port
        patience = PATIENCE_WITH_THE_FROZEN if self.kind == "freeze" else CLIENT_PATIENCE
        clients = {way: Client(find(), key=way, patience=patience) for way, find in suite.ways.items()}
        with ExitStack() as meanwhile:
            for client in clients.values():
                meanwhile.enter_context(client)
            for client in clients.values():
                client.longest_pause = 0.0
            pids = suite.processes()
            KINDS[self.kind](suite)
            for client in clients.values():
                wait_until(lambda: client.at not in (None, address), PATIENCE, "it writes to another one")
            for pid in filter(process_is_alive, pids):
                os.kill(pid, signal.SIGCONT)
        suite.settle()
        for way, client in clients.items():
            self.seconds[way].append(client.longest_pause)
            self.lost[way] += len(client.lost(suite.master))
            suite.master.client.delete(way)
