"""Each alert of conf/prometheus-alerts.yml fires in its situation, and nothing fires in health."""

import re

import pytest

from support import alerts
from support.alerts import GROWING, NODES, SENTINELS, WATCHERS, is_down
from support.node import REPOSITORY

SHIPPED_ALERTS = REPOSITORY / "conf/prometheus-alerts.yml"

MINUTE = 60
LONG = 90  # seconds; longer than any condition has to last
REACHED = alerts.GROWTH * alerts.HEALTHY // alerts.INTERVAL  # the offset up to which all was well

MASTER, REPLICA, OTHER = NODES
LOST, SET_ASIDE = "redis_zk_lost_bytes_total", 'redis_zk_actions_total{kind="quarantine"}'


def of(metric, instances, value):
    return {(metric, instance): value for instance in instances}


# name -> what changes, and which alerts fire some minutes later
SITUATIONS = {
    "all is well": ({}, set()),
    "the master is gone and nobody takes its place": (is_down(MASTER), {"NoMaster", "TargetDown"}),
    "all nodes are gone": (is_down(*NODES), {"NoMaster", "TargetDown"}),
    "two nodes are open": ({("redis_zk_master", REPLICA): 1}, {"TwoMasters"}),
    "the master is closed": ({("redis_zk_master", MASTER): 0, ("redis_zk_fenced", MASTER): 1}, {"NoMaster", "MasterRefusesWrites"}),
    "the record names nobody who is master": (of("redis_zk_master_verified", WATCHERS, 0), {"RecordNotVerified"}),
    "one watcher of two is cut off from the master": (of("redis_zk_master_verified", WATCHERS[:1], 0), set()),
    "a replica is gone": (is_down(REPLICA), {"TargetDown"}),
    "a sentinel is gone": (is_down(SENTINELS[0]), {"TargetDown"}),
    "a watcher is gone": (is_down(WATCHERS[0]), {"TargetDown"}),
    "no replica is in sync": (of("redis_zk_in_sync", NODES, 0), {"NoReplica", "NotInSync"}),
    "one replica is not in sync": ({("redis_zk_in_sync", OTHER): 0}, {"NotInSync"}),
    "a replica falls behind": ({("redis_zk_offset_bytes", OTHER): REACHED}, {"ReplicaLags"}),
    "a node has lost ZooKeeper": ({("redis_zk_zookeeper_connected", OTHER): 0}, {"NoZooKeeper"}),
    "no sentinel sees a quorum": (of("redis_zk_quorum_reachable", SENTINELS, 0), {"SentinelsWithoutQuorum"}),
    "one sentinel sees no quorum": (of("redis_zk_quorum_reachable", SENTINELS[:1], 0), set()),
    "all sentinels are gone": (is_down(*SENTINELS), {"SentinelsWithoutQuorum", "TargetDown"}),
    "a sentinel is not ready": ({("redis_zk_ready", SENTINELS[0]): 0}, {"NotReady"}),
    "a watcher is not ready": ({("redis_zk_ready", WATCHERS[0]): 0}, {"NotReady"}),
    "somebody contradicts the record": (of("redis_zk_disagreements", WATCHERS, 1), {"Disagreement"}),
    "redis crashes again and again": ({("redis_zk_early_crashes", MASTER): 2}, {"CrashLoop"}),
    "a node steps back": ({("redis_zk_steps_back", REPLICA): 1}, {"CrashLoop"}),
}


def with_prefix(names):
    return {f"RedisZk{name}" for name in names}


def complaints(workplace, changes, expected, interval=alerts.INTERVAL):
    """`expected`: seconds after the change -> names."""
    expected = {seconds: with_prefix(names) for seconds, names in expected.items()}
    return alerts.run(workplace.directory, SHIPPED_ALERTS, alerts.group_of("a cluster", changes, expected, interval))


@pytest.mark.parametrize("name", SITUATIONS)
def test_in_each_situation_the_alerts_fire_that_tell_of_it_and_no_others(workplace, name):
    changes, expected = SITUATIONS[name]
    assert not (said := complaints(workplace, changes, {LONG: expected})), said


def test_what_was_lost_or_set_aside_is_told_for_an_hour_and_again_with_the_next_time(workplace):
    """The counter appears with its first value, and begins anew when the process does."""
    changes = {(LOST, REPLICA): [(65 * MINUTE, 7), 3], (SET_ASIDE, REPLICA): [(65 * MINUTE, 2), 1]}
    told = {seconds: {"WritesLost", "DataSetAside"} for seconds in (0, 59 * MINUTE, 66 * MINUTE)}
    assert not (said := complaints(workplace, changes, {**told, 61 * MINUTE: set()}, interval=MINUTE)), said


@pytest.mark.parametrize("changes, expected", [(2, set()), (3, {"MasterChangesOften"})])
def test_a_master_that_changes_often_is_told(workplace, changes, expected):
    of_all = of("redis_zk_term", NODES, 1 + changes)
    assert not (said := complaints(workplace, of_all, {14 * MINUTE: expected, 16 * MINUTE: set()}, interval=MINUTE)), said


def test_a_change_of_master_wakes_nobody(workplace):
    """Nodes are scraped one after the other: for one scrape both are master, for two nobody is in sync; the record is late."""
    changes = {("redis_zk_master", MASTER): [(5, 1), 0], ("redis_zk_in_sync", MASTER): [(25, 0), 1],
               ("redis_zk_master", REPLICA): [1], ("redis_zk_in_sync", REPLICA): [0],
               ("redis_zk_in_sync", OTHER): [(10, 0), 1], **of("redis_zk_master_verified", WATCHERS, [(10, 0), 1]),
               **of("redis_zk_term", NODES + SENTINELS + WATCHERS, 2),
               ("redis_zk_offset_bytes", OTHER): [(10, REACHED), GROWING]}
    assert not (said := complaints(workplace, changes, {seconds: set() for seconds in range(0, LONG, alerts.INTERVAL)})), said


def test_what_is_soon_over_wakes_nobody(workplace):
    changes = {("redis_zk_master", MASTER): [(10, 0), 1], ("redis_zk_fenced", MASTER): [(10, 1), 0], ("up", OTHER): [(20, 0), 1],
               ("redis_zk_offset_bytes", OTHER): [(45, REACHED), GROWING],
               **of("redis_zk_zookeeper_connected", NODES + SENTINELS + WATCHERS, [(20, 0), 1]),
               **of("redis_zk_quorum_reachable", SENTINELS, [(20, 0), 1]), **of("redis_zk_ready", SENTINELS + WATCHERS, [(45, 0), 1]),
               **of("redis_zk_disagreements", WATCHERS, [(45, 2), 0])}
    assert not (said := complaints(workplace, changes, {seconds: set() for seconds in range(0, LONG, alerts.INTERVAL)})), said


def test_every_alert_is_tried():
    defined = re.findall(r"^ +- alert: (\w+)$", SHIPPED_ALERTS.read_text(), re.MULTILINE)
    tried = with_prefix({"WritesLost", "DataSetAside", "MasterChangesOften"}.union(*(expected for _, expected in SITUATIONS.values())))
    assert len(defined) == len(set(defined)) and set(defined) == tried
