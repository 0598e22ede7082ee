"""docs/operations.md, step by step, as it is written."""

import json
import re
import signal

import pytest
import redis
from redis.sentinel import Sentinel
from support.documents import GETTING_STARTED, Terminals, commands_in
from support.network import entered
from support.wait import wait_until
from support.writers import Appender

OPERATIONS = "docs/operations.md"
NODES = 3


class Cluster:
    """That of getting started, and a third node."""

    def __init__(self, workplace, **environment):
        (_, configure, zookeeper), nodes, _, self.sentinels, _, self.watchers, *_ = commands_in(GETTING_STARTED)
        (third,), _ = commands_in(OPERATIONS, "Add a node")
        self.terminals = Terminals(workplace, **environment)
        self.terminals.run(configure)
        self.terminals.start(zookeeper)
        self.commands = [*nodes, third]
        self.nodes, self.password = {}, None

    def run(self, command):
        return self.terminals.run(f"export REDISCLI_AUTH={self.password}; {command}" if self.password else command)

    def start_node(self, number, command=None):
        self.nodes[number] = self.terminals.start(command or self.commands[number - 1])

    def start_others(self):
        self.others = [self.terminals.start(command) for command in (*self.sentinels, *self.watchers)]

    def start(self, numbers=range(1, NODES + 1)):
        """The first one becomes master."""
        self.start_node(1)
        wait_until(lambda: self.run("redis-cli -p 7001 role 2>&1 || true").startswith("master"), 30, "it leads", interval=0.2)
        for number in numbers[1:]:
            self.start_node(number)
        self.start_others()
        self.wait_until_well(len(numbers))

    def master(self):
        """Its number, when everybody who is asked agrees."""
        named = self.run("redis-cli -p 27001 sentinel get-master-addr-by-name mymaster").split()
        recorded = json.loads(self.run("curl -s http://127.0.0.1:8080/master.json"))
        return int(named[1]) - 7000 if named and int(named[1]) == recorded.get("port") else None

    def is_well(self, count):
        number = self.master()
        if number is None:
            return False
        status = json.loads(self.run(f"curl -s http://127.0.0.1:{8000 + number}/status"))
        online = self.run(f"redis-cli -p {7000 + number} info replication").count("state=online")
        return online == count - 1 and (count == 1 or status["hand_over"]["possible"])

    def wait_until_well(self, count=NODES):
        wait_until(lambda: self.is_well(count), 60, f"{count} nodes, and all agree", interval=0.3)

    def wait_until_stopped(self, number):
        assert self.nodes.pop(number).wait_for_exit(20) == 0


class Writer(Appender):
    """At the master that the sentinels name. What got no answer is written again, so a number may stand there twice."""

    def __init__(self, cluster):
        super().__init__(cluster)
        self.namespace = cluster.terminals.namespace

    def _append(self):
        with entered(self.namespace):
            sentinels = Sentinel([("127.0.0.1", port) for port in (27001, 27002, 27003)], socket_timeout=1)
            client = sentinels.master_for("mymaster", socket_timeout=2)
            while not self._end.wait(0.005):
                try:
                    client.rpush(self.KEY, self.acknowledged)
                except redis.RedisError:
                    continue
                self.acknowledged += 1


def numbers_at(cluster, number):
    return sorted({int(line) for line in cluster.run(f"redis-cli -p {7000 + number} lrange {Writer.KEY} 0 -1").split()})


@pytest.fixture
def make_cluster(workplace):
    return lambda **environment: Cluster(workplace, COLD_START_WAIT="3s", **environment)


def test_a_node_is_added_removed_and_upgraded_while_clients_write(make_cluster):
    """A planned stop loses no acknowledged write."""
    cluster = make_cluster()
    cluster.start([1, 2])
    (node_status, watcher_status, quorum), = commands_in(OPERATIONS, "Is all well?")
    assert "doing" in json.loads(cluster.run(node_status)) and "disagreements" in json.loads(cluster.run(watcher_status))
    assert cluster.run(quorum).startswith("OK")
    _, (ready, role) = commands_in(OPERATIONS, "Add a node")
    (remove,), = commands_in(OPERATIONS, "Remove a node")
    (stop,), (start,), (ready_again,) = commands_in(OPERATIONS, "Upgrade")
    with Writer(cluster) as writer:
        wait_until(lambda: writer.acknowledged > 10, 10, "it writes")
        cluster.start_node(3)
        cluster.wait_until_well(3)
        cluster.run(ready)
        assert cluster.run(role).startswith("slave\n")
        cluster.run(stop)
        cluster.wait_until_stopped(2)
        cluster.start_node(2, start)
        cluster.wait_until_well(3)
        cluster.run(ready_again)
        master = cluster.master()
        cluster.nodes[master].signal(signal.SIGTERM)
        cluster.wait_until_stopped(master)
        cluster.start_node(master)
        cluster.wait_until_well(3)
        cluster.run(remove)
        cluster.wait_until_stopped(3)
        written = writer.acknowledged
        wait_until(lambda: writer.acknowledged > written + 10, 10, "it goes on")
    assert numbers_at(cluster, cluster.master())[:writer.acknowledged] == list(range(writer.acknowledged))


def test_a_backup_is_restored(make_cluster):
    cluster = make_cluster()
    cluster.start()
    cluster.run("redis-cli -p 7001 set kept before")
    wait_until(lambda: cluster.run("redis-cli -p 7002 get kept") == "before\n", 10, "the replica has it")
    (backup,), = commands_in(OPERATIONS, "Back up")
    cluster.run(backup)
    cluster.run("redis-cli -p 7001 set kept since")
    (stop,), move_aside, (on_the_backup,), (append_only, is_there) = commands_in(OPERATIONS, "Restore")
    cluster.run(stop)
    for number in (1, 2, 3):
        cluster.wait_until_stopped(number)
    for command in move_aside:
        cluster.run(command)
    cluster.start_node(1, on_the_backup)
    wait_until(lambda: cluster.run("redis-cli -p 7001 role").startswith("master\n"), 30, "it becomes master", interval=0.3)
    cluster.run(append_only)
    wait_until(lambda: re.search(r"aof_rewrite_in_progress:0.*aof_last_bgrewrite_status:ok", cluster.run(is_there), re.DOTALL), 20,
               "the append-only file is there", interval=0.2)
    for number in (2, 3):
        cluster.start_node(number)
    cluster.wait_until_well()
    cluster.nodes[1].signal(signal.SIGTERM)
    cluster.wait_until_stopped(1)
    cluster.start_node(1)
    cluster.wait_until_well()
    assert [cluster.run(f"redis-cli -p 700{number} get kept") for number in (1, 2, 3)] == ["before\n"] * 3
    assert cluster.master() != 1, "it has handed over"


def test_the_password_is_changed(make_cluster, workplace):
    """Nobody who knows only the old one is let in."""
    secret = workplace.directory / "quick" / "password"
    cluster = make_cluster(REDIS_PASSWORD_FILE=secret)
    secret.write_text("old-password")
    secret.chmod(0o600)
    cluster.password = "old-password"
    cluster.start()
    cluster.run("redis-cli -p 7001 set kept yes")
    (write, stop), stop_the_rest = commands_in(OPERATIONS, "Change the password")
    cluster.terminals.run(write)
    cluster.terminals.run(stop)
    for number in (1, 2, 3):
        cluster.wait_until_stopped(number)
    for number in (1, 2, 3):
        cluster.start_node(number)
    for command in stop_the_rest:
        cluster.terminals.run(command)
    assert [other.wait_for_exit(20) for other in cluster.others] == [0] * 4
    cluster.password = "another-password"
    cluster.start_others()
    cluster.wait_until_well()
    assert cluster.run(f"redis-cli -p {7000 + cluster.master()} get kept") == "yes\n"
    cluster.password = "old-password"
    assert "NOAUTH" in cluster.run("redis-cli -p 7001 get kept")


def test_all_nodes_are_gone_and_come_back(make_cluster):
    cluster = make_cluster()
    cluster.start()
    cluster.run("redis-cli -p 7001 set kept yes")
    cluster.run("redis-cli -p 7001 wait 2 5000")
    for number in (1, 2, 3):
        cluster.nodes[number].kill()
    for number in (3, 2, 1):
        cluster.start_node(number)
    cluster.wait_until_well()
    assert [cluster.run(f"redis-cli -p 700{number} get kept") for number in (1, 2, 3)] == ["yes\n"] * 3


def test_lost_writes_are_looked_into(make_cluster):
    """Written when the others were gone; they were back before the master, and elected another one."""
    cluster = make_cluster()
    cluster.start()
    cluster.run("redis-cli -p 7001 config set min-replicas-to-write 0")
    for number in (2, 3):
        cluster.nodes[number].kill()
    assert cluster.run("redis-cli -p 7001 set lost this") == "OK\n"
    cluster.nodes[1].kill()
    for number in (2, 3):
        cluster.start_node(number)
    wait_until(lambda: cluster.master() in (2, 3), 60, "another one leads", interval=0.3)
    cluster.start_node(1)
    cluster.wait_until_well()
    (look,), = commands_in(OPERATIONS, "Writes were lost")
    cluster.terminals.start(look.replace("data-2", "data-1"))
    wait_until(lambda: cluster.run("redis-cli -p 7009 get lost 2>&1 || true") == "this\n", 20, "it is there", interval=0.3)
    assert cluster.run("redis-cli -p 7001 get lost") == "\n"
