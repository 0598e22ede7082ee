"""Behaviour 2, "the record names me": a master that comes back resumes only if it is the freshest that lives. No sentinels here;
test_sentinels.py has the same with them."""

import pytest

from support.cluster import LONE_CONF, MEMORY_CONF
from support.data import fill, has_all, wait_until_same
from support.wait import stays_true, wait_until


def three_with_data(cluster, **options):
    """A healthy cluster whose data every node has. Returns master, replicas and the data."""
    master, replicas = cluster.start(3, **options)
    cluster.wait_until_writable()
    written = fill(master.client, "first")
    cluster.wait_until_same_data(written)
    return master, replicas, written


def test_the_master_restarts_in_place_with_its_data(cluster):
    """P4: who is master then is not said here, only that nothing is lost and that it is one."""
    master, _, written = three_with_data(cluster)
    master.kill().start()
    cluster.wait_until_healthy()
    cluster.wait_until_same_data(written)


def test_the_master_restarts_on_another_port_with_its_data(cluster, directory):
    """It is the same node by its id, and the record never names its old address again."""
    master, _, written = three_with_data(cluster)
    identity = master.status()["id"]
    old = master.address
    master.kill().move().start()
    cluster.wait_until_healthy()
    assert master.status()["id"] == identity and directory.record() != old
    cluster.wait_until_same_data(written)


def test_the_master_restarts_in_place_without_its_data_and_wipes_nobody(cluster):
    """P2: not even when it is back before anybody has noticed that it was gone."""
    master, replicas, written = three_with_data(cluster)
    master.kill().forget_data().start()
    assert cluster.wait_until_healthy()[0] in replicas
    cluster.wait_until_same_data(written)


def test_the_master_of_a_cluster_without_persistence_restarts_and_wipes_nobody(cluster):
    """P2: its state file is still there and claims more than anybody has; its data are gone. redis restores neither id nor
    offset."""
    master, replicas, written = three_with_data(cluster, conf=MEMORY_CONF)
    wait_until(lambda: master.claim()[1] > 0, 5, "the state file has a position")
    master.kill().claim_more(1000).start()
    assert cluster.wait_until_healthy()[0] in replicas
    cluster.wait_until_same_data(written)


def test_the_master_restarts_in_place_with_older_data_and_wipes_nobody(cluster):
    """P2: a restored backup of its data directory does not continue what was written since."""
    master, replicas, written = three_with_data(cluster)
    wait_until(lambda: master.claim()[1] > 0, 5, "the state file has a position")
    backup = master.save_data()
    written |= fill(master.client, "second")
    cluster.wait_until_same_data(written)
    master.kill().restore_data(backup).start()
    assert cluster.wait_until_healthy()[0] in replicas
    cluster.wait_until_same_data(written)


def test_a_master_that_lost_its_data_is_copied_by_nobody_although_acl_save_kept_the_user_of_the_replicas(cluster, workplace):
    """P2: whoever promotes it before its wrapper knows anything. Its aclfile lets the replica in that still has its address."""
    def add(name):
        acl = workplace.directory / f"{name}.acl"
        acl.write_text("user default on nopass ~* &* +@all\n")
        return cluster.add(conf=LONE_CONF + f"aclfile {acl}\n", COLD_START_WAIT="60s")
    master = add("master").start()
    cluster.wait_until_healthy()
    replica = add("replica").start()
    cluster.wait_until_healthy()
    written = fill(master.client, "first")
    cluster.wait_until_same_data(written)
    master.client.execute_command("ACL", "SAVE")
    assert "redis-zk-replica" in (workplace.directory / "master.acl").read_text()
    master.kill().forget_data().start(ZK_HOSTS="127.0.0.1:1")
    wait_until(lambda: master.status()["role"] == "parked", 10, "its wrapper has seen it")
    assert master.client.execute_command("ACL", "USERS") == ["default"]
    master.client.execute_command("REPLICAOF", "NO", "ONE")
    replica.client.execute_command("REPLICAOF", *master.address)
    stays_true(lambda: replica.client.dbsize() >= len(written), 3, "the replica keeps its data")


@pytest.mark.parametrize("forget", [False, True], ids=["with data", "without data"])
def test_a_replica_restarts_and_follows_again(cluster, directory, forget):
    master, replicas, written = three_with_data(cluster)
    node = replicas[0].kill()
    if forget:
        node.forget_data()
    node.start()
    assert cluster.wait_until_healthy()[0] is master and directory.term() == 1
    cluster.wait_until_same_data(written)


def test_a_dead_master_is_replaced_when_there_are_no_sentinels(cluster, directory):
    """P4, P3: by one of the freshest, in a larger term, with an entry of history."""
    master, replicas, written = three_with_data(cluster, conf=LONE_CONF)
    master.kill()
    new, _ = cluster.wait_until_healthy()
    assert new in replicas and directory.term() == 2 and directory.history() == [1, 2]
    change = directory.json("history/2")
    assert change["before"] == "{} {}".format(*master.address) and change["lineage"]["term"] == 1
    assert change["lost_bytes"] == 0 and min(change["steps_ms"].values()) >= 0
    cluster.wait_until_same_data(written)
    master.start()
    assert cluster.wait_until_healthy()[0] is new
    cluster.wait_until_same_data(written)


def test_a_single_node_resumes_with_its_data(cluster):
    node, _ = cluster.start(1, conf=LONE_CONF)
    written = fill(node.client, "first")
    node.kill().start()
    assert cluster.wait_until_healthy()[0] is node
    wait_until(lambda: has_all(node.client, written), 5, "it has its data")


def test_a_single_node_that_lost_its_data_is_not_promoted_until_the_operator_accepts_the_loss(cluster, directory):
    """P2, P7: the others may still come back with the data; the sentence names the option."""
    node, _ = cluster.start(1, conf=LONE_CONF)
    fill(node.client, "first")
    term = directory.term()
    node.kill().forget_data().start()
    node.wait_until_doing("ACCEPT_DATA_LOSS", seconds=15)
    stays_true(lambda: not node.is_master() and not node.accepts_writes(), 3, "it waits for the operator")
    node.stop()
    node.start(ACCEPT_DATA_LOSS="yes")
    assert cluster.wait_until_healthy()[0] is node
    assert directory.term() > term and node.accepts_writes()


def test_a_replica_survives_a_master_and_its_return_without_data_several_times(cluster):
    """P2, over and over: the cluster's data outlive every single node."""
    master, _, written = three_with_data(cluster, conf=LONE_CONF)
    for life in range(3):
        master.kill().forget_data().start()
        master, _ = cluster.wait_until_healthy()
        cluster.wait_until_same_data(written)
        written |= fill(master.client, f"life-{life}", 20)
        wait_until_same(cluster.running(), written)
