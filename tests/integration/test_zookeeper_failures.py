"""Behaviour 4: without ZooKeeper every redis keeps its role and serves; nothing is decided on a guess."""

import signal
import time

import pytest

from support.cluster import LONE_CONF, Cluster
from support.data import fill
from support.directory import Directory
from support.forwarder import Forwarder
from support.sentinel import start_sentinels, wait_until_all_ready
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


def registered_sessions(cluster):
    """Each node's own session, from its entry among the members and from its /status: equal when all are registered."""
    entries = {member: cluster.directory.owner(f"members/{member}") for member in cluster.directory.members()}
    status = [node.status() for node in cluster.running()]
    return entries, {each["id"]: int(each["zookeeper"]["session"], 16) for each in status}


def all_are_registered(cluster):
    entries, sessions = registered_sessions(cluster)
    assert entries == sessions, f"{entries} are registered, not {sessions}"
    return True


def test_zookeeper_dies_and_comes_back_after_20_s(own_cluster, own_zookeeper):
    """P1, P4: the outage is longer than the session timeout by far, which is the default one; writes go on all the time."""
    master, replicas = own_cluster.start(3, ZK_SESSION_TIMEOUT="6s")
    fill(master.client, "some")
    term = own_cluster.directory.term()
    with Writers([master, *replicas]) as writers:
        own_zookeeper.kill()
        stays_true(lambda: master.is_master() and all(replica.follows(master) for replica in replicas), 20, "roles")
        assert not any(node.status()["zookeeper"]["connected"] for node in own_cluster.running())
        last_before = len(writers.accepted)
        own_zookeeper.start()
        wait_until(lambda: all(node.status()["zookeeper"]["connected"] for node in own_cluster.running()), 20, "they are connected")
        wait_until(lambda: all_are_registered(own_cluster), 20, "all are registered again")
    gaps = [later[0] - earlier[1] for earlier, later in zip(writers.accepted, writers.accepted[1:])]
    assert last_before > 500 and len(writers.accepted) > last_before
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


def test_a_node_whose_connection_breaks_again_and_again_waits_no_longer_for_its_master(cluster, workplace, zookeeper, directory):
    """P4: its session lives all the time, so COLD_START_WAIT goes on after each gap where it was."""
    link = Forwarder(workplace, (zookeeper.host, zookeeper.port))
    options = {"conf": LONE_CONF, "COLD_START_WAIT": "8s", "ZK_SESSION_TIMEOUT": "20s"}
    master, _ = cluster.start(1, **options)
    replica = cluster.add(**options, ZK_HOSTS=link.hosts).start()
    cluster.wait_until_healthy()
    cluster.wait_until_same_data()
    master.kill()
    directory.client.delete(directory.path("members/" + directory.member_at(master.address)))
    deadline = time.monotonic() + 30
    while not replica.is_master():
        assert time.monotonic() < deadline, replica.status()["doing"]
        link.cut()
        link.mend()
        wait_until(lambda: replica.status()["zookeeper"]["connected"], 10, "it is connected again")
        until = time.monotonic() + 4
        wait_until(lambda: replica.is_master() or time.monotonic() > until, 10, "it waits for 4 s at a stretch")
    assert cluster.wait_until_healthy()[0] is replica


def test_a_wrapper_measures_how_long_it_stood_still_against_the_session_that_was_granted(workplace):
    """P1: it asks for 60 s, of which a third is 20 s, and is given 6 s: frozen until that has ended it distrusts what it knew."""
    zookeeper = ZooKeeper(workplace, "strict", maxSessionTimeout=6000).start()
    client = zookeeper.client()
    cluster = Cluster(workplace, zookeeper.hosts, Directory(client, "/redis"), conf=LONE_CONF, ZK_SESSION_TIMEOUT="60s")
    node, _ = cluster.start(1)
    [sentinel] = start_sentinels(cluster, 1, ZK_SESSION_TIMEOUT="60s")
    wait_until(cluster.directory.sentinels, 20, "the sentinel is registered")
    frozen = [node, sentinel]
    for one in frozen:
        one.process.signal(signal.SIGSTOP)
    wait_until(lambda: not cluster.directory.members() and not cluster.directory.sentinels(), 20, "both sessions have ended")
    for one in frozen:
        one.process.signal(signal.SIGCONT)
    for one in frozen:
        one.process.wait_for_log("stood still for more than a third of the session timeout")
    assert cluster.wait_until_healthy()[0] is node
    client.stop()
    client.close()


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


# With sessions of 60 s each client pings every 20 s, so in 6 s at most once; kazoo too, which has 30 s.
LONG = {"ZK_SESSION_TIMEOUT": "60s"}


def test_an_idle_cluster_sends_zookeeper_nothing_but_pings(own_cluster, own_zookeeper):
    own_cluster.start(3, **LONG)
    own_cluster.wait_until_same_data()
    assert own_zookeeper.packets_while_idle(6) <= 3 + 1


def test_an_idle_cluster_with_sentinels_sends_zookeeper_nothing_but_pings(own_cluster, own_zookeeper):
    own_cluster.start(3, **LONG)
    sentinels = start_sentinels(own_cluster, 3, **LONG)
    wait_until_all_ready(sentinels, own_cluster.directory)
    assert own_zookeeper.packets_while_idle(6) <= 6 + 1


def test_sentinels_that_wait_for_a_first_master_send_zookeeper_nothing_but_pings(own_cluster, own_zookeeper):
    """They wait with watches."""
    sentinels = start_sentinels(own_cluster, 3, **LONG)
    for sentinel in sentinels:
        sentinel.wait_until_doing("never had a master")
    assert own_zookeeper.packets_while_idle(6) <= 3 + 1


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
