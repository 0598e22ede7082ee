"""Behaviour 5 and promise P6: the wrapper as a process, as a parent, and as PID 1."""

import os
import shutil
import signal
import time

import pytest
import redis

from support import servers
from support.cluster import LONE_CONF
from support.container import AsPidOne
from support.data import contents, fill
from support.node import Node
from support.plain_redis import PlainRedis
from support.processes import children_of, name_of, process_is_alive
from support.sentinel import start_sentinels, wait_until_all_ready
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
    fill(master.client, "some", 200)
    node = cluster.add(conf=LONE_CONF + "rdb-key-save-delay 6000\n").start()  # longer pauses than a busy machine adds
    wait_until(lambda: node.follows(master) and node.client.info("persistence")["aof_rewrite_in_progress"], 15, "it rewrites", 0.01)
    assert node.stop() == 0
    reader = PlainRedis(workplace, "reader", appendonly="yes")
    shutil.copytree(node.data, reader.directory, dirs_exist_ok=True)
    reader.start()
    assert reader.client.dbsize() == master.client.dbsize()


def test_a_planned_stop_saves_the_snapshot_although_a_replica_lags(cluster):
    """P5: Redis 7 waits for its replicas before it saves, by default as long as STOP_TIMEOUT is."""
    conf = 'save 3600 1000000\nappendonly no\nrepl-diskless-sync-delay 0\n'
    master, (replica,) = cluster.start(2, conf=conf, ZK_SESSION_TIMEOUT="30s")
    fill(master.client, "first", 50)
    cluster.wait_until_same_data()
    os.kill(replica.redis_pid, signal.SIGSTOP)
    written = fill(master.client, "second", 50)
    assert master.stop(seconds=15) == 0
    assert (master.data / "dump.rdb").exists() and "did not stop in time" not in master.log()
    assert master.log().count("Received SIGTERM") == 1, "it is told once"
    os.kill(replica.redis_pid, signal.SIGCONT)
    master.start()
    cluster.wait_until_healthy()
    assert contents(master.client).items() >= written.items()


class OnAReadOnlyRoot(Node):
    """As nobody, and nothing but its two directories can be written, as in a hardened container."""

    def command(self):
        script = ('mount --bind "$DATA_DIR" "$DATA_DIR" && mount --bind "$RUN_DIR" "$RUN_DIR" && mount -o remount,ro,bind / '
                  '&& chown -R nobody:nogroup "$DATA_DIR" "$RUN_DIR" '
                  '&& exec setpriv --reuid nobody --regid nogroup --clear-groups "$@"')
        return ["unshare", "--mount", "--", "sh", "-c", script, "sh", *super().command()]


def test_a_read_only_root_file_system_without_privileges_is_enough(cluster, directory):
    cluster.workplace.directory.chmod(0o755)
    conf = cluster.write_conf(LONE_CONF)
    node = OnAReadOnlyRoot(cluster.workplace, cluster.zk_hosts, directory.root, "on-a-read-only-root", redis_conf=conf, TMPDIR=None)
    cluster.nodes.append(node)
    node.start()
    cluster.wait_until_healthy()
    assert node.accepts_writes() and os.stat(f"/proc/{node.redis_pid}").st_uid != 0
    node.client.bgrewriteaof()
    wait_until(lambda: "Background AOF rewrite finished successfully" in node.log(), 20, "it can write its data")
    assert node.stop() == 0


def test_redis_is_gone_within_a_second_when_its_wrapper_is_killed(cluster, directory):
    """P6: and the registration after the session timeout of 2 s, plus a tick or two."""
    node, _ = cluster.start(1, conf=LONE_CONF)
    server = node.redis_pid
    os.kill(node.wrapper_pid, signal.SIGKILL)
    wait_until(lambda: not process_is_alive(server), 1, "redis is gone", interval=0.01)
    node.process.wait_for_exit(1)
    wait_until(lambda: not directory.members(), 5, "it is no longer registered")


def test_a_saving_child_of_a_killed_redis_ends_by_itself_and_touches_no_later_life(cluster):
    """P6: the death signal reaches redis, not the child that it has forked. Such a child reports to redis at its first key and
    at every 1024th (rdb.c, 7.0.15), and ends if it cannot: with fewer keys it does not notice before its end that it is an
    orphan, and would then put its snapshot beside the data of the next life."""
    node, _ = cluster.start(1, conf=LONE_CONF + "rdb-key-save-delay 4000\n")
    with node.client.pipeline() as pipeline:
        for number in range(1000):
            pipeline.set(f"key-{number}", number)
        pipeline.execute()
    node.client.bgsave()
    child = wait_until(lambda: children_of(node.redis_pid), 2, "redis has a saving child")[0]
    unfinished = node.data / f"temp-{child}.rdb"
    wait_until(lambda: node.client.info("persistence").get("current_save_keys_total") == 1000, 2, "it has reported to redis")
    node.kill()
    os.kill(child, signal.SIGSTOP)  # however long the next life takes to begin, it begins before the child ends
    try:
        assert process_is_alive(child) and unfinished.exists()
        node.start()
        cluster.wait_until_healthy()
        assert process_is_alive(child) and not unfinished.exists() and f"removed {unfinished}" in node.log()
        os.kill(child, signal.SIGCONT)
        wait_until(lambda: not process_is_alive(child), 30, "it ends by itself")
    finally:
        if process_is_alive(child):
            os.kill(child, signal.SIGKILL)
    assert not list(node.data.glob("*.rdb"))
    assert node.client.dbsize() == 1000


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


def test_a_hang_up_ends_nobody_and_changes_nothing(cluster, directory):
    """As when the terminal of the one who started it is closed. Neither of node nor of sentinel; and a stop is still a stop."""
    node, _ = cluster.start(1, conf=LONE_CONF)
    sentinel, = start_sentinels(cluster, 1, SENTINEL_QUORUM="1")
    wait_until_all_ready([sentinel], directory)
    children, known = [node.redis_pid, sentinel.sentinel_pid], directory.everything()
    for one in (node, sentinel):
        one.process.signal(signal.SIGHUP)
        one.process.wait_for_log("SIGHUP changes nothing")
    stays_true(lambda: node.accepts_writes() and node.get("/master")[0] == 200 and sentinel.is_ready(), 1, "both work")
    assert [node.redis_pid, sentinel.sentinel_pid] == children and directory.everything().keys() == known.keys()
    assert sentinel.stop() == 0 and node.stop() == 0


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


def test_a_fresh_run_time_directory_of_a_killed_wrapper_is_removed_by_the_next(cluster, workplace):
    """P6: nobody names a directory, so each life makes one below TMPDIR. One that was made less than a minute ago stays."""
    below = workplace.directory / "tmp"
    below.mkdir()
    node = cluster.add(conf=LONE_CONF, RUN_DIR=None, DATA_DIR=None, TMPDIR=below, ACCEPT_DATA_LOSS="yes").start()
    cluster.wait_until_healthy()
    [first] = below.iterdir()
    node.kill().start()
    cluster.wait_until_healthy()
    [second] = {*below.iterdir()} - {first}
    node.kill()
    a_minute_ago = time.time() - 61
    os.utime(first, (a_minute_ago, a_minute_ago))
    node.start()
    cluster.wait_until_healthy()
    [third] = {*below.iterdir()} - {second}
    assert third != first and f"removed {first}" in node.log()
    assert node.stop() == 0 and list(below.iterdir()) == [second]


def test_valkey_is_used_where_there_is_no_redis(cluster, workplace):
    """REDIS_SERVER by default: redis-server, else valkey-server, from PATH."""
    programs = workplace.directory / "programs"
    programs.mkdir()
    (programs / "valkey-server").symlink_to(shutil.which(servers.server()))
    node, _ = cluster.start(1, conf=LONE_CONF, PATH=programs)
    assert name_of(node.redis_pid) == "valkey-server"


# --- as PID 1 of a container ---

class Container(AsPidOne, Node):
    pass


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
