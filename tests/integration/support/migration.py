"""A cluster that moves in, as docs/migration.md says it: the commands are those of the page."""

import re
import signal

import redis

from support import servers
from support.directory import Directory
from support.documents import blocks_in
from support.former_cluster import FormerCluster, SteadyClient
from support.manual import Terminal
from support.wait import wait_until
from support.zookeeper import ZooKeeper

PAGE = "docs/migration.md"
HOSTS = ["127.0.0.21", "127.0.0.22", "127.0.0.23"]
NODE_PORT, SENTINEL_PORT = 6380, 26380


def text_of(address):
    return f"{address.host}:{address.port}"


class NewServer:
    """A node or a sentinel, as clients and checks see it."""

    def __init__(self, host, port, password=None):
        self.name, self.host, self.port, self.address = f"{host}:{port}", host, port, (host, port)
        self.client = redis.Redis(host, port, password=password, socket_timeout=5, decode_responses=True)


NEW_SENTINELS = [NewServer(host, SENTINEL_PORT) for host in HOSTS]


class Migration:
    """In a network of its own, since the ports are those of the page; each new host is an address of loopback."""

    steps = blocks_in(PAGE, "Take over")

    def __init__(self, workplace, password=None):
        self.zookeeper = ZooKeeper(workplace).start()
        self.client = self.zookeeper.client(session_timeout=30)
        self.directory = Directory(self.client, "/redis")
        self.former = FormerCluster(workplace, password)
        own = workplace.directory / "etc"
        own.mkdir()
        self.terminal = Terminal(workplace, {
            "/etc/redis-zk": own, "redis-server /etc/redis": f"{servers.server()} {self.former.master.directory}"})
        self.terminal.environment["FAILOVER_TIMEOUT"] = "4s"  # sentinels that have split their votes try again after twice that
        self.programs = {}
        self._set_up(own, password)

    def _set_up(self, own, password):
        variables, of_a_password, words = blocks_in(PAGE, "What you need")
        former = self.former
        self.terminal.set(variables, ZK_HOSTS=self.zookeeper.hosts, MASTER_NAME="mymaster", OLD_HOST=former.master.host,
                          OLD_PORT=former.master.port, OLD_REPLICAS=text_of(former.replica),
                          OLD_SENTINELS=" ".join(map(text_of, former.sentinels)), NEW_HOSTS=" ".join(HOSTS))
        if password:
            (own / "password").write_text(password)
            self.terminal.environment["REDIS_PASSWORD_FILE"] = str(own / "password")
            self.terminal.learn(of_a_password)
        self.terminal.learn(words)

    def close(self):
        self.client.stop()
        self.client.close()

    def steady_client(self, find, key):
        return SteadyClient(find, key, self.former.password)

    def node(self, host):
        return NewServer(host, NODE_PORT, self.former.password)

    def prints(self, block, pattern):
        """What the page says that is to be seen. Whoever sees something else types it again."""
        wait_until(lambda: re.search(pattern, self.terminal.run(block), re.DOTALL), 30, f"{block}\nprints {pattern}", interval=0.3)

    def start(self, kind, block, hosts=HOSTS):
        for host in hosts:
            self.programs[kind, host] = self.terminal.start(f"{kind}-{host}", block, HOST=host)

    def stop(self, kind, hosts=HOSTS):
        programs = [self.programs.pop((kind, host)) for host in hosts]
        for program in programs:
            program.signal(signal.SIGTERM)
        assert [program.wait_for_exit(20) for program in programs] == [0] * len(hosts)

    def start_the_nodes(self):
        """Steps 1 and 2."""
        node, in_sync = self.steps[:2]
        self.start("node", node)
        self.prints(in_sync, '("role":"replica".*){3}')

    def replace_the_sentinels(self):
        """Steps 3 to 5."""
        stop, sentinel, take_away, ready = self.steps[2:6]
        self.terminal.run(stop)
        assert [one.process.wait_for_exit(10) for one in self.former.sentinels] == [0] * 3
        self.start("sentinel", sentinel)
        wait_until(lambda: self.directory.sentinels() >= {one.address for one in NEW_SENTINELS}, 30, "the new ones are registered")
        left = self.terminal.run(take_away)
        assert sorted(re.findall(r"^\S+ (\S+)$", left, re.MULTILINE)) == [one.name for one in NEW_SENTINELS], left
        self.prints(ready, '("state":"running".*){3}')

    def replace_the_rest(self):
        """Steps 6 and 7."""
        stop_replicas, watcher, is_ready = self.steps[6:9]
        self.terminal.run(stop_replicas)
        assert self.former.replica.process.wait_for_exit(10) == 0
        self.start("watcher", watcher, HOSTS[:1])
        self.prints(is_ready, "\n(127.*:26380,?){3}$")

    def hand_over(self):
        """Step 8."""
        # Where a node lags for a second, as on a busy machine, nothing is done.
        wait_until(lambda: self.terminal.run(self.steps[9]).split() == ["OK"], 30, "it hands over", interval=1)
        assert self.former.master.process.wait_for_exit(10) == 0

    def check(self):
        """Step 9. The new master."""
        self.prints(self.steps[10], r'127\.0\.0\.2\d 6380\n.*"term":1\D.*(OK 3 usable Sentinels.*){3}')
        host, _ = self.directory.record()
        return self.node(host)
