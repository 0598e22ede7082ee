"""Behaviour 4: without ZooKeeper every redis keeps its role and serves; nothing is decided on a guess."""

import signal

import pytest

from support.cluster import LONE_CONF, Cluster
from support.data import fill
from support.directory import Directory
from support.forwarder import Forwarder
from support.wait import stays_true, wait_until
from support.writers import Writers
from support.zookeeper import Ensemble, ZooKeeper


@pytest.fixture
def own_zookeeper(workplace):
    """For this test alone, which may hurt it."""
    return ZooKeeper(workplace).start()


@pytest.fixture
def own_cluster(workplace, own_zookeeper):
    client = own_zookeeper.client(session_timeout=30)
    yield Cluster(workplace, own_zookeeper.hosts, Directory(client, "/redis"), conf=LONE_CONF)
    client.stop()
    client.close()


def members_are_back(cluster, former_sessions):
    """Everybody is registered, under a session that did not exist before."""
    owners = {cluster.directory.owner(f"members/{member}") for member in cluster.directory.members()}
    return len(owners) == len(cluster.running()) and not owners & former_sessions


def sessions(cluster):
    return {cluster.directory.owner(f"members/{member}") for member in cluster.directory.members()}


def test_zookeeper_dies_and_comes_back(own_cluster, own_zookeeper):
    """P1, P4: a session timeout of 1 s and 6 s of outage are what 6 s and 36 s are with the defaults."""
    master, replicas = own_cluster.start(3, ZK_SESSION_TIMEOUT="1s")
    fill(master.client, "some")
    term = own_cluster.directory.term()
    with Writers([master, *replicas]) as writers:
        own_zookeeper.kill()
        stays_true(lambda: master.is_master() and all(replica.follows(master) for replica in replicas), 6, "roles")
        wait_until(lambda: not master.status()["zookeeper"]["connected"], 1, "/status says so")
        own_zookeeper.start()
        wait_until(lambda: len(own_cluster.directory.members()) == 3, 20, "all are registered")
        wait_until(lambda: master.status()["zookeeper"]["connected"], 20, "/status says so")
    gaps = [later[0] - earlier[1] for earlier, later in zip(writers.accepted, writers.accepted[1:])]
    assert writers.nodes_that_accepted() == {master} and max(gaps) < 0.7, "no writer noticed anything"
    assert own_cluster.wait_until_healthy()[0] is master and own_cluster.directory.term() == term
    own_cluster.wait_until_same_data()


def test_a_node_whose_session_expires_registers_anew_and_keeps_its_role(cluster, workplace, zookeeper, directory):
    """P1, P6: only the master is cut off from ZooKeeper. The others ask the recorded master itself, and believe it."""
    master = cluster.add(conf=LONE_CONF)
    link = Forwarder(workplace, (zookeeper.host, zookeeper.port))
    master.start(ZK_HOSTS=link.hosts)
    cluster.wait_until_healthy()
    replicas = [cluster.add(conf=LONE_CONF).start() for _ in range(2)]
    cluster.wait_until_healthy()
    former = directory.owner(f"members/{directory.member_at(master.address)}")
    link.cut()
    wait_until(lambda: directory.member_at(master.address) is None, 10, "its session expires")
    stays_true(lambda: master.is_master() and master.accepts_writes() and all(node.follows(master) for node in replicas), 3, "roles")
    assert directory.term() == 1
    link.mend()
    member = wait_until(lambda: directory.member_at(master.address), 20, "it registers anew")
    assert directory.owner(f"members/{member}") != former
    assert cluster.wait_until_healthy()[0] is master and directory.term() == 1


@pytest.mark.parametrize("role", ["master", "replica"])
def test_a_wrapper_that_was_frozen_beyond_its_session_registers_anew(cluster, directory, role):
    """P1: it believes nothing that it knew before; and it does not change a role."""
    master, replicas = cluster.start(2, conf=LONE_CONF)
    node = master if role == "master" else replicas[0]
    node.process.signal(signal.SIGSTOP)
    wait_until(lambda: directory.member_at(node.address) is None, 10, "its session expires")
    assert master.accepts_writes()
    node.process.signal(signal.SIGCONT)
    wait_until(lambda: directory.member_at(node.address), 15, "it registers anew")
    assert cluster.wait_until_healthy()[0] is master and directory.term() == 1


def test_nodes_that_start_before_zookeeper_wait_parked_and_then_form_a_cluster(workplace):
    """P4, P7: parked means that no write is taken, and /status tells what is awaited."""
    zookeeper = ZooKeeper(workplace)
    cluster = Cluster(workplace, zookeeper.hosts, None, conf=LONE_CONF)
    cluster.directory = Directory(None, "/redis")
    nodes = [cluster.add().start() for _ in range(2)]
    for node in nodes:
        node.wait_until_doing("ZooKeeper")
        wait_until(lambda: node.role()[:3] == ("replica", "127.0.0.1", 0), 5, "it is parked")
        assert node.status()["role"] == "parked" and not node.accepts_writes()
    zookeeper.start()
    cluster.directory.client = zookeeper.client()
    cluster.wait_until_healthy(seconds=30)
    cluster.directory.client.stop()


def test_zk_timeout_bounds_the_wait_for_zookeeper_at_the_start(workplace):
    node = Cluster(workplace, "127.0.0.1:1", Directory(None, "/redis")).add(ZK_TIMEOUT="1s")
    assert node.run_to_end() == 1
    assert "ZooKeeper" in node.log() and "127.0.0.1:1" in node.log()


def test_an_ensemble_of_three_loses_its_leader(workplace):
    """P1, P4: nothing happens to the cluster, and it can still change."""
    ensemble = Ensemble(workplace).start()
    client = ensemble.client(session_timeout=30)
    cluster = Cluster(workplace, ensemble.hosts, Directory(client, "/redis"), conf=LONE_CONF, ZK_SESSION_TIMEOUT="6s")
    master, replicas = cluster.start(3)
    leader = ensemble.leader()
    leader.kill()
    stays_true(lambda: master.is_master() and all(node.follows(master) for node in replicas), 2, "roles")
    ensemble.leader()
    wait_until(lambda: len(cluster.directory.members()) == 3, 20, "all are registered")
    late = cluster.add().start()
    assert cluster.wait_until_healthy(seconds=30)[0] is master and cluster.directory.term() == 1
    assert late.follows(master)
    client.stop()


def test_an_idle_cluster_sends_zookeeper_nothing_but_pings(workplace, own_cluster, own_zookeeper):
    """With sessions of 12 s each client pings every 4 s: four clients send 4 or 8 packets in 4 s."""
    own_cluster.start(3, ZK_SESSION_TIMEOUT="12s")
    own_cluster.wait_until_same_data()
    counts = []

    def quiet():
        counts.append(own_zookeeper.packets_received())
        return len(counts) > 1 and counts[-1] == counts[-2]
    wait_until(quiet, 20, "the cluster is idle", interval=1)
    before = own_zookeeper.packets_received()
    stays_true(lambda: True, 4, "time passes", interval=0.5)
    assert own_zookeeper.packets_received() - before <= 9  # kazoo's own pings are among them


def test_zk_auth_protects_the_record_and_leaves_it_readable(cluster, directory):
    """ACL "creator: all, world: read"; the password appears nowhere."""
    node, _ = cluster.start(1, conf=LONE_CONF, ZK_AUTH="digest:suite:zk-secret-1")
    for name in ("master", "term", f"members/{node.status()['id']}"):
        acls, _ = directory.client.get_acls(directory.path(name))
        world = [acl for acl in acls if acl.id.scheme == "world"]
        others = [acl for acl in acls if acl.id.scheme != "world"]
        assert [acl.acl_list for acl in world] == [["READ"]], name
        assert [(acl.id.scheme, acl.id.id.split(":")[0]) for acl in others] == [("digest", "suite")], name
    assert "zk-secret-1" not in node.log()
