"""Loss accounting: what a former master took and its successor had not got is counted, written into the history, and kept beside the
data, before they are replaced."""

import os
import signal

import pytest
from kazoo.security import OPEN_ACL_UNSAFE, make_acl

from support.cluster import LONE_CONF
from support.plain_redis import PlainRedis
from support.sentinel import settled, watched
from support.wait import wait_until

SNAPSHOT_CONF = 'save 3600 1\nappendonly no\nrepl-diskless-sync-delay 0\nshutdown-timeout 0\n'


def quarantined(node):
    return sorted(node.data.glob("quarantine/*.rdb"))


def freeze(master, replica):
    """It gets nothing more of what the master takes. Its wrapper has seen it in sync before: else nobody knows that it has the data."""
    wait_until(replica.claim, 20, "it claims the data")
    os.kill(replica.redis_pid, signal.SIGSTOP)
    master.client.execute_command("CLIENT", "KILL", "TYPE", "replica")


def lose_writes(cluster, master, replica, count=100):
    """`count` keys that only the master has; then it is gone, and the replica takes its place."""
    freeze(master, replica)
    for number in range(count):
        master.client.set(f"lost-{number}", "x" * 100)
    wait_until(lambda: master.claim()[1] == master.client.info()["master_repl_offset"], 10, "its state file knows of them")
    master.client.set("after", "the state file")
    master.kill()
    replica.thaw_redis()
    return wait_until(lambda: replica.is_master() and replica.accepts_writes() and replica, 40, "the replica takes its place")


def keys_in(workplace, snapshot, name):
    """As an operator looks at it: with a redis-server of its own."""
    server = PlainRedis(workplace, name)
    (server.directory / "dump.rdb").write_bytes(snapshot.read_bytes())
    return set(server.start().client.keys())


def test_what_a_former_master_has_in_excess_is_counted_and_kept(cluster, workplace, directory):
    master, replicas = cluster.start(2, conf=LONE_CONF, COLD_START_WAIT="2s", ZK_SESSION_TIMEOUT="4s")
    master.client.set("known", "to both")
    cluster.wait_until_same_data()
    new = lose_writes(cluster, master, replicas[0])
    new.client.set("newer", "write")
    master.start()
    follows_soon(master, new)

    copies = quarantined(master)
    assert len(copies) == 1 and copies[0].name.startswith("1-")
    entry = wait_until(lambda: directory.json("history/2").get("lost") and directory.json("history/2"), 5, "the history tells of it")
    found = entry["lost"][master.state_file()["node"]]
    assert 100 * 100 < found["bytes"] < 100 * 200, "about as much as was written"
    assert entry["lost_bytes"] == found["bytes"] and found["kept_as"] == str(copies[0])
    assert f"at least {found['bytes']} bytes of writes; kept as {copies[0]}" in master.log()
    metrics = master.get("/metrics")[1]
    assert f"redis_zk_lost_bytes_total {found['bytes']}" in metrics and 'redis_zk_actions_total{kind="quarantine"} 1' in metrics
    cluster.wait_until_same_data()
    assert master.client.get("lost-0") is None and master.client.get("newer") == "write"
    kept = keys_in(workplace, copies[0], "look")
    assert kept == {"known", "after", *(f"lost-{number}" for number in range(100))}


def follows_soon(node, master, seconds=30):
    wait_until(lambda: node.follows(master), seconds, "the former master follows the new one")


def test_sentinels_that_cut_all_clients_do_not_end_a_save(cluster, workplace):
    """They do so with each REPLICAOF, and a save of many data takes longer than they wait."""
    slow = LONE_CONF + "rdb-key-save-delay 30000\n"  # microseconds for each of 100 keys
    master, replicas = cluster.start(2, conf=slow, COLD_START_WAIT="2s", ZK_SESSION_TIMEOUT="4s")
    new = lose_writes(cluster, master, replicas[0])
    master.start()
    wait_until(lambda: master.client.info()["rdb_bgsave_in_progress"] == 1, 20, "it is saving")
    for _ in range(5):
        master.client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    assert master.client.info()["rdb_bgsave_in_progress"] == 1, "it was still saving then"
    follows_soon(master, new)
    assert len(keys_in(workplace, quarantined(master)[0], "look")) == 101


def test_a_node_that_stops_while_it_saves_has_lost_nothing_yet(cluster, directory):
    slow = LONE_CONF + "rdb-key-save-delay 30000\n"
    master, replicas = cluster.start(2, conf=slow, COLD_START_WAIT="2s", ZK_SESSION_TIMEOUT="4s")
    new = lose_writes(cluster, master, replicas[0])
    master.start()
    wait_until(lambda: master.client.info()["rdb_bgsave_in_progress"] == 1, 20, "it is saving")
    assert master.stop() == 0
    assert "lost with the data" not in master.log() and "lost" not in directory.json("history/2")
    master.start()
    follows_soon(master, new)
    assert len(quarantined(master)) == 1


def test_what_a_snapshot_has_in_excess_is_kept_too(cluster, workplace):
    """Without an append-only file. The state file is a moment older."""
    master, replicas = cluster.start(2, conf=SNAPSHOT_CONF, COLD_START_WAIT="2s", ZK_SESSION_TIMEOUT="4s")
    freeze(master, replicas[0])
    master.client.set("lost", "x")
    wait_until(lambda: master.client.save(), 20, "it has saved; it may be doing so already, for the replica")
    master.kill()
    replicas[0].thaw_redis()
    new = wait_until(lambda: replicas[0].is_master() and replicas[0].accepts_writes() and replicas[0], 40, "it takes its place")
    master.start()
    follows_soon(master, new)
    assert keys_in(workplace, quarantined(master)[0], "look") == {"lost"}


def test_a_frozen_master_that_wakes_up_replaced_keeps_what_it_had_taken(cluster, directory):
    """Its redis lives: nobody has to guess how much it has."""
    master, replicas = cluster.start(2, conf=LONE_CONF, COLD_START_WAIT="2s", ZK_SESSION_TIMEOUT="4s")
    freeze(master, replicas[0])
    master.client.set("lost", "x" * 500)
    for pid in (master.wrapper_pid, master.redis_pid):
        os.kill(pid, signal.SIGSTOP)
    replicas[0].thaw_redis()
    wait_until(lambda: replicas[0].is_master() and replicas[0].accepts_writes(), 40, "the replica takes its place")
    for pid in (master.redis_pid, master.wrapper_pid):
        os.kill(pid, signal.SIGCONT)
    wait_until(lambda: master.follows(replicas[0]), 20, "the former master follows the new one")
    assert len(quarantined(master)) == 1
    entry = wait_until(lambda: directory.json("history/2").get("lost") and directory.json("history/2"), 5, "the history tells of it")
    assert 500 < entry["lost_bytes"] < 1000


def test_the_operator_may_want_no_copies(cluster, directory):
    master, replicas = cluster.start(2, conf=LONE_CONF, COLD_START_WAIT="2s", ZK_SESSION_TIMEOUT="4s", QUARANTINE="0")
    new = lose_writes(cluster, master, replicas[0])
    master.start()
    follows_soon(master, new)
    assert not quarantined(master)
    assert "keep no copy of the data of this node, although term 2 began without" in master.log()
    entry = wait_until(lambda: directory.json("history/2").get("lost") and directory.json("history/2"), 5, "the history tells of it")
    assert entry["lost_bytes"] > 100 * 100


def test_what_cannot_be_kept_is_said_and_the_node_comes_back_all_the_same(cluster):
    """P4: a cluster heals."""
    master, replicas = cluster.start(2, conf=LONE_CONF, COLD_START_WAIT="2s", ZK_SESSION_TIMEOUT="4s")
    new = lose_writes(cluster, master, replicas[0])
    (master.data / "quarantine").write_text("in the way")
    master.start()
    follows_soon(master, new)
    assert "the data that are lost cannot be kept" in master.log() and "they are not kept" in master.log()


def test_what_cannot_be_written_into_the_history_yet_delays_nobody_and_is_written_later(cluster, directory):
    """Somebody has changed the access, and changes it back."""
    master, replicas = cluster.start(2, conf=LONE_CONF, COLD_START_WAIT="2s", ZK_SESSION_TIMEOUT="4s")
    new = lose_writes(cluster, master, replicas[0])
    entry = directory.path("history/2")
    directory.client.set_acls(entry, [make_acl("world", "anyone", read=True, admin=True)])
    master.start()
    follows_soon(master, new)
    master.process.wait_for_log("what was lost cannot be written into the history")
    assert "lost" not in directory.json("history/2")
    directory.client.set_acls(entry, OPEN_ACL_UNSAFE)
    wait_until(lambda: directory.json("history/2").get("lost"), 10, "the history tells of it")
    master.process.wait_for_log("what was lost is written into the history")


def test_what_redis_may_not_save_for_us_is_not_waited_for(cluster):
    conf = LONE_CONF + "user default on nopass ~* &* +@all -bgsave\n"
    master, replicas = cluster.start(2, conf=conf, COLD_START_WAIT="2s", ZK_SESSION_TIMEOUT="4s")
    new = lose_writes(cluster, master, replicas[0])
    master.start()
    follows_soon(master, new)
    assert "the data that are lost cannot be kept: NOPERM" in master.log() and not quarantined(master)


@pytest.mark.parametrize("conf", [LONE_CONF, SNAPSHOT_CONF], ids=["append-only", "snapshots"])
def test_planned_stops_put_nothing_into_quarantine(cluster, conf):
    """P5: nothing is lost, and it is known that nothing is."""
    cluster.defaults["HANDOVER_TIMEOUT"] = "8s"
    _, _, sentinels = watched(cluster, conf=conf, DOWN_AFTER="60s", FAILOVER_TIMEOUT="6s")
    for node in list(cluster.nodes):
        assert node.stop() == 0
        node.start()
        wait_until(lambda: settled(cluster, sentinels), 40, f"all is well after the restart of {node.name}")
    assert not any("quarantine" in node.log() for node in cluster.nodes)
    assert not any(quarantined(node) for node in cluster.nodes)
