"""sentinel-wrapper where the network is not plain: addresses of every kind, containers, and a ZooKeeper that goes away."""

import os
import signal

import pytest

from support.cluster import LONE_CONF, Cluster
from support.container import AsPidOne
from support.directory import Directory
from support.forwarder import Forwarder
from support.processes import children_of, free_port, process_is_alive
from support.sentinel import Sentinel, start_sentinels, wait_until_all_ready
from support.wait import stays_true, wait_until
from support.zookeeper import ZooKeeper


@pytest.fixture
def own_cluster(workplace, request):
    """With a ZooKeeper of its own, on the address of `request.param` (127.0.0.1)."""
    zookeeper = ZooKeeper(workplace, host=getattr(request, "param", "127.0.0.1")).start()
    client = zookeeper.client(session_timeout=30)
    cluster = Cluster(workplace, zookeeper.hosts, Directory(client, "/redis"), conf=LONE_CONF, COLD_START_WAIT="15s")
    cluster.zookeeper = zookeeper
    yield cluster
    client.stop()
    client.close()


def fail_over(cluster, master, sentinels):
    """Kills the master; the new one, when all agree on it."""
    for one in sentinels:
        wait_until(lambda: len(one.knows()[1]) == len(cluster.nodes) - 1, 20, "every replica is known")
    master.kill()
    others = {node.address for node in cluster.nodes if node is not master}
    wait_until(lambda: {one.names() for one in sentinels} <= others, 30, "the sentinels have failed over")
    new = cluster.wait_until_healthy()[0]
    assert {one.names() for one in sentinels} == {new.address}
    return new


@pytest.mark.parametrize("own_cluster", ["::1"], indirect=True)
def test_ipv6_from_zookeeper_to_the_list_of_sentinels_and_through_a_fail_over(own_cluster):
    """In the list the address has no brackets: "::1 26379"."""
    master, _ = own_cluster.start(2, host="::1")
    sentinels = start_sentinels(own_cluster, 3, host="::1")
    wait_until_all_ready(sentinels, own_cluster.directory)
    texts = {own_cluster.directory.text(f"sentinels/{name}") for name in own_cluster.directory.children("sentinels")}
    assert texts == {f"::1 {sentinel.port}" for sentinel in sentinels}
    assert {sentinel.status()["address"] for sentinel in sentinels} == {f"[::1]:{sentinel.port}" for sentinel in sentinels}
    assert {sentinel.names() for sentinel in sentinels} == {("::1", master.port)}
    fail_over(own_cluster, master, sentinels)


def announced_elsewhere(cluster):
    """As behind the port mapping of a container: others come through a forwarder at another address."""
    address = "127.0.0.2", free_port("127.0.0.2")
    return address, {"ANNOUNCE_IP": address[0], "ANNOUNCE_PORT": address[1]}


def test_bridge_mode_where_listening_and_announced_addresses_differ(cluster, workplace, directory):
    """Clients, nodes and other sentinels are told the announced address, and reach everybody there."""
    for _ in range(2):
        address, announced = announced_elsewhere(cluster)
        node = cluster.add(conf=LONE_CONF, COLD_START_WAIT="15s", **announced)
        Forwarder(workplace, (node.host, node.port), *address)
        node.start()
    master, replicas = cluster.wait_until_healthy()
    sentinels = []
    for number in range(3):
        address, announced = announced_elsewhere(cluster)
        sentinel = Sentinel(workplace, cluster.zk_hosts, directory.root, f"sentinel-{number}", LISTEN_PORT=free_port(), **announced)
        sentinel.environment["PORT0"], sentinel.port = announced["ANNOUNCE_PORT"], sentinel.environment["LISTEN_PORT"]
        Forwarder(workplace, (sentinel.host, sentinel.port), *address)
        sentinels.append(sentinel.start())
    wait_until_all_ready(sentinels, directory)
    for sentinel in sentinels:
        others = {one.address for one in sentinels if one is not sentinel}
        assert sentinel.knows() == (others, {node.address for node in replicas})
    fail_over(cluster, master, sentinels)


class Container(AsPidOne, Sentinel):
    pass


@pytest.fixture
def container(cluster, directory):
    cluster.start(1, conf=LONE_CONF)
    sentinel = Container(cluster.workplace, cluster.zk_hosts, directory.root, "container", SENTINEL_QUORUM="1").start()
    wait_until_all_ready([sentinel], directory)
    return sentinel


def test_as_pid_1_it_reaps_every_orphan_and_does_not_take_one_for_its_sentinel(container):
    """P6: a zombie stays for ever if PID 1 does not ask for it."""
    for _ in range(5):
        container.make_orphan()
    wait_until(lambda: children_of(container.wrapper_pid) == [container.sentinel_pid], 5, "no child is left but the sentinel")
    assert container.is_running() and container.is_ready()


def test_as_pid_1_it_stops_on_sigterm(container, directory):
    """PID 1 ignores what it has no handler for. The entry is gone at once."""
    os.kill(container.wrapper_pid, signal.SIGTERM)
    assert container.process.wait_for_exit(10) == 0
    assert directory.sentinels() == set() and container.left_in_run() == []


def test_as_pid_1_it_ends_with_the_status_of_its_sentinel(container):
    os.kill(container.sentinel_pid, signal.SIGKILL)
    assert container.process.wait_for_exit(10) == 128 + signal.SIGKILL


def test_as_pid_1_it_takes_its_sentinel_along_when_it_is_killed(container):
    pid = container.sentinel_pid
    os.kill(container.wrapper_pid, signal.SIGKILL)
    wait_until(lambda: not process_is_alive(pid), 1, "the sentinel is gone", interval=0.01)


def test_sentinels_go_on_while_zookeeper_is_away_and_are_registered_again_under_the_same_names(own_cluster):
    """The outage is longer than the session timeout of 2 s and GHOST_TIMEOUT: nobody is a ghost because ZooKeeper was away."""
    own_cluster.start(2)
    sentinels = start_sentinels(own_cluster, 3, GHOST_TIMEOUT="1s")
    wait_until_all_ready(sentinels, own_cluster.directory)
    master = own_cluster.wait_until_healthy()[0]
    names, pids = set(own_cluster.directory.children("sentinels")), [one.sentinel_pid for one in sentinels]
    ids = [one.id() for one in sentinels]
    own_cluster.zookeeper.kill()
    wait_until(lambda: not any(one.status()["zookeeper"]["connected"] for one in sentinels), 10, "all have noticed")
    stays_true(lambda: all(one.names() == master.address and one.get("/liveness")[0] == 200 for one in sentinels), 5, "they go on")
    own_cluster.zookeeper.start()
    wait_until(lambda: set(own_cluster.directory.children("sentinels")) == names, 30, "all are registered again")
    wait_until_all_ready(sentinels, own_cluster.directory)
    assert [one.sentinel_pid for one in sentinels] == pids and [one.id() for one in sentinels] == ids
    assert not any("reset the sentinel" in one.log() for one in sentinels)
    fail_over(own_cluster, master, sentinels)


def test_a_sentinel_whose_id_was_lent_to_another_one_falls_silent_before_zookeeper_can_tell_it(cluster, workplace, directory):
    """Nobody reached it at its address, nor it ZooKeeper, so it was taken for gone; but it reaches the others, and could vote."""
    cluster.start(2, conf=LONE_CONF, COLD_START_WAIT="15s")
    others = start_sentinels(cluster, 2, GHOST_TIMEOUT="1s")
    address, announced = announced_elsewhere(cluster)
    host, port = cluster.zk_hosts.rsplit(":", 1)
    to_zookeeper = Forwarder(workplace, (host, int(port)))
    lonely = Sentinel(workplace, to_zookeeper.hosts, directory.root, "lonely", LISTEN_PORT=free_port(), GHOST_TIMEOUT="1s", **announced)
    lonely.environment["PORT0"], lonely.port = announced["ANNOUNCE_PORT"], lonely.environment["LISTEN_PORT"]
    to_it = Forwarder(workplace, (lonely.host, lonely.port), *address)
    lonely.start()
    wait_until_all_ready([lonely, *others], directory)
    own_id = lonely.id()
    to_it.cut(), to_zookeeper.cut()
    wait_until(lambda: directory.json(f"sentinel-ids/{own_id}")["state"] == "abandoned", 30, "it was taken for gone")
    assert lonely.id() == own_id, "it goes on without ZooKeeper"
    newcomer, = start_sentinels(cluster, 1, GHOST_TIMEOUT="1s")
    wait_until(lambda: newcomer.sentinel_pid and newcomer.is_ready() and newcomer.id() == own_id, 30, "its id was lent to another one")
    wait_until(lambda: lonely.sentinel_pid is None, 15, "it has fallen silent")
    assert "its id is that of the sentinel at {}:{}".format(*newcomer.address) in lonely.log()
    assert "whose the sentinel's id is" in lonely.status()["doing"] and lonely.get("/liveness")[0] == 200
    to_it.mend(), to_zookeeper.mend()
    wait_until_all_ready([lonely, *others, newcomer], directory, 60)
    assert newcomer.id() == own_id != lonely.id()
