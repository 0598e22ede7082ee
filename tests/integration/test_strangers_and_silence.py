"""What an address says is not who answers there, and who does not answer is not who was there last."""

import itertools
import os
import shutil
import signal

from support.cluster import LONE_CONF, Cluster
from support.data import fill
from support.directory import Directory
from support.plain_redis import PlainRedis
from support.wait import stays_true, wait_until
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


def test_a_master_that_hangs_is_killed_before_another_is_elected_and_comes_back_as_a_replica(cluster, directory):
    """P4, P1: nobody is made master beside one that may take writes again at any moment."""
    master, replicas = cluster.start(3, conf=LONE_CONF, COLD_START_WAIT="3s")
    written = fill(master.client, "first")
    cluster.wait_until_same_data(written)
    os.kill(master.redis_pid, signal.SIGSTOP)
    wait_until(lambda: not master.is_running(), 20, "it is killed, and its wrapper with it")
    assert "kill redis, because it does not answer, and" in master.log()
    assert directory.term() == 1, "nobody was elected before it was dead"
    wait_until(lambda: any(node.is_master() and node.accepts_writes() for node in replicas), 30, "another is elected")
    master.start()
    assert cluster.wait_until_healthy()[0] is not master
    cluster.wait_until_same_data(written)


def test_a_master_is_looked_at_however_busy_zookeeper_is(cluster, directory):
    """P4: a stream of changes must not keep the wrapper from its redis, which would count as one that hangs."""
    master, _ = cluster.start(2, conf=LONE_CONF)
    number = itertools.count()

    def is_well_and_disturbed():
        directory.write(f"members/disturber-{next(number) % 2}", "no member")
        return master.is_running() and master.get("/liveness")[0] == 200

    stays_true(is_well_and_disturbed, 14, "the master is not taken for dead")
    assert cluster.wait_until_healthy()[0] is master


def test_a_master_that_runs_a_long_script_is_not_killed(cluster):
    """P4: it answers BUSY, which is a sign of life."""
    master, _ = cluster.start(2, conf=LONE_CONF + "busy-reply-threshold 100\n")
    with master.client as client:
        script = "local t = redis.call('TIME')[1] while redis.call('TIME')[1] - t < 14 do end"
        client.connection_pool.connection_kwargs["socket_timeout"] = 30
        client.eval(script, 0)
    assert master.is_running() and "kill redis" not in master.log()
    assert cluster.wait_until_healthy()[0] is master


def test_a_redis_that_hangs_without_a_successor_is_waited_for(cluster):
    """P4: to kill the only one that has the data helps nobody."""
    master, _ = cluster.start(1, conf=LONE_CONF)
    written = fill(master.client, "first")
    os.kill(master.redis_pid, signal.SIGSTOP)
    wait_until(lambda: master.get("/master")[0] == 503 and master.get("/liveness")[0] == 503, 20, "the silence shows")
    os.kill(master.redis_pid, signal.SIGCONT)
    wait_until(lambda: master.get("/master")[0] == 200, 10, "it is master again")
    cluster.wait_until_same_data(written)
    assert "no other node has its data" in master.log()


def shut_out(node):
    """As if clients had taken all connections of its redis in the instant in which those of its wrapper were cut. The one
    connection that keeps the wrapper out."""
    client = node.client
    with client.pipeline() as pipeline:
        pipeline.config_set("maxclients", 1)
        for connection in client.client_list():
            if "U" in connection["flags"]:  # over the unix socket
                pipeline.client_kill_filter(_id=connection["id"])
        pipeline.execute()
    assert client.ping()
    return client


def test_a_master_whose_clients_shut_its_wrapper_out_is_stopped_and_replaced(cluster):
    """P1, P4: redis counts the connection of its wrapper among its maxclients. Who cannot command it can still kill it."""
    master, replicas = cluster.start(3, conf=LONE_CONF, COLD_START_WAIT="3s", ZK_SESSION_TIMEOUT="6s")
    written = fill(master.client, "first")
    cluster.wait_until_same_data(written)
    client = shut_out(master)
    assert client.set("it", "serves"), "redis itself is well"
    wait_until(lambda: not master.is_running(), 20, "redis is killed, and its wrapper with it")
    wait_until(lambda: cluster.directory.record() in [node.address for node in replicas], 30, "another is elected")
    assert "kill redis, because it does not answer, and" in master.log()
    assert "does not let its wrapper in: ERR max number of clients reached" in master.log()
    client.close()


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
