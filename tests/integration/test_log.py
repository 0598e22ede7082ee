"""P7: every change of role, every refusal and every wait is explained, in lines that people and machines can read."""

import json

from support.cluster import LONE_CONF, Cluster
from support.directory import Directory
from support.wait import stays_true, wait_until

PARKED_NOISE = "Error condition on socket for SYNC"


def test_every_change_of_role_has_a_line_with_its_reason(cluster):
    master, (replica,) = cluster.start(2, conf=LONE_CONF)
    assert any("promote" in line and "because" in line for line in master.log().splitlines())
    assert any(f"follow {master.host}:{master.port}" in line and "because" in line for line in replica.log().splitlines())
    master.kill()
    cluster.wait_until_healthy()
    assert any("promote" in line and "because" in line for line in replica.log().splitlines())


def test_json_lines_are_json_from_the_first_to_the_last(cluster):
    node, _ = cluster.start(1, conf=LONE_CONF, LOG_FORMAT="json")
    node.stop()
    lines = [json.loads(line) for line in node.log().splitlines()]
    assert all({"at", "level", "program", "message"} <= line.keys() for line in lines)
    assert {line["program"] for line in lines} == {"redis-wrapper", "redis-server"}
    assert any("because" in line["message"] for line in lines)


def test_lines_of_redis_pass_through_marked_as_its_own(cluster):
    node, _ = cluster.start(1, conf=LONE_CONF)
    assert any("redis-server: " in line and "Ready to accept connections" in line for line in node.log().splitlines())


def test_what_redis_repeats_every_second_while_parked_is_held_back_and_a_wait_is_no_flood(workplace):
    """P7: never silent, never a flood. ZooKeeper is away for 5 s."""
    node = Cluster(workplace, "127.0.0.1:1", Directory(None, "/redis")).add().start()
    node.wait_until_doing("ZooKeeper")
    stays_true(node.is_running, 5, "it waits")
    assert node.log().count(PARKED_NOISE) <= 1
    about_zookeeper = [line for line in node.log().splitlines() if "ZooKeeper" in line]
    assert 1 <= len(about_zookeeper) <= 8, about_zookeeper


def test_an_idle_cluster_logs_nothing(cluster):
    """P7: a log line is an event."""
    master, (replica,) = cluster.start(2, conf=LONE_CONF)
    wait_until(lambda: replica.status()["in_sync"], 10, "the replica is in sync")
    lengths = []

    def quiet():
        lengths.append(len(master.log()) + len(replica.log()))
        return lengths[-3:] == [lengths[-1]] * 3
    wait_until(quiet, 10, "both are quiet", interval=0.7)
    before = lengths[-1]
    stays_true(lambda: len(master.log()) + len(replica.log()) == before, 3, "they are quiet")


def test_the_log_level_is_obeyed(cluster):
    quiet, talkative = cluster.add(conf=LONE_CONF, LOG_LEVEL="warning"), cluster.add(conf=LONE_CONF, LOG_LEVEL="debug")
    quiet.start(), talkative.start()
    cluster.wait_until_healthy()
    own = [line for line in quiet.log().splitlines() if "redis-server: " not in line]
    assert not any(" info " in line or " debug " in line for line in own), own
    assert any(" debug " in line for line in talkative.log().splitlines())
