"""The examples in docs/clients.md do what that document says, as they stand there. Of what they report as kept nothing is lost."""

import os
import signal
from contextlib import contextmanager

import pytest

from support.cluster import SHIPPED_CONF
from support.examples import Example, blocks, write_examples
from support.forwarder import Forwarder
from support.haproxy import HAProxy
from support.sentinel import settled, watched
from support.wait import wait_until
from support.watcher import start_watchers, wait_until_all_listen

BY_SENTINEL = ["by_sentinel.py", "by_ioredis.mjs", "by_node_redis.mjs"]
EXAMPLES = [*BY_SENTINEL, "by_haproxy.py", "by_record.py"]
FILES_THAT_THEY_IMPORT = ["seeds.py", "seeds.mjs"]
NOT_RUN = ["java"]  # Debian has no Jedis, and the document says so

PASSWORDS = {"REDIS_PASSWORD": "of-the-nodes", "SENTINEL_PASSWORD": "of-the-sentinels"}


@pytest.fixture
def place(workplace, npm_packages):
    return write_examples(workplace.directory / "examples", npm_packages)


class Scene:
    """A cluster with sentinels, a watcher, HAProxy, and all examples, which write."""

    def __init__(self, cluster, place, passwords, **told):
        self.cluster, workplace = cluster, cluster.workplace
        self.master, self.replicas, self.sentinels = watched(cluster, nodes_know=passwords, conf=SHIPPED_CONF.read_text(), **passwords)
        self.watcher, = start_watchers(cluster, 1, **passwords)
        wait_until_all_listen([self.watcher])
        self.haproxy = HAProxy(workplace, cluster.nodes).start()
        self.addresses = {"ZK_HOSTS": cluster.zk_hosts, "ZK_ROOT": cluster.directory.root,
                          "HAPROXY": f"{self.haproxy.host}:{self.haproxy.writes}", "WATCHER": f"127.0.0.1:{self.watcher.http_port}"}
        self.examples = [Example(workplace, place, name, **{**self.addresses, **passwords, **told.get(name, {})}) for name in EXAMPLES]
        self.wait_until_all_write()

    def wait_until_all_write(self):
        for example in self.examples:
            example.wait_until_it_writes()

    @contextmanager
    def change_of_master(self):
        """Inside of it the master goes. Afterwards all examples write to another one, which has all that they had before."""
        old = self.master
        yield old
        others = [node for node in self.cluster.nodes if node is not old]
        self.master = wait_until(lambda: next((node for node in others if node.is_master()), None), 30, "there is another master")
        self.wait_until_all_write()
        self.check()

    def wait_until_settled(self):
        wait_until(lambda: settled(self.cluster, self.sentinels), 30, "the sentinels watch the master, and know both replicas")

    def check(self):
        lost = {example.name: example.lost(self.master) for example in self.examples}
        assert lost == {example.name: [] for example in self.examples}


def test_every_block_of_code_in_the_document_is_run():
    """All but the one of which the document says that it is not."""
    assert {name for language, _, name in blocks() if language not in NOT_RUN} == {*EXAMPLES, *FILES_THAT_THEY_IMPORT}
    assert [language for language, _, name in blocks() if name is None] == NOT_RUN


def test_the_examples_go_on_when_the_master_is_stopped_and_when_it_is_killed(cluster, place):
    """SIGTERM, and kill -9 of its wrapper, too, as with a host; with passwords. All that need sentinels ask the watcher."""
    scene = Scene(cluster, place, PASSWORDS)
    with scene.change_of_master() as master:
        assert master.stop() == 0
    master.start()
    scene.wait_until_settled()
    with scene.change_of_master() as master:
        master.kill()


def test_the_examples_go_on_when_replicas_die_sentinels_move_and_the_master_hangs(cluster, place):
    """Without passwords; by_sentinel.py asks ZooKeeper. The sentinels that were there when the examples started have all gone when the
    master hangs: nothing but timeouts ends the connections to it."""
    scene = Scene(cluster, place, {}, **{"by_sentinel.py": {"WATCHER": None}})
    for replica in scene.replicas:
        replica.kill()
    for example in scene.examples:
        example.wait_until_it_says("NOREPLICAS")
    for replica in scene.replicas:
        replica.start()
    scene.wait_until_all_write()
    for sentinel in scene.sentinels:
        sentinel.stop()
        sentinel.move().start()
        wait_until(sentinel.is_ready, 30, f"{sentinel.name} is ready elsewhere")
    scene.wait_until_settled()
    with scene.change_of_master() as master:
        for pid in (master.wrapper_pid, master.redis_pid):
            os.kill(pid, signal.SIGSTOP)


def test_the_examples_for_sentinel_start_when_the_first_sentinel_that_they_ask_hangs(cluster, place):
    """It takes connections and never answers: they give up, and ask the next one."""
    _, _, sentinels = watched(cluster, 2)
    watcher, = start_watchers(cluster, 1)
    wait_until_all_listen([watcher])
    first = watcher.get("/sentinels")[1].split(",")[0]
    os.kill(next(one for one in sentinels if "{}:{}".format(*one.address) == first).sentinel_pid, signal.SIGSTOP)
    examples = [Example(cluster.workplace, place, name, WATCHER=f"127.0.0.1:{watcher.http_port}") for name in BY_SENTINEL]
    for example in examples:
        example.wait_until_it_writes()


def test_the_examples_without_sentinel_try_again_when_they_have_reached_a_replica(cluster, directory, place):
    """READONLY is no end, neither behind a balancer that is late nor while the record is."""
    master, (replica,) = cluster.start(2)
    balancer = Forwarder(cluster.workplace, replica.address)
    directory.write("elsewhere/master", "{} {}".format(*replica.address))
    told = {"ZK_HOSTS": cluster.zk_hosts, "ZK_ROOT": directory.path("elsewhere"), "HAPROXY": balancer.hosts}
    examples = [Example(cluster.workplace, place, name, **told) for name in ("by_haproxy.py", "by_record.py")]
    for example in examples:
        example.wait_until_it_says("read only replica")
    balancer.target = master.address
    directory.write("elsewhere/master", "{} {}".format(*master.address))
    for example in examples:
        example.wait_until_it_writes()
        assert example.lost(master) == []
