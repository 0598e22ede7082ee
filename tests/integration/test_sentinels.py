"""Sentinels are present: they decide, the wrappers write down what was decided and repair what is left (behaviour 2 and 3)."""

import itertools
import os
import signal
import threading
import time

import pytest
import redis

from support.cluster import LONE_CONF, Cluster
from support.data import fill
from support.directory import Directory
from support.frozen import LONGEST_TO_CLOSE, QuickWriter, freeze_until_replaced, wake
from support.plain_sentinel import start_sentinels
from support.plain_redis import NOBODY
from support.processes import free_port
from support.wait import stays_true, wait_until
from support.zookeeper import ZooKeeper


def watched(cluster, workplace, down_after_ms=1000, count=3, conf_of_the_last=LONE_CONF):
    """A healthy cluster of three with data, and sentinels that know all of it. COLD_START_WAIT is longer than the sentinels need:
    it is as long as the nodes wait for them."""
    cluster.start(2, conf=LONE_CONF, COLD_START_WAIT="15s")
    cluster.add(conf=conf_of_the_last, COLD_START_WAIT="15s").start()
    master, replicas = cluster.wait_until_healthy()
    written = fill(master.client, "first")
    cluster.wait_until_same_data(written)
    for node in replicas:  # a sentinel that met a priority of 0 asks again only after 10 s
        wait_until(lambda: node.client.info("replication")["slave_priority"] > 0, 10, f"{node.name} may be chosen")
    sentinels = start_sentinels(workplace, cluster.directory, master, replicas=2, count=count, down_after_ms=down_after_ms)
    for node in cluster.nodes:  # a node that has not read the list yet could never learn it from a ZooKeeper that dies now
        wait_until(lambda: len(node.status()["sentinels"]) == count, 10, f"{node.name} knows the sentinels")
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
    """P1: Sentinel needs some 10 s to demote it, in which it takes writes that are lost. Its wrapper closes it before it looks."""
    master, replicas, written, sentinels = watched(cluster, workplace)
    with QuickWriter(master) as writer:
        new = freeze_until_replaced(cluster, master, replicas)
        wait_until(lambda: sentinels[0].names() == new.address, 5, "the sentinels name the successor")
        woken_at = wake(master)
        wait_until(lambda: master.follows(new), 4, "the old master follows the new one")
    taken = writer.taken_since(woken_at)
    assert not taken or max(taken) < LONGEST_TO_CLOSE, f"{len(taken)} writes, the last after {max(taken):.3f} s"
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


def settings(node):
    return tuple(node.client.config_get(name)[name]
                 for name in ("min-replicas-to-write", "min-replicas-max-lag", "replica-priority"))


def test_what_the_wrapper_borrowed_is_given_back_to_the_user(cluster):
    """Behaviour 3, P1: all of it to a master; a replica is offered to the sentinels, and still refuses every write."""
    conf = LONE_CONF + "min-replicas-to-write 1\nmin-replicas-max-lag 7\nreplica-priority 33\n"
    master, (replica,) = cluster.start(2, conf=conf)
    wait_until(lambda: settings(master) == ("1", "7", "33"), 10, "the master has the user's values")
    wait_until(lambda: settings(replica) == ("2147483647", "10", "33"), 10, "the replica has the user's priority")


class Clients:
    """Clients that write to every node all the time, and know when each has taken a write."""

    def __init__(self, nodes):
        self.stopping = threading.Event()
        self.taken = {node.name: [] for node in nodes}
        self.threads = [threading.Thread(target=self.write, args=(node,)) for node in nodes]
        for thread in self.threads:
            thread.start()

    def write(self, node):
        while not self.stopping.is_set():
            before = time.monotonic()
            try:
                with redis.Redis(node.host, node.port, socket_timeout=0.2) as client:
                    while not self.stopping.is_set():
                        before = time.monotonic()
                        client.set("who", node.name)
                        self.taken[node.name].append((before, time.monotonic()))
            except redis.RedisError:
                self.stopping.wait(0.002)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def rivals(self):
        """Pairs of nodes of which each has surely taken a write before the other's last one was begun."""
        spans = {name: (times[0][1], times[-1][0]) for name, times in self.taken.items() if times}
        return [(a, b) for a, b in itertools.combinations(spans, 2)
                if spans[a][0] < spans[b][1] and spans[b][0] < spans[a][1]]


def takes_the_order(sentinel):
    """It asks a replica for its priority every ten seconds only, and refuses while the one that it knows is 0."""
    try:
        return bool(sentinel.client.execute_command("SENTINEL", "FAILOVER", "mymaster"))
    except redis.ResponseError as error:
        assert str(error).startswith(("NOGOODSLAVE", "INPROG")), error
        return False


def test_fail_overs_by_hand_are_carried_out_and_two_nodes_never_take_writes_at_once(cluster, workplace):
    """P1: `SENTINEL FAILOVER` at a healthy master, again and again, while clients write to whoever takes it."""
    master, replicas, _, sentinels = watched(cluster, workplace)
    for _ in range(3):
        clients = Clients(cluster.nodes)
        try:
            wait_until(lambda: clients.taken[master.name], 10, "the master takes writes")
            old, term = master, cluster.directory.term()
            wait_until(lambda: takes_the_order(sentinels[0]), 30, "the sentinel knows a replica that it may choose")
            master = wait_until(lambda: next((node for node in cluster.nodes if node is not old
                                              and clients.taken[node.name]), None), 20, "another takes writes")
        finally:
            clients.stop()
        assert clients.rivals() == []
        assert cluster.directory.record() == master.address and cluster.directory.term() > term
        assert cluster.wait_until_healthy()[0] is master
        wait_until(lambda: all(it.names() == master.address for it in sentinels), 20, "all sentinels agree")


def test_a_fail_over_while_zookeeper_is_away_is_carried_out_and_recorded_afterwards(workplace):
    """The sentinels decide, and a service does not stop because ZooKeeper did. P3: the record follows. After a switch a sentinel
    connects anew at most once a second: with a down-after of 1 s it may take the new master for dead, and replace it as well."""
    zookeeper = ZooKeeper(workplace, "away").start()
    client = zookeeper.client()
    cluster = Cluster(workplace, zookeeper.hosts, Directory(client, "/redis"), conf=LONE_CONF)
    master, replicas, written, sentinels = watched(cluster, workplace, down_after_ms=3000)
    zookeeper.kill()
    master.kill()
    new = wait_until(lambda: next((node for node in replicas if node.accepts_writes()), None), 30, "a replica takes writes")
    assert "the record follows when ZooKeeper is back" in new.log()
    zookeeper.start()
    wait_until(lambda: cluster.directory.record() == new.address, 60, "the record names it")
    cluster.wait_until_same_data(written)
    client.stop()
    client.close()


@pytest.mark.parametrize("cause", ["the master dies", "by hand"])
def test_a_successor_whose_wrapper_is_frozen_is_replaced(cluster, workplace, cause):
    """P1, P4: it is closed, and nobody is there who would open it. 25 s: the time-outs of its session and of the nodes' patience
    (2 s + 5 s), and 10 s in which a sentinel asks a replica for its priority once. Then it wakes up beside its own successor."""
    master, _, written, sentinels = watched(cluster, workplace, conf_of_the_last=LONE_CONF + "replica-priority 10\n")
    chosen = cluster.nodes[-1]
    clients = Clients(cluster.nodes)
    try:
        wait_until(lambda: clients.taken[master.name], 10, "the master takes writes")
        os.kill(chosen.wrapper_pid, signal.SIGSTOP)
        if cause == "by hand":
            wait_until(lambda: takes_the_order(sentinels[0]), 30, "the sentinel knows a replica that it may choose")
        else:
            master.kill()
        wait_until(chosen.is_master, 20, "the sentinels have chosen the one whose wrapper is frozen")
        [third] = set(cluster.nodes) - {master, chosen}
        wait_until(lambda: clients.taken[third.name], 25, "the third node takes writes")
        os.kill(chosen.wrapper_pid, signal.SIGCONT)
        wait_until(lambda: chosen.follows(third), 15, "the chosen one follows its own successor")
        chosen.wait_until_doing("in sync with")
    finally:
        clients.stop()
    assert clients.rivals() == [] and clients.taken[chosen.name] == []
    assert "its wrapper is gone" in third.log() and "open for writes" not in chosen.log()
    assert cluster.wait_until_healthy()[0] is third
    cluster.wait_until_same_data(written)


def test_an_empty_master_whose_wrapper_is_frozen_is_replaced_by_a_node_that_has_the_data(cluster, workplace, directory):
    """P2, P4: it is back without its data before the sentinels have noticed (20 s), and is promoted by hand in the instant in which
    its wrapper freezes. The sentinels are out of the list meanwhile: it would ask them itself for another master. 60 s: as above, with
    the time in which they hear of the offer, and COLD_START_WAIT. Then it wakes up."""
    empty, replicas, written, sentinels = watched(cluster, workplace, down_after_ms=20000)
    for sentinel in sentinels:
        directory.client.delete(sentinel.registration)
    empty.kill().forget_data().start()
    empty.wait_until_doing("do not continue the cluster's", seconds=15)
    os.kill(empty.wrapper_pid, signal.SIGSTOP)
    empty.client.replicaof("NO", "ONE")
    assert all(sentinel.names() == empty.address for sentinel in sentinels)
    for sentinel in sentinels:
        directory.register_sentinel(sentinel)
    new = wait_until(lambda: next((node for node in replicas if node.accepts_writes()), None), 60, "a node with the data takes writes")
    assert "nobody says that it has the data of the cluster" in new.log()
    os.kill(empty.wrapper_pid, signal.SIGCONT)
    wait_until(lambda: empty.follows(new), 30, "the empty one follows it")
    assert cluster.wait_until_healthy()[0] is new and not empty.accepts_writes()
    cluster.wait_until_same_data(written)
