"""Behaviour 2, "the record names nobody alive": every node was killed, and they come back elsewhere. The freshest wins."""

import itertools
import json

import pytest

from support.cluster import LONE_CONF, MEMORY_CONF
from support.data import fill, wait_until_same
from support.plain_redis import PlainRedis
from support.wait import stays_true, wait_until
from support.writers import Appender


def all_dead_with_different_pasts(cluster, cold_start_wait):
    """Three dead nodes, freshest first: the master, and two replicas that died before it, one after the other. Also what each of
    them holds."""
    master, (second, third) = cluster.start(3, conf=LONE_CONF, COLD_START_WAIT=cold_start_wait)
    written, data = {}, {}
    for node in (third, second, master):
        written |= fill(master.client, f"until {node.name} dies", 50)
        cluster.wait_until_same_data(written)
        wait_until_position_is_kept(node)
        data[node] = dict(written)
        node.kill()
    return [master, second, third], data


def wait_until_position_is_kept(node):
    """The state file is written once a second while the offset moves; a kill in between costs that second."""
    def kept():
        offset = node.client.info("replication")["master_repl_offset"]
        return node.claim()[1] >= offset
    wait_until(kept, 10, f"the state file of {node.name} has its position")


@pytest.mark.parametrize("order", itertools.permutations((0, 1, 2)), ids=lambda order: "".join(map(str, order)))
def test_all_come_back_on_other_ports_in_any_order_and_the_freshest_wins(cluster, order):
    """P2, P4: 0 is the freshest, 2 the oldest. The wait for missing nodes is so long that it cannot have ended."""
    nodes, data = all_dead_with_different_pasts(cluster, cold_start_wait="60s")
    cluster.start_again([nodes[index] for index in order])
    master, _ = cluster.wait_until_healthy()
    assert master is nodes[0]
    cluster.wait_until_same_data(data[nodes[0]])


@pytest.mark.parametrize("order", [(2, 1, 0), (1, 0, 2), (0, 2, 1)], ids=lambda order: "".join(map(str, order)))
def test_under_load_all_die_one_after_the_other_and_the_last_to_die_has_every_acknowledged_write(cluster, order):
    """P2, P4: nobody waits for an idle moment. Each dies while the others go on, and at the latest a second later their state files
    say so; with `appendfsync always` an acknowledged write survives the kill."""
    master, (second, third) = cluster.start(3, conf=LONE_CONF + "appendfsync always\n", COLD_START_WAIT="60s")
    with Appender(master) as load:
        said, acknowledged = (1, 0), 0  # in the state file of who died before, and until then
        for node in (third, second, master):
            wait_until(lambda: load.acknowledged > acknowledged, 10, "the load goes on")
            wait_until(lambda: node.claim() > said, 10, f"the state file of {node.name} says more than {said}")
            node.kill()
            said, acknowledged = node.claim(), load.acknowledged
    nodes = [master, second, third]
    cluster.start_again([nodes[index] for index in order])
    assert cluster.wait_until_healthy()[0] is master
    cluster.wait_until_same_data()
    for node in nodes:
        assert load.has_all(node.client)


def test_nobody_is_promoted_before_the_freshest_is_back_or_the_wait_has_ended(cluster):
    """P2, P7: and /status says who is missing."""
    nodes, _ = all_dead_with_different_pasts(cluster, cold_start_wait="60s")
    cluster.start_again(nodes[1:])
    nodes[1].wait_until_doing("missing")
    stays_true(lambda: not any(node.is_master() for node in nodes[1:]), 3, "they wait for the freshest")
    cluster.start_again(nodes[:1])
    assert cluster.wait_until_healthy()[0] is nodes[0]


def test_when_the_freshest_stays_away_the_next_wins_after_the_cold_start_wait(cluster, directory):
    """P4, P7: the log says what was missing."""
    nodes, data = all_dead_with_different_pasts(cluster, cold_start_wait="3s")
    recorded = "{}:{}".format(*nodes[0].address)
    for node in (nodes[2], nodes[1]):
        node.move().start()
    master, _ = cluster.wait_until_healthy()
    assert master is nodes[1]
    cluster.wait_until_same_data(data[nodes[1]])
    assert f"the recorded master, {recorded}, is missing" in master.log()
    nodes[0].move().start()
    assert cluster.wait_until_healthy()[0] is nodes[1]


def test_all_die_in_the_same_instant_and_come_back_together(cluster):
    """P4: with the shipped configuration, everybody at once."""
    master, _ = cluster.start(3)
    cluster.wait_until_writable()
    written = fill(master.client, "some")
    cluster.wait_until_same_data(written)
    cluster.kill_all()
    for node in cluster.nodes:
        node.move().start()
    cluster.wait_until_healthy()
    cluster.wait_until_same_data(written)


def test_without_persistence_a_replica_with_an_old_copy_beats_an_empty_master(cluster):
    """P2: the replicas still have the file of their last full sync; the master has nothing but a state file that claims all."""
    master, _ = cluster.start(1, conf=MEMORY_CONF)
    written = fill(master.client, "before the replicas")
    replicas = [cluster.add(conf=MEMORY_CONF).start() for _ in range(2)]
    cluster.wait_until_healthy()
    fill(master.client, "since then")
    cluster.wait_until_same_data(written)
    wait_until_position_is_kept(master)
    cluster.kill_all()
    for node in cluster.nodes:
        node.move().start()
    assert cluster.wait_until_healthy()[0] in replicas
    cluster.wait_until_same_data(written)


def test_all_come_back_empty_and_nobody_is_promoted_until_the_operator_accepts_the_loss(cluster, directory):
    """P2."""
    master, _ = cluster.start(3)
    cluster.wait_until_writable()
    fill(master.client, "some")
    term = directory.term()
    cluster.kill_all()
    for node in cluster.nodes:
        node.forget_data().move().start()
    for node in cluster.nodes:
        node.wait_until_doing("ACCEPT_DATA_LOSS", seconds=15)
    stays_true(lambda: not any(node.is_master() for node in cluster.nodes), 3, "they wait for the operator")
    cluster.nodes[0].stop()
    cluster.nodes[0].start(ACCEPT_DATA_LOSS="yes")
    cluster.wait_until_healthy()
    assert directory.term() > term


# --- records of the dead, and of the living ---

def test_a_stale_record_of_redis_zk_does_not_stop_a_new_cluster(cluster, directory):
    """P4: it has no term and so no lineage that could be continued; nobody answers where it points."""
    directory.write("master", "127.0.0.1 1")
    cluster.start(3)
    assert directory.record() != ("127.0.0.1", 1) and directory.term() >= 1


def test_a_stale_record_of_our_own_with_empty_nodes_waits_for_the_operator(cluster, directory):
    """P2: a term says that there were data; whoever has them may still come."""
    directory.write("master", "127.0.0.1 1")
    directory.write("term", json.dumps({"term": 41, "master": "127.0.0.1 1", "by": "a test", "at": "2026-01-01T00:00:00Z",
                                        "reason": "stale", "cluster": "0123456789abcdef"}))
    nodes = [cluster.add().start() for _ in range(2)]
    for node in nodes:
        node.wait_until_doing("ACCEPT_DATA_LOSS", seconds=15)
    stays_true(lambda: not any(node.is_master() for node in nodes), 3, "they wait for the operator")
    assert directory.term() == 41
    nodes.append(cluster.add(ACCEPT_DATA_LOSS="yes").start())
    assert cluster.wait_until_healthy()[0] is nodes[2]
    assert directory.term() == 42 and directory.json("term")["cluster"] == "0123456789abcdef"


def test_history_of_a_record_that_was_deleted_does_not_stand_in_the_way(cluster, directory):
    """P4: the entry of term 1 is still there, and is replaced."""
    directory.write("history/1", "of another cluster")
    cluster.start(1, conf=LONE_CONF)
    assert directory.history() == [1] and "another cluster" not in directory.text("history/1")


def test_only_the_last_hundred_terms_are_kept_in_the_history(cluster, directory):
    """P6: whatever earlier lives have failed to remove, a hundred after each change of master; what is no term stays."""
    for name in [*range(1, 151), 401, 402, "no-term"]:
        directory.write(f"history/{name}", "{}")
    directory.write("term", json.dumps({"term": 500, "master": "127.0.0.1 1", "cluster": "0123456789abcdef"}))
    def entries():
        return {name for name in directory.children("history") if name != "no-term"}

    node, _ = cluster.start(1, conf=LONE_CONF, ACCEPT_DATA_LOSS="yes")
    wait_until(lambda: entries() == {*map(str, range(101, 151)), "401", "402", "501"}, 5, "the hundred oldest are gone")
    assert node.stop() == 0
    node.start()
    cluster.wait_until_healthy()
    wait_until(lambda: entries() == {"501", "502"}, 5, "the others that are older than the newest hundred are gone")
    assert directory.text("history/no-term") == "{}"


def test_an_empty_record_is_a_cluster_that_never_had_a_master(cluster, directory):
    directory.write("master", "")
    cluster.start(2)
    assert directory.term() == 1


def test_the_living_master_that_the_record_names_is_followed_though_it_has_no_wrapper(cluster, directory, workplace):
    """Moving in from redis-zk: the old master is alive, its record is true. Nobody is promoted beside it (P1)."""
    plain = PlainRedis(workplace, "old-master").start()
    written = fill(plain.client, "old")
    directory.write("master", f"{plain.host} {plain.port}")
    nodes = [cluster.add().start() for _ in range(2)]
    for node in nodes:
        wait_until(lambda: node.role() == ("replica", plain.host, plain.port, "connected"), 15, f"{node.name} follows it")
    assert directory.record() == (plain.host, plain.port)
    wait_until_same(cluster.running(), written)


def test_a_stale_record_that_names_a_replica_leads_to_its_master(cluster, directory, workplace):
    """Behaviour 2: record -> its master -> ..., and only what answers ROLE with master is believed."""
    old, new = PlainRedis(workplace, "old-master").start(), PlainRedis(workplace, "new-master").start()
    old.follow(new)
    written = fill(new.client, "new")
    directory.write("master", f"{old.host} {old.port}")
    node = cluster.add().start()
    wait_until(lambda: node.role() == ("replica", new.host, new.port, "connected"), 15, "it follows the end of the chain")
    wait_until_same(cluster.running(), written)
