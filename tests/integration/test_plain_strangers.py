"""A plain redis-server of somebody else gets the address that a dead node of the cluster had. What unwrapped sentinels do to it is in
test_stranger_facts.py: 14 to 17 s later it is a replica, and its data are gone."""

import time

import pytest

from support.cluster import LONE_CONF
from support.data import fill
from support.plain_redis import PlainRedis
from support.plain_sentinel import PlainSentinel
from support.processes import free_port
from support.sentinel import wait_until_all_ready, watched
from support.wait import stays_true, wait_until

# Seconds from its start.
LONGER_THAN_A_SENTINEL_WAITS = 20


class Stranger(PlainRedis):
    def starts_at(self, address_of):
        self.port = address_of.port
        self.start().client.set("of-stranger", 1)
        self.run_id, self.started_at = self.info("server")["run_id"], time.monotonic()

    def is_untouched(self):
        info = self.info()
        return (info["role"], info["run_id"]) == ("master", self.run_id) and self.client.keys() == ["of-stranger"]

    def stays_untouched(self):
        left = self.started_at + LONGER_THAN_A_SENTINEL_WAITS - time.monotonic()
        stays_true(self.is_untouched, max(left, 1), "it is what it was", interval=0.3)


@pytest.fixture
def stranger(workplace):
    """Not started yet."""
    return Stranger(workplace, "stranger")


def test_a_plain_stranger_at_the_address_of_a_dead_replica_keeps_its_data(cluster, directory, stranger):
    """P2, for somebody else's data: all sentinels forget it at once, although GHOST_TIMEOUT is a minute."""
    master, (victim, replica), sentinels = watched(cluster)
    victim.kill()
    stranger.starts_at(victim)
    stranger.stays_untouched()
    for one in sentinels:
        wait_until(lambda: one.knows()[1] == {replica.address}, 30, f"{one.name} knows our nodes only")
        assert "of another cluster" in one.log()
    wait_until_all_ready(sentinels, directory)
    assert {one.names() for one in sentinels} == {master.address} and cluster.healthy() is master
    assert directory.term() == 1


def test_a_plain_stranger_at_the_address_of_the_dead_master_keeps_its_data_and_we_ours(cluster, directory, stranger):
    """P2, P4: it answers PING, so for Sentinel the master is up; all sentinels let go of it, and there is a new master."""
    master, replicas, sentinels = watched(cluster)
    written = fill(master.client, "ours")
    cluster.wait_until_same_data(written)
    master.kill()
    stranger.starts_at(master)
    new, _ = cluster.wait_until_healthy(seconds=60)
    assert new in replicas and directory.record() == new.address
    wait_until_all_ready(sentinels, directory, seconds=60)
    assert {one.names() for one in sentinels} == {new.address}
    assert all("belongs to another cluster" in one.log() for one in sentinels)
    stranger.stays_untouched()
    cluster.wait_until_same_data(written)
    assert not any(node.client.exists("of-stranger") for node in replicas)


def test_the_dead_sentinels_that_redis_zk_has_left_do_not_hide_whom_the_living_ones_name(cluster, directory, workplace):
    """P1, P2. A stale name without a term, three sentinels that answer and name one master, and five entries whose ports refuse
    connections: the nodes follow that master, and elect nobody beside it."""
    plain = PlainRedis(workplace, "old-master", appendonly="yes").start()
    plain.client.set("of", "the cluster")
    living = [PlainSentinel(workplace, f"old-sentinel-{number}", (plain.host, plain.port), down_after_ms=3000).start() for number in (1, 2, 3)]
    for number, sentinel in enumerate(living):
        directory.write(f"sentinels/living-{number}", f"{sentinel.host} {sentinel.port}")
    for number in range(5):
        directory.write(f"sentinels/dead-{number}", f"127.0.0.1 {free_port()}")
    stale = f"127.0.0.1 {free_port()}"
    directory.write("master", stale)
    nodes = [cluster.add(conf=LONE_CONF, COLD_START_WAIT="2s").start() for _ in range(2)]
    for node in nodes:
        wait_until(lambda: node.client.get("of") == "the cluster", 20, f"{node.name} follows it")
    stays_true(lambda: directory.text("master") == stale and plain.info("replication")["role"] == "master", 4, "nobody is elected beside it")
