"""One sentinel of a cluster: a sentinel-wrapper and the redis-sentinel that it is the parent of."""

import os

import redis

from support.cluster import LONE_CONF
from support.node import BINARIES, REPOSITORY, Node
from support.wait import wait_until

SENTINEL_WRAPPER = BINARIES / "sentinel-wrapper"
SHIPPED_SENTINEL_CONF = REPOSITORY / "conf/sentinel.conf"


class Sentinel(Node):
    """Configured by its environment alone, as a Node is."""

    executable = SENTINEL_WRAPPER
    kind_of_child = "-sentinel"

    def __init__(self, workplace, zk_hosts, root, name, **environment):
        super().__init__(workplace, zk_hosts, root, name, **{
            "SENTINEL_CONF": SHIPPED_SENTINEL_CONF, "DOWN_AFTER": "2s", "FAILOVER_TIMEOUT": "6s",
            "DATA_DIR": None, "REDIS_CONF": None, "COLD_START_WAIT": None, **environment})

    @property
    def sentinel_pid(self):
        return self.redis_pid

    @property
    def client(self):
        """A client of its own connection, with the sentinel's own user and password."""
        return redis.Redis(self.host, self.port, username=self.environment.get("SENTINEL_USERNAME"),
                           password=self.environment.get("SENTINEL_PASSWORD"), socket_timeout=2, decode_responses=True)

    def signal_child(self, number):
        os.kill(self.sentinel_pid, number)

    def ask(self, *words):
        return self.client.execute_command("SENTINEL", *words)

    def id(self):
        return self.ask("MYID")

    @property
    def master_name(self):
        return self.environment.get("MASTER_NAME", "mymaster")

    def names(self):
        """Whom it names as master, (host, port)."""
        host, port = self.ask("GET-MASTER-ADDR-BY-NAME", self.master_name)
        return host, int(port)

    def knows(self):
        """The addresses of the other sentinels and of the replicas that it knows, dead ones too."""
        address = lambda one: (one["ip"], int(one["port"]))
        return ({address(one) for one in self.client.sentinel_sentinels(self.master_name)},
                {address(one) for one in self.client.sentinel_slaves(self.master_name)})

    def is_ready(self):
        return self.get("/readiness")[0] == 200


def start_sentinels(cluster, count=3, **environment):
    """`count` sentinels of the cluster in the same instant. Nothing is waited for."""
    first = len([one for one in cluster.workplace.parts if isinstance(one, Sentinel)]) + 1
    sentinels = [Sentinel(cluster.workplace, cluster.zk_hosts, cluster.directory.root, f"sentinel-{first + number}",
                          **environment) for number in range(count)]
    for sentinel in sentinels:
        sentinel.start()
    return sentinels


def wait_until_all_ready(sentinels, directory, seconds=30):
    """All are registered, know each other and could agree."""
    for sentinel in sentinels:
        wait_until(sentinel.is_ready, seconds, f"{sentinel.name} is ready")
    assert directory.sentinels() == {sentinel.address for sentinel in sentinels}


def watched(cluster, count=3, sentinels=3, nodes_know=None, conf=LONE_CONF, **environment):
    """A healthy cluster, and sentinels that know all of it."""
    cluster.start(count, conf=conf, COLD_START_WAIT="15s", **(nodes_know or {}))
    watchers = start_sentinels(cluster, sentinels, **environment)
    wait_until_all_ready(watchers, cluster.directory)
    master, replicas = cluster.wait_until_healthy()
    wait_until(lambda: all(len(one.knows()[1]) == count - 1 for one in watchers), 20, "every replica is known")
    return master, replicas, watchers


def settled(cluster, sentinels):
    """The master, once the sentinels watch it too and could replace it by either of two replicas: who loses the promoted node in
    the middle of a fail-over waits for down-after and twice failover-timeout."""
    master = cluster.healthy()
    for sentinel in sentinels:
        monitored = sentinel.client.sentinel_master("mymaster")
        replicas = sentinel.client.sentinel_slaves("mymaster")
        assert (monitored["ip"], monitored["port"]) == master.address, f"{sentinel.name} watches {monitored['port']}"
        assert monitored["flags"] == "master" and [one["flags"] for one in replicas] == ["slave", "slave"], sentinel.name
        assert sentinel.ask("CKQUORUM", "mymaster")
    return master
