"""Behaviour 5 and promise P6: the wrapper as a process, as a parent, and as PID 1."""

import os
import shutil
import signal
import subprocess

import pytest
import redis

from support.cluster import LONE_CONF
from support.data import contents, fill
from support.node import Node
from support.plain_redis import PlainRedis
from support.processes import children_of, name_of, process_is_alive
from support.wait import stays_true, wait_until


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_planned_stop_ends_redis_deregisters_and_exits_with_0(cluster, directory, number):
    """P6: the registration is gone at once, not after the session timeout of 30 s."""
    node, _ = cluster.start(1, conf=LONE_CONF, ZK_SESSION_TIMEOUT="30s")
    server = node.redis_pid
    node.process.signal(number)
    assert node.process.wait_for_exit(10) == 0
    assert not process_is_alive(server)
    wait_until(lambda: not directory.members(), 1, "it is no longer registered")
    assert not node.left_in_run(), "nothing is left in the run-time directory"


def test_a_planned_stop_keeps_every_acknowledged_write(cluster):
    node, _ = cluster.start(1, conf=LONE_CONF)
    written = fill(node.client, "some")
    assert node.stop() == 0
    node.start()
    cluster.wait_until_healthy()
    assert contents(node.client).items() >= written.items()


def test_stop_timeout_bounds_the_patience_with_a_redis_that_does_not_stop(cluster):
    node, _ = cluster.start(1, conf=LONE_CONF, STOP_TIMEOUT="1s")
    server = node.redis_pid
    os.kill(server, signal.SIGSTOP)
    assert node.stop(seconds=6) == 0
    wait_until(lambda: not process_is_alive(server), 1, "redis is gone")


def test_a_second_sigterm_hurries(cluster):
    node, _ = cluster.start(1, conf=LONE_CONF, STOP_TIMEOUT="60s")
    os.kill(node.redis_pid, signal.SIGSTOP)
    node.terminate()
    stays_true(node.is_running, 1, "it is patient")
    assert node.stop(seconds=3) == 0


def test_a_stop_before_the_append_only_file_is_complete_waits_for_it(cluster, workplace):
    """P5: redis refuses SIGTERM while it writes its first AOF after a full sync, and does not try again by itself."""
    master, _ = cluster.start(1, conf=LONE_CONF)
    fill(master.client, "some", 20000)
    node = cluster.add(conf=LONE_CONF + "rdb-key-save-delay 60\n").start()
    wait_until(lambda: node.follows(master) and node.client.info("persistence")["aof_rewrite_in_progress"], 15, "it rewrites", 0.01)
    assert node.stop() == 0
    reader = PlainRedis(workplace, "reader", appendonly="yes")
    shutil.copytree(node.data, reader.directory, dirs_exist_ok=True)
    reader.start()
    assert reader.client.dbsize() == master.client.dbsize()


def test_redis_is_gone_within_a_second_when_its_wrapper_is_killed(cluster, directory):
    """P6: and the registration after the session timeout of 2 s, plus a tick or two."""
    node, _ = cluster.start(1, conf=LONE_CONF)
    server = node.redis_pid
    os.kill(node.wrapper_pid, signal.SIGKILL)
    wait_until(lambda: not process_is_alive(server), 1, "redis is gone", interval=0.01)
    node.process.wait_for_exit(1)
    wait_until(lambda: not directory.members(), 5, "it is no longer registered")


@pytest.mark.parametrize("number, status", [(signal.SIGKILL, 137), (signal.SIGABRT, 134)])
def test_the_wrapper_ends_as_its_redis_does(cluster, directory, number, status):
    """P6, P7: deregistered at once, with the last lines and the status of redis in the log."""
    node, _ = cluster.start(1, conf=LONE_CONF, ZK_SESSION_TIMEOUT="30s")
    os.kill(node.redis_pid, number)
    assert node.process.wait_for_exit(10) == status
    wait_until(lambda: not directory.members(), 1, "it is no longer registered")
    assert str(int(number)) in node.log() or signal.Signals(number).name in node.log()


def test_the_wrapper_ends_with_0_when_a_client_shuts_redis_down(cluster):
    node, _ = cluster.start(1, conf=LONE_CONF)
    with pytest.raises(redis.ConnectionError):
        node.client.execute_command("SHUTDOWN", "NOSAVE")
    assert node.process.wait_for_exit(10) == 0


def test_nothing_piles_up_over_many_restarts(cluster, directory, workplace):
    """P6: neither in the run-time directory, nor in the data directory, nor in ZooKeeper."""
    node, _ = cluster.start(1, conf=LONE_CONF)
    sizes = []
    for life in range(4):
        if life % 2:
            node.kill()
        else:
            node.stop()
        node.start()
        cluster.wait_until_healthy()
        files = [path.name for path in node.data.rglob("*") if "redis-zk" in path.name]
        sizes.append((len(files), len(list(node.run.rglob("*")))))
    assert len(set(sizes)) == 1, sizes
    wait_until(lambda: len(directory.members()) == 1 and not directory.children("lock"), 5, "nothing is left over")
    node.stop()
    assert not node.left_in_run() and not directory.members()


def test_valkey_is_used_where_there_is_no_redis(cluster, workplace):
    """REDIS_SERVER by default: redis-server, else valkey-server, from PATH."""
    programs = workplace.directory / "programs"
    programs.mkdir()
    (programs / "valkey-server").symlink_to(shutil.which("redis-server"))
    node, _ = cluster.start(1, conf=LONE_CONF, PATH=programs)
    assert name_of(node.redis_pid) == "valkey-server"


# --- as PID 1 of a container ---

class Container(Node):
    """The wrapper is PID 1 in a PID namespace of its own, as in a container without an init."""

    def command(self):
        return ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child=SIGKILL", "--", *super().command()]

    @property
    def wrapper_pid(self):
        return next((child for child in children_of(self.process.pid) if name_of(child) == "redis-wrapper"), 0)

    def make_orphan(self):
        """In the container: a process that loses its parent at once, and dies a little later with status 3."""
        script = "( ( read line; exit 3 ) <&3 & ) 3<&0"
        return subprocess.run(["nsenter", "--target", str(self.wrapper_pid), "--pid", "sh", "-c", script],
                              stdin=subprocess.DEVNULL, timeout=10, check=True)


@pytest.fixture
def container(workplace, zookeeper, directory, cluster):
    conf = cluster.write_conf(LONE_CONF)
    node = Container(workplace, zookeeper.hosts, directory.root, "container", redis_conf=conf).start()
    cluster.nodes.append(node)
    cluster.wait_until_healthy()
    return node


def test_as_pid_1_it_reaps_every_orphan_and_does_not_take_one_for_redis(container):
    """P6: a zombie stays for ever if PID 1 does not ask for it."""
    for _ in range(5):
        container.make_orphan()
    wait_until(lambda: children_of(container.wrapper_pid) == [container.redis_pid], 5, "no child is left but redis")
    assert container.is_running() and container.is_master()


def test_as_pid_1_it_stops_on_sigterm(container):
    """PID 1 ignores what it has no handler for: the trap of redis-zk's wrapper."""
    os.kill(container.wrapper_pid, signal.SIGTERM)
    assert container.process.wait_for_exit(10) == 0


def test_as_pid_1_it_ends_with_the_status_of_redis(container):
    container.kill_redis()
    assert container.process.wait_for_exit(10) == 137


def test_as_pid_1_it_takes_redis_along_when_it_is_killed(container):
    server = container.redis_pid
    os.kill(container.wrapper_pid, signal.SIGKILL)
    wait_until(lambda: not process_is_alive(server), 1, "redis is gone", interval=0.01)
