"""Sentinels are present: they decide, the wrappers write down what was decided and repair what is left (behaviour 2 and 3)."""

import os
import signal

import pytest

from support.cluster import LONE_CONF
from support.data import fill
from support.plain_sentinel import start_sentinels
from support.plain_redis import NOBODY
from support.processes import free_port
from support.wait import stays_true, wait_until


def watched(cluster, workplace, down_after_ms=1000, count=3):
    """A healthy cluster of three with data, and sentinels that know all of it. COLD_START_WAIT is longer than the sentinels need:
    it is as long as the nodes wait for them."""
    master, replicas = cluster.start(3, conf=LONE_CONF, COLD_START_WAIT="15s")
    written = fill(master.client, "first")
    cluster.wait_until_same_data(written)
    for node in replicas:  # a sentinel that met a priority of 0 asks again only after 10 s
        wait_until(lambda: node.client.info("replication")["slave_priority"] > 0, 10, f"{node.name} may be chosen")
    sentinels = start_sentinels(workplace, cluster.directory, master, replicas=2, count=count, down_after_ms=down_after_ms)
    return master, replicas, written, sentinels


def test_sentinels_replace_a_dead_master_and_its_wrapper_writes_the_record(cluster, workplace, directory):
    """P3, P4: the promoted node's own wrapper publishes a larger term."""
    master, replicas, written, sentinels = watched(cluster, workplace)
    master.kill()
    wait_until(lambda: sentinels[0].names() != master.address, 20, "the sentinels have failed over")
    new, _ = cluster.wait_until_healthy()
    assert new in replicas and new.address == sentinels[0].names()
    assert directory.term() == 2 and directory.history() == [1, 2]
    cluster.wait_until_same_data(written)
    master.start()
    assert cluster.wait_until_healthy()[0] is new, "the old one comes back as replica"
    cluster.wait_until_same_data(written)


def test_a_fail_over_by_hand_is_written_down(cluster, workplace, directory):
    """P3: SENTINEL FAILOVER on a healthy cluster."""
    master, replicas, written, sentinels = watched(cluster, workplace)
    sentinels[0].client.execute_command("SENTINEL", "FAILOVER", "mymaster")
    wait_until(lambda: directory.term() == 2, 15, "the record has a new term")
    new, _ = cluster.wait_until_healthy()
    assert new in replicas
    cluster.wait_until_same_data(written)


def test_a_master_without_data_that_is_back_before_the_sentinels_noticed_wipes_nobody(cluster, workplace):
    """P2: the most painful case of all. `down-after` is 20 s, the restart takes less than 1 s."""
    master, replicas, written, sentinels = watched(cluster, workplace, down_after_ms=20000)
    master.kill().forget_data().start()
    new, _ = cluster.wait_until_healthy(seconds=40)
    assert new in replicas
    cluster.wait_until_same_data(written)


def test_a_master_with_data_that_is_back_before_the_sentinels_noticed_loses_nothing(cluster, workplace):
    master, _, written, sentinels = watched(cluster, workplace, down_after_ms=20000)
    master.kill().start()
    cluster.wait_until_healthy(seconds=40)
    cluster.wait_until_same_data(written)


def test_while_sentinels_can_act_the_nodes_wait_for_them_and_say_so(cluster, workplace, directory):
    """P1, P7: two judges would make two masters. The sentence names the sentinels."""
    master, replicas, _, sentinels = watched(cluster, workplace, down_after_ms=60000)
    master.kill()
    wait_until(lambda: directory.member_at(master.address) is None, 10, "its registration ends")
    for node in replicas:
        node.wait_until_doing("sentinel")
    stays_true(lambda: not any(node.is_master() for node in replicas), 4, "they wait for the sentinels")
    sentences = [node.status()["doing"] for node in replicas]
    assert any(f"{sentinel.host}:{sentinel.port}" in sentence for sentinel in sentinels for sentence in sentences), sentences


def test_sentinels_that_do_not_answer_are_not_waited_for(cluster, workplace, directory):
    """P4: they are registered, but nobody is there, so the nodes decide by themselves."""
    master, replicas = cluster.start(3, conf=LONE_CONF)
    written = fill(master.client, "first")
    cluster.wait_until_same_data(written)

    class Ghost:
        host, port = "127.0.0.1", free_port()
    directory.register_sentinel(Ghost)
    master.kill()
    assert cluster.wait_until_healthy(seconds=30)[0] in replicas
    cluster.wait_until_same_data(written)


def test_sentinels_that_know_no_living_replica_are_not_waited_for(cluster, workplace, directory):
    """P4: all nodes died and came back elsewhere, where the sentinels have never seen them."""
    master, _, written, sentinels = watched(cluster, workplace, down_after_ms=2000)
    cluster.kill_all()
    for node in cluster.nodes:
        node.move().start()
    cluster.wait_until_healthy(seconds=40)
    cluster.wait_until_same_data(written)


def test_an_old_master_that_wakes_up_becomes_replica_at_once(cluster, workplace):
    """P1: Sentinel needs some 10 s to demote it, in which it takes writes that are lost. Its wrapper needs none."""
    master, replicas, written, sentinels = watched(cluster, workplace)
    server = master.redis_pid
    for pid in (master.wrapper_pid, server):
        os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: sentinels[0].names() != master.address, 20, "the sentinels have failed over")
    new = wait_until(lambda: next((node for node in replicas if node.is_master()), None), 5, "one is promoted")
    wait_until(lambda: cluster.directory.record() == new.address, 10, "the record names it")
    for pid in (server, master.wrapper_pid):
        os.kill(pid, signal.SIGCONT)
    wait_until(lambda: master.follows(new), 4, "the old master follows the new one")
    assert cluster.wait_until_healthy()[0] is new
    cluster.wait_until_same_data(written)


# --- what is left wrong, by a sentinel or by a hand, is repaired; no sentinel needs to be there ---

def test_a_replica_of_a_replica_is_pointed_to_the_master(cluster):
    """Behaviour 3: it follows a node which is no master."""
    master, (one, other) = cluster.start(3, conf=LONE_CONF)
    one.client.execute_command("REPLICAOF", *other.address)
    wait_until(lambda: one.follows(master), 10, "it is pointed to the verified master")
    assert cluster.wait_until_healthy()[0] is master


def test_a_replica_that_was_parked_by_hand_is_pointed_to_the_master(cluster):
    master, (one, _) = cluster.start(3, conf=LONE_CONF)
    one.client.execute_command("REPLICAOF", *NOBODY)
    wait_until(lambda: one.follows(master), 10, "it is pointed to the verified master")


def test_a_second_master_made_by_hand_becomes_a_replica_at_once(cluster, directory):
    """P1: the record still names the other, which is alive."""
    master, (one, _) = cluster.start(3, conf=LONE_CONF)
    one.client.execute_command("REPLICAOF", "NO", "ONE")
    wait_until(lambda: one.follows(master), 3, "it follows the recorded master")
    assert cluster.wait_until_healthy()[0] is master and directory.term() == 1


@pytest.mark.parametrize("what", ["min-replicas-to-write", "replica-priority"])
def test_a_value_that_the_wrapper_borrowed_is_given_back_to_the_user(cluster, what):
    """Behaviour 3: after the promotion, and after it became a replica again."""
    conf = LONE_CONF + "min-replicas-to-write 1\nmin-replicas-max-lag 7\nreplica-priority 33\n"
    cluster.start(2, conf=conf)
    wanted = {"min-replicas-to-write": "1", "replica-priority": "33"}[what]
    for node in cluster.running():
        wait_until(lambda: node.client.config_get(what)[what] == wanted, 10, f"{what} of {node.name} is the user's")
        assert node.client.config_get("min-replicas-max-lag")["min-replicas-max-lag"] == "7"
