"""What an address says is not who answers there, and who does not answer is not who was there last."""

import os
import shutil
import signal

from support.cluster import LONE_CONF, Cluster
from support.data import fill
from support.directory import Directory
from support.plain_redis import PlainRedis
from support.wait import wait_until
from support.zookeeper import ZooKeeper


def test_a_replica_does_not_copy_a_stranger_at_the_address_of_its_dead_master(cluster, workplace):
    """P2, and clusters never merge because an address was used again."""
    master, (replica,) = cluster.start(2, conf=LONE_CONF, COLD_START_WAIT="4s")
    written = fill(master.client, "first")
    cluster.wait_until_same_data(written)
    master.kill()
    stranger = PlainRedis(workplace, "stranger")
    stranger.port = master.port
    stranger.start()
    stranger.client.set("foreign", 1)
    wait_until(replica.is_master, 20, "the replica is elected after the wait")
    assert replica.client.get("foreign") is None
    assert replica.client.dbsize() == len(written)


def test_a_redis_that_hangs_is_no_master_for_anybody_and_comes_back_as_a_replica(cluster):
    """P4, P1: nobody is asked to write to it, the others elect, and it is not heard again before it is stopped."""
    master, replicas = cluster.start(3, conf=LONE_CONF, COLD_START_WAIT="3s")
    written = fill(master.client, "first")
    cluster.wait_until_same_data(written)
    os.kill(master.redis_pid, signal.SIGSTOP)
    wait_until(lambda: master.get("/master")[0] == 503 and master.get("/liveness")[0] == 503, 20, "the silence shows")
    wait_until(lambda: any(node.is_master() and node.accepts_writes() for node in replicas), 30, "another is elected")
    wait_until(lambda: not master.is_running(), 20, "the hanging one is killed, and its wrapper with it")
    assert "it does not answer, and the record names another master" in master.log()


def test_an_ensemble_that_has_lost_everything_is_joined_again(workplace):
    """P4: a session that nobody knows any more is given up; the living master writes its record anew."""
    zookeeper = ZooKeeper(workplace, "forgetful").start()
    client = zookeeper.client()
    cluster = Cluster(workplace, zookeeper.hosts, Directory(client, "/redis"), conf=LONE_CONF)
    master, _ = cluster.start(3, ZK_SESSION_TIMEOUT="2s")
    written = fill(master.client, "first")
    cluster.wait_until_same_data(written)
    client.stop()
    client.close()
    zookeeper.kill()
    shutil.rmtree(zookeeper.directory / "version-2")
    zookeeper.start()
    client = zookeeper.client()
    cluster.directory = Directory(client, "/redis")
    wait_until(lambda: cluster.directory.record() == (master.host, master.port), 40, "the record is back")
    cluster.wait_until_healthy(20)
    cluster.wait_until_same_data(written)
    client.stop()
    client.close()
