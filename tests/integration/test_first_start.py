"""Behaviour 2, a new cluster: no record, any number of nodes in the same instant, exactly one becomes master."""

import uuid

from support.cluster import LONE_CONF, Cluster
from support.data import fill, has_all, wait_until_same
from support.directory import Directory
from support.plain_redis import PlainRedis
from support.wait import stays_true, wait_until
from support.writers import Writers


def test_a_single_node_becomes_master_of_a_new_cluster(cluster, directory):
    """P3, P4: and the record, the term, the history and the member's own entry say so."""
    master, _ = cluster.start(1, conf=LONE_CONF)
    assert master.accepts_writes()
    assert directory.text("master") == "{} {}".format(*master.address)
    assert directory.term() == 1 and directory.history() == [1]
    term = directory.json("term")
    assert term["master"] == directory.text("master") and term["cluster"] and term["reason"] and term["by"] and term["at"]
    member = directory.members()[master.status()["id"]]
    assert member["address"] == directory.text("master") and member["role"] == "master"


def test_a_member_says_what_people_look_for(cluster, directory):
    """Of which version it is, where its HTTP is, and which task of the scheduler runs it, if one does."""
    asked, plain = cluster.add(conf=LONE_CONF, MESOS_TASK_ID="redis.7c0e.1"), cluster.add(conf=LONE_CONF, HTTP_PORT=None)
    asked.start(), plain.start()
    cluster.wait_until_healthy()
    member = directory.members()[asked.status()["id"]]
    assert member["version"] == asked.status()["version"] and member["task"] == "redis.7c0e.1"
    assert member["http"] == f"{asked.host} {asked.http_port}"
    other = directory.members()[directory.member_at(plain.address)]
    assert other["version"] == member["version"] and not {"task", "http"} & other.keys()


def test_three_nodes_at_once_give_one_master_that_the_others_follow(cluster, directory):
    """P1: writers try every node all the time; only one ever accepts."""
    nodes = [cluster.add(conf=LONE_CONF) for _ in range(3)]
    for node in nodes:
        node.start()
    with Writers(nodes) as writers:
        master, _ = cluster.wait_until_healthy()
        wait_until(lambda: len(writers.accepted) > 20, 10, "somebody accepts writes")
    assert writers.nodes_that_accepted() == {master}
    assert directory.term() == 1 and len(directory.members()) == 3
    cluster.wait_until_same_data()


def test_fifty_nodes_at_once_give_one_master(cluster, directory):
    """P1, P4: term 1 and one entry of history prove that no second one was made on the way."""
    nodes = [cluster.add(conf=LONE_CONF, ZK_SESSION_TIMEOUT="10s") for _ in range(50)]
    for node in nodes:
        node.start()
    master, replicas = cluster.wait_until_healthy(seconds=60)
    assert len(replicas) == 49
    # A session of 2 s may end while a busy machine starts them all; who has lost his comes back.
    wait_until(lambda: len(directory.members()) == 50, 20, "all are registered")
    assert directory.term() == 1 and directory.history() == [1]
    fill(master.client, "some", 20)
    cluster.wait_until_same_data(seconds=20)


def test_redis_zk_looks_before_it_locks_and_gets_two_masters_and_we_look_again_inside_the_lock(cluster, directory):
    """P1: both nodes have seen "no record" and wait for the lock; the second one to get it must look again."""
    path = directory.client.create(directory.path(f"lock/{uuid.uuid4()}-"), b"", ephemeral=True, sequence=True, makepath=True)
    nodes = [cluster.add(conf=LONE_CONF).start() for _ in range(2)]
    wait_until(lambda: len(directory.children("lock")) == 3, 15, "both nodes wait for the lock")
    assert directory.record() is None
    with Writers(nodes) as writers:
        directory.client.delete(path)
        master, _ = cluster.wait_until_healthy()
        wait_until(lambda: len(writers.accepted) > 20, 10, "somebody accepts writes")
    assert writers.nodes_that_accepted() == {master} and directory.history() == [1]


def test_nobody_is_promoted_while_somebody_else_holds_the_lock(cluster, directory):
    """P1: and /status says what it waits for (P7)."""
    directory.client.create(directory.path(f"lock/{uuid.uuid4()}-"), b"", ephemeral=True, sequence=True, makepath=True)
    node = cluster.add(conf=LONE_CONF).start()
    node.wait_until_doing("lock")
    stays_true(lambda: not node.is_master() and not node.accepts_writes(), 2.5, "it waits for the lock")


def test_a_node_that_joins_late_gets_everything(cluster, directory):
    master, replicas = cluster.start(2)
    cluster.wait_until_writable()
    written = fill(master.client, "early")
    late = cluster.add().start()
    assert cluster.wait_until_healthy()[0] is master
    cluster.wait_until_same_data(written)
    assert late.follows(master) and directory.term() == 1


def test_a_replica_may_be_promoted_only_when_it_is_in_sync(cluster, workplace):
    """P2, behaviour 3: priority 0 until then, afterwards the user's own value."""
    cluster.start(1, conf=LONE_CONF)
    node = cluster.add(conf=LONE_CONF + "replica-priority 42\n")
    node.environment["ZK_HOSTS"] = "127.0.0.1:1"  # it cannot find the cluster yet
    node.start()
    wait_until(node.client.ping, 10, "redis answers")
    assert node.client.info("replication")["slave_priority"] == 0
    node.stop()
    node.start(ZK_HOSTS=cluster.zk_hosts)
    cluster.wait_until_healthy()
    wait_until(lambda: node.client.info("replication")["slave_priority"] == 42, 10, "its priority is the user's")


def test_a_node_with_data_of_its_own_founds_a_cluster_with_them(cluster, workplace):
    """A plain redis-server moves in: its append only file is in the data directory, no state file."""
    node = cluster.add(conf=LONE_CONF)
    written = plain_past(workplace, node)
    node.start()
    assert cluster.wait_until_healthy()[0] is node
    wait_until(lambda: has_all(node.client, written), 5, "it still has its data")


def test_a_node_with_data_of_another_past_joins_as_replica_and_changes_nothing(cluster, workplace, directory):
    """P2: its dataset does not continue the cluster's lineage, however large it is."""
    master, _ = cluster.start(2)
    cluster.wait_until_writable()
    written = fill(master.client, "cluster", 50)
    stranger = cluster.add()
    plain_past(workplace, stranger)
    stranger.start()
    assert cluster.wait_until_healthy()[0] is master and directory.term() == 1
    cluster.wait_until_same_data(written)
    assert not stranger.client.exists("plain:1")


def test_data_count_in_whatever_database_they_are(cluster, workplace):
    """P2: data that belong to no cluster are not replaced without a word."""
    master, _ = cluster.start(1, conf=LONE_CONF + "databases 100\n")
    stranger = cluster.add(conf=LONE_CONF + "databases 100\n")
    plain = PlainRedis(workplace, "past", appendonly="yes", databases=100, dir=stranger.data).start()
    with plain.client.pipeline(transaction=False) as pipeline:
        pipeline.execute_command("SELECT", 77)
        pipeline.set("it", "counts").execute()
    plain.stop()
    stranger.start()
    assert cluster.wait_until_healthy()[0] is master
    assert "the data that this node came with belong to no cluster, and are replaced" in stranger.log()


def plain_past(workplace, node):
    """Fills the data directory of a node that was never started, with a plain redis-server. Returns what is in it."""
    plain = PlainRedis(workplace, f"past-of-{node.name}", appendonly="yes", dir=node.data).start()
    written = fill(plain.client, "plain", 300)
    plain.stop()
    return written


def test_two_clusters_on_one_zookeeper_do_not_know_each_other(cluster, workplace, zookeeper, directory):
    other = Cluster(workplace, zookeeper.hosts, Directory(directory.client, directory.root + "-other"))
    nodes = [one.add(f"{name}-{number}", conf=LONE_CONF) for number in (1, 2) for one, name in ((cluster, "one"), (other, "other"))]
    for node in nodes:
        node.start()
    (master, _), (other_master, _) = cluster.wait_until_healthy(), other.wait_until_healthy()
    written, other_written = fill(master.client, "one", 20), fill(other_master.client, "other", 30)
    wait_until_same(cluster.nodes, written)
    wait_until_same(other.nodes, other_written)
    assert not master.client.exists("other:1") and not other_master.client.exists("one:1")
    assert directory.json("term")["cluster"] != other.directory.json("term")["cluster"]


def test_a_chroot_in_zk_hosts_is_put_before_every_path(workplace, zookeeper, directory):
    inner = Directory(directory.client, "/data-centre" + directory.root)
    inner.client.ensure_path("/data-centre")
    cluster = Cluster(workplace, zookeeper.hosts, inner)
    node = cluster.add(conf=LONE_CONF, ZK_HOSTS=zookeeper.hosts + "/data-centre")
    node.environment["ZK_ROOT"] = directory.root
    node.start()
    assert cluster.wait_until_healthy()[0] is node
    assert directory.text("master") is None


def test_the_users_redis_conf_may_include_other_files(cluster, workplace):
    """Relative to where the user says, with values that the server must then have."""
    included = cluster.write_conf("maxmemory 77mb\n", "included.conf")
    node = cluster.add(conf=LONE_CONF + f"include {included}\nmaxmemory-policy allkeys-lru\n").start()
    cluster.wait_until_healthy()
    config = node.client.config_get("maxmemory*")
    assert config["maxmemory"] == str(77 * 1024 * 1024) and config["maxmemory-policy"] == "allkeys-lru"


def test_everything_after_two_dashes_goes_to_redis_server(cluster):
    node = cluster.add(conf=LONE_CONF, arguments=["--", "--maxmemory", "55mb"]).start()
    cluster.wait_until_healthy()
    assert node.client.config_get("maxmemory")["maxmemory"] == str(55 * 1024 * 1024)
