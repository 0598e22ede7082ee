"""Several nodes of one cluster, and the state in which it is healthy."""

import signal

from support.data import wait_until_same
from support.node import REPOSITORY, Node
from support.processes import process_is_alive
from support.wait import wait_until

SHIPPED_CONF = REPOSITORY / "conf/redis.conf"

# Not as shipped: a master may write without a replica, for what has to be seen on a single node.
LONE_CONF = 'save ""\nappendonly yes\nrepl-diskless-sync-delay 0\nrepl-backlog-size 64mb\n'

# Nothing is kept: a restart forgets, but a replica has the file of its last full sync.
MEMORY_CONF = 'save ""\nappendonly no\nrepl-diskless-sync-delay 0\n'


def shows_itself_as_master(node):
    if node.environment.get("HTTP_PORT", node.http_port) is None:
        return True
    return node.get("/master")[0] == 200


def last_words(node):
    """What a node has said last, and whether it has ended, for the message of a test that fails."""
    lines = node.log().splitlines() if node.process else []
    return f"{node.name} {'runs' if node.is_running() else 'does not run'}: {lines[-1] if lines else 'nothing said'}"


class Cluster:
    """`directory` is its Directory in ZooKeeper; it says the root, too."""

    def __init__(self, workplace, zk_hosts, directory, **defaults):
        self.workplace, self.zk_hosts, self.directory, self.defaults = workplace, zk_hosts, directory, defaults
        self.nodes = []

    def write_conf(self, text, name="redis.conf"):
        path = self.workplace.directory / name
        path.write_text(text)
        return path

    def add(self, name=None, conf=None, **options):
        """A node that is not started yet. `conf` is the text of a redis.conf; without it, it is the shipped one."""
        name = name or f"node-{len(self.nodes) + 1}"
        if conf is not None:
            options["redis_conf"] = self.write_conf(conf, f"{name}.conf")
        options = {"redis_conf": SHIPPED_CONF, **self.defaults, **options}
        hosts = options.pop("ZK_HOSTS", self.zk_hosts)
        node = Node(self.workplace, hosts, self.directory.root, name, **options)
        self.nodes.append(node)
        return node

    def start(self, count, **options):
        """`count` nodes in the same instant. The whole cluster, master first, once it is healthy."""
        nodes = [self.add(**options) for _ in range(count)]
        for node in nodes:
            node.start()
        return self.wait_until_healthy()

    def running(self):
        return [node for node in self.nodes if node.is_running()]

    def healthy(self):
        """One master, which is open and which the record names, and everybody else follows it. The master, or an error that
        says what is missing."""
        nodes = self.running()
        roles = {node: node.role() for node in nodes}
        masters = [node for node in nodes if roles[node] == "master"]
        assert len(masters) == 1, f"masters: {[node.name for node in masters]}; " + "; ".join(map(last_words, self.nodes))
        master = masters[0]
        for node in nodes:
            wanted = "master" if node is master else ("replica", *master.address, "connected")
            assert roles[node] == wanted, f"{node.name} is {roles[node]}, not {wanted}"
        assert self.directory.record() == master.address, f"the record names {self.directory.record()}"
        assert not master.is_fenced(), f"{master.name} is still fenced"
        return master

    def wait_until_healthy(self, seconds=20):
        """The master and the list of replicas."""
        master = wait_until(self.healthy, seconds, "the cluster has one master that all follow")
        # Its wrapper learns by its next look that redis is open, some milliseconds later.
        wait_until(lambda: shows_itself_as_master(master), 5, f"{master.name} shows itself as master")
        return master, [node for node in self.running() if node is not master]

    def wait_until_writable(self, seconds=10):
        """With min-replicas-to-write a master is open only after the first replica has acknowledged something."""
        master, _ = self.wait_until_healthy()
        wait_until(master.accepts_writes, seconds, f"{master.name} accepts writes")
        return master

    def wait_until_same_data(self, expected=None, seconds=10):
        """And every wrapper knows of what history they are: before that its node has them, but may not lead."""
        wait_until_same(self.running(), expected, seconds)
        for node in self.running():
            wait_until(lambda: node.status()["lineage"], seconds, f"the wrapper of {node.name} knows its data")

    def kill_all(self):
        """As when the room loses its power: nobody sees another one die first."""
        nodes = self.running()
        servers = [node.redis_pid for node in nodes]
        for node in nodes:
            node.process.signal(signal.SIGKILL)
        for node in nodes:
            node.process.wait_for_exit(5)
        wait_until(lambda: not any(process_is_alive(pid) for pid in servers if pid), 5, "every redis dies with its wrapper")

    def start_again(self, nodes):
        """On other ports, one after the other: each when the one before has registered itself."""
        for node in nodes:
            node.move().start()
            wait_until(lambda: self.directory.member_at(node.address), 15, f"{node.name} registers")
