"""A planned stop of a master loses no acknowledged write (P5), and a crash of its redis is told to the sentinels at once."""

import time

import pytest

from support.cluster import LONE_CONF
from support.discovery import ByRecord, BySentinel, Client
from support.sentinel import settled, watched
from support.wait import stays_true, wait_until

# Far longer than any of these tests may take: the sentinels do not find out by themselves.
LONG = {"DOWN_AFTER": "60s", "FAILOVER_TIMEOUT": "6s"}

def successor(cluster, former):
    master, _ = cluster.wait_until_healthy()
    assert master is not former
    return master


def has_time(cluster):
    """A hand-over is given up in time, which a busy machine may need for itself. How long it takes is measured by bench/failover."""
    cluster.defaults["HANDOVER_TIMEOUT"] = "8s"


def test_a_master_that_is_asked_to_stop_hands_over_and_no_acknowledged_write_is_lost(cluster, directory):
    """P5. DOWN_AFTER is a minute: nobody but the master itself has told the sentinels."""
    has_time(cluster)
    master, replicas, sentinels = watched(cluster, **LONG)
    with Client(BySentinel(sentinels)) as client:
        assert master.stop() == 0
        assert directory.record() in [replica.address for replica in replicas], "it was written before the former one ended"
        assert directory.member_at(master.address) is None
        new = successor(cluster, master)
        client.writes_at(new)
    client.check(new)
    assert f"handed over: {new.host}:{new.port} is master, and recorded" in master.log()
    assert directory.term() == 2
    print(f"the client could not write for {client.longest_pause:.2f} s")


def test_a_client_that_reads_the_record_goes_on_after_a_planned_stop(cluster, directory, zookeeper_client):
    """Without support for Sentinel."""
    has_time(cluster)
    master, _, _ = watched(cluster, **LONG)
    with Client(ByRecord(zookeeper_client, directory.path("master"))) as client:
        assert master.stop() == 0
        new = successor(cluster, master)
        client.writes_at(new)
    client.check(new)


def test_a_rolling_restart_of_all_nodes_loses_nothing(cluster):
    has_time(cluster)
    master, _, sentinels = watched(cluster, **LONG)
    with Client(BySentinel(sentinels)) as client:
        for node in cluster.nodes:
            assert node.stop() == 0
            node.start()
            master = wait_until(lambda: settled(cluster, sentinels), 40, f"all is well after the restart of {node.name}")
            client.writes_at(master)
    client.check(master)


def test_a_replica_with_priority_zero_is_not_handed_over_to(cluster):
    """The user's replica-priority is respected, and a preferred replica is preferred."""
    preferred = LONE_CONF + "replica-priority 10\n"
    has_time(cluster)
    master, _, sentinels = watched(cluster, 1, **LONG)
    never = cluster.add(conf=LONE_CONF + "replica-priority 0\n").start()
    chosen = cluster.add(conf=preferred).start()
    cluster.wait_until_healthy()
    wait_until(lambda: [one["slave-priority"] for one in sentinels[0].client.sentinel_slaves("mymaster")].count(10) == 1 and
               len(sentinels[0].client.sentinel_slaves("mymaster")) == 2, 30, "the sentinels know the replicas")
    wait_until(lambda: all(10 in [one["slave-priority"] for one in sentinel.client.sentinel_slaves("mymaster")]
                           for sentinel in sentinels), 30, "each sentinel knows that it is offered")
    assert master.stop() == 0
    assert successor(cluster, master) is chosen and not never.is_master()


def test_without_a_replica_a_master_stops_at_once_and_says_why(cluster):
    master, _, _ = watched(cluster, 1, **LONG)
    assert master.stop() == 0
    assert "no hand-over: no replica that may be promoted is in sync" in master.log()


def test_without_sentinels_a_master_stops_as_before_and_says_why(cluster):
    master, _ = cluster.start(2, conf=LONE_CONF)
    assert master.stop() == 0
    assert "no hand-over: no sentinel is registered that could promote a replica" in master.log()
    successor(cluster, master)


def test_all_nodes_that_are_asked_to_stop_at_once_end_without_ping_pong(cluster, directory):
    """The cluster is being removed: nobody hands over to a node that leaves."""
    master, replicas, _ = watched(cluster, **LONG)
    for node in cluster.nodes:
        node.terminate()
    for node in cluster.nodes:
        assert node.process.wait_for_exit(12) == 0
    assert directory.term() <= 2, "at most one had been promoted before it was asked itself"


def test_a_hand_over_is_given_up_when_no_replica_catches_up(cluster, directory):
    """Its replicas are frozen: their links are up, and they answer nobody."""
    master, replicas, sentinels = watched(cluster, **LONG)
    with Client(BySentinel(sentinels)) as client:
        for replica in replicas:
            replica.freeze_redis()
        assert master.stop(30) == 0
        for replica in replicas:
            replica.thaw_redis()
    # Or, if they have noticed before, that no sentinel could fail over.
    assert "no hand-over: no " in master.log()


def test_an_operator_may_ask_for_another_master(cluster, directory):
    """POST /handover: the former master becomes a replica, and both tell what became of it."""
    has_time(cluster)
    master, replicas, sentinels = watched(cluster, nodes_know={"HTTP_TOKEN": "secret-of-mine"}, **LONG)
    assert master.post("/handover")[0] == 401 and master.post("/handover", token="wrong")[0] == 403
    assert replicas[0].post("/handover", token="secret-of-mine")[0] == 409
    wait_until(lambda: master.status()["hand_over"]["possible"], 10, "it knows that it could")
    with Client(BySentinel(sentinels)) as client:
        assert master.post("/handover", token="secret-of-mine")[0] == 202
        wait_until(lambda: master.status()["hand_over"]["last"]["done"], 10, "it has handed over")
        new = successor(cluster, master)
        client.writes_at(new)
    client.check(new)
    assert new in replicas and master.status()["hand_over"]["last"]["outcome"].endswith("is master, and recorded")
    print(f"the client could not write for {client.longest_pause:.2f} s")


@pytest.mark.parametrize("down_after", ["60s", "2s"])
def test_a_crash_of_the_masters_redis_is_told_to_the_sentinels_at_once(cluster, directory, down_after):
    """Independent of DOWN_AFTER: nobody else would know before it."""
    master, replicas, sentinels = watched(cluster, DOWN_AFTER=down_after, FAILOVER_TIMEOUT="6s")
    with Client(BySentinel(sentinels)) as client:
        killed_at = time.monotonic()
        master.kill_redis()
        assert master.process.wait_for_exit(5) == 137
        new = successor(cluster, master)
        client.writes_at(new)
    print(f"the client could not write for {client.longest_pause:.2f} s")
    assert "because redis has ended, and this node was master" in master.log()
    assert time.monotonic() - killed_at < 40, "the sentinels would have needed a minute"


def test_a_crash_of_a_replicas_redis_changes_nothing(cluster, directory):
    master, replicas, _ = watched(cluster, **LONG)
    replicas[0].kill_redis()
    assert replicas[0].process.wait_for_exit(5) == 137
    assert "ask sentinel" not in replicas[0].log()
    stays_true(master.is_master, 2, "the master stays")
    assert directory.term() == 1
