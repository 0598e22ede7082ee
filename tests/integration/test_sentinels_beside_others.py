"""Sentinels beside those who are not of their kind: plain ones, plain clients, and an owner who comes too late."""

import time

import pytest
import redis

from support.cluster import LONE_CONF
from support.forwarder import Forwarder
from support.plain_sentinel import PlainSentinel
from support.sentinel import Sentinel, start_sentinels, wait_until_all_ready, watched
from support.wait import wait_until

SOON = {"GHOST_TIMEOUT": "2s"}
LONGEST_TIME_OF_TWO = 5  # seconds: the next attempt to reach ZooKeeper, a new session, and a look at the pool


def addresses(parts, without=None):
    return {(one.host, one.port) for one in parts if one is not without}


def knows(sentinel):
    return {(one["ip"], int(one["port"])) for one in sentinel.client.sentinel_sentinels("mymaster")}


def test_plain_sentinels_are_replaced_one_after_the_other(cluster, directory):
    """README, limits: let in through the nodes only. They take part as long as they are there, and are forgotten when they are gone."""
    master, replicas = cluster.start(3, conf=LONE_CONF, COLD_START_WAIT="15s")
    plain = PlainSentinel(cluster.workplace, "plain", master.address).start()
    entry = directory.register_sentinel(plain)
    wrapped = start_sentinels(cluster, 2, **SOON)
    everybody = [plain, *wrapped]
    for one in everybody:
        wait_until(lambda: knows(one) == addresses(everybody, without=one), 60, f"{one.name} knows the two others")
    with pytest.raises(redis.exceptions.NoPermissionError):
        wrapped[0].client.publish("__sentinel__:hello", "x")
    assert plain.client.publish("__sentinel__:hello", "x") == 1
    master.kill()
    wait_until(lambda: {one.names() for one in everybody} <= {one.address for one in replicas}, 30, "all agree on a new one")
    new, _ = cluster.wait_until_healthy()
    assert {one.names() for one in everybody} == {new.address}
    plain.stop()
    directory.client.delete(entry)
    wrapped += start_sentinels(cluster, 1, **SOON)
    wait_until_all_ready(wrapped, directory, seconds=60)
    for one in wrapped:
        wait_until(lambda: knows(one) == addresses(wrapped, without=one), 60, f"{one.name} has forgotten the plain one")


def test_a_plain_client_that_listens_at_a_sentinel_hears_of_a_fail_over(cluster):
    """As Jedis and others do it, also at a sentinel that lets in the hello of its own only."""
    master, replicas, sentinels = watched(cluster)
    with sentinels[0].client.pubsub(ignore_subscribe_messages=True) as listener:
        listener.subscribe("+switch-master")
        master.kill()
        message = wait_until(lambda: listener.get_message(timeout=0.1), 30, "it is told")
    name, *ports = message["data"].split(" ")
    old, new = tuple(ports[:2]), tuple(ports[2:])
    assert name == "mymaster" and old == (master.host, str(master.port))
    assert new in {(one.host, str(one.port)) for one in replicas}


def test_an_owner_that_finds_its_id_taken_starts_again_under_another_one(cluster, directory, workplace, zookeeper):
    """Behaviour 6: it was cut off from ZooKeeper for long, and nobody reached its sentinel; another one has its id by now. Both links heal
    at once, so for a moment two answer under one id: until its wrapper has ZooKeeper again."""
    _, _, staying = watched(cluster, sentinels=2, **SOON)
    to_zookeeper = Forwarder(workplace, (zookeeper.host, zookeeper.port))
    cut_off = Sentinel(workplace, to_zookeeper.hosts, directory.root, "cut-off", **SOON)
    to_it = Forwarder(workplace, (cut_off.host, cut_off.port))
    cut_off.start(ANNOUNCE_IP=to_it.host, ANNOUNCE_PORT=to_it.port)
    wait_until_all_ready([*staying, cut_off], directory)
    own_id, pid = cut_off.id(), cut_off.sentinel_pid
    for link in (to_zookeeper, to_it):
        link.cut()
    wait_until(lambda: directory.json(f"sentinel-ids/{own_id}")["state"] == "abandoned", 30, "it has been gone for GHOST_TIMEOUT")
    newcomer, = start_sentinels(cluster, 1, **SOON)
    wait_until(lambda: newcomer.address in directory.sentinels(), 30, "the newcomer is registered")
    assert newcomer.id() == own_id and (cut_off.id(), cut_off.sentinel_pid) == (own_id, pid)
    for link in (to_it, to_zookeeper):
        link.mend()
    mended_at = time.monotonic()
    wait_until(lambda: cut_off.sentinel_pid != pid, 20, "the one under the lost id is killed", interval=0.05)
    assert time.monotonic() - mended_at < LONGEST_TIME_OF_TWO
    wait_until(lambda: cut_off.sentinel_pid not in (None, pid) and cut_off.id() != own_id, 20, "it runs under another id")
    assert "its id is somebody else's by now, and it must not vote under it" in cut_off.log()
    everybody = [*staying, newcomer, cut_off]
    wait_until_all_ready(everybody, directory, seconds=60)
    assert len({one.id() for one in everybody}) == 4 and newcomer.id() == own_id
    for one in staying:
        wait_until(lambda: one.knows()[0] == {other.address for other in everybody if other is not one}, 30, f"{one.name} knows all")
