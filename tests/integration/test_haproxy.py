"""Clients that know nothing of Sentinel, behind HAProxy with conf/haproxy.cfg as it is."""

import contextlib
import os
import signal
import threading
import time

import pytest
import redis

from support.cluster import SHIPPED_CONF
from support.haproxy import HAProxy, check_configuration, environment_of
from support.node import Node
from support.sentinel import watched
from support.wait import stays_true, wait_until
from support.writers import interleaved

TOKEN = "secret-of-mine"

# A full copy of so many keys takes some seconds.
KEYS_OF_A_SLOW_COPY, DELAY = 300, 10000  # microseconds for each


class PlainClient(threading.Thread):
    """Appends numbers of its own to one list, through one address, and asks which server has taken each. `accepted` are the writes that
    were answered, as (sent, answered, server), and `numbers` what they wrote; `acknowledged` are those numbers of which a replica
    has said, too, that it has them."""

    KEY, pause = "numbers", 0.005

    def __init__(self, haproxy, first):
        super().__init__(daemon=True)
        self.client, self.number = haproxy.client_at(haproxy.writes), first
        self.accepted, self.numbers, self.acknowledged = [], [], []
        self.longest_pause, self._last, self._end = 0.0, time.monotonic(), threading.Event()

    def run(self):
        while not self._end.wait(self.pause):
            with contextlib.suppress(redis.RedisError):  # it is given up, and the next number is tried
                self.write()
            self.number += 1

    def write(self):
        sent = time.monotonic()
        # On one connection, so all by one server: WAIT is about the writes of its connection.
        with self.client.pipeline(transaction=False) as pipeline:
            _, server, replicas = pipeline.rpush(self.KEY, self.number).info("server").wait(1, 1000).execute()
        now = time.monotonic()
        self.accepted.append((sent, now, server["run_id"]))
        self.numbers.append(self.number)
        if replicas:
            self.acknowledged.append(self.number)
        self.longest_pause, self._last = max(self.longest_pause, now - self._last), now

    def end(self):
        self._end.set()
        self.join()


class PlainClients:
    """Several of them. Use as a context manager."""

    def __init__(self, haproxy, count=4):
        self.clients = [PlainClient(haproxy, first=number * 1_000_000) for number in range(count)]

    def __enter__(self):
        for client in self.clients:
            client.start()
        wait_until(lambda: all(len(client.acknowledged) > 20 for client in self.clients), 10, "all clients write")
        for client in self.clients:
            client.longest_pause = 0.0
        return self

    def __exit__(self, *_):
        for client in self.clients:
            client.end()

    def all_write_to(self, node, seconds=30):
        run_id = node.client.info("server")["run_id"]
        for client in self.clients:
            before = len(client.acknowledged)
            wait_until(lambda: client.accepted[-1][2] == run_id and len(client.acknowledged) > before + 20, seconds,
                       f"a client writes to {node.name}")

    def check(self, master, kept):
        """No node took a write after another one had taken over, and the numbers that each client has in `kept` are there."""
        accepted = [write for client in self.clients for write in client.accepted]
        assert interleaved(accepted) == {}, "two nodes took writes at once"
        assert len({server for *_, server in accepted}) == 2, "both the former and the new master took writes"
        found = {int(number) for number in master.client.lrange(PlainClient.KEY, 0, -1)}
        lost = [number for client in self.clients for number in getattr(client, kept) if number not in found]
        assert not lost, f"{len(lost)} writes are lost, such as {lost[:5]}"
        print(f"a client could not write for {max(client.longest_pause for client in self.clients):.2f} s")


def hand_over(master):
    """It stays as a replica: nothing refuses connections to it, and one that was not cut would lead to a replica for ever."""
    wait_until(lambda: master.post("/handover", token=TOKEN)[0] == 202, 10, "it hands over")


@pytest.mark.parametrize("count", [2, 3, 5])
def test_haproxy_takes_the_configuration_as_it_is(cluster, count):
    told = environment_of([cluster.add() for _ in range(count)])
    said = check_configuration(told)
    assert said.returncode == 0 and "WARNING" not in said.stderr, said.stderr
    for name in told:
        assert check_configuration({**told, name: ""}).returncode != 0, f"an empty {name} would be a node that nobody finds"


def recorded_among(nodes, directory):
    return next((node for node in nodes if directory.record() == node.address and node.is_master()), None)


@pytest.mark.parametrize("leaves, kept", [(Node.stop, "numbers"), (Node.kill, "acknowledged"), (hand_over, "numbers")],
                         ids=["stop", "kill", "hand_over"])
def test_clients_keep_writing_when_the_master_changes_and_two_nodes_never_take_writes(workplace, cluster, leaves, kept):
    """SIGTERM of the master's wrapper, or kill -9 of it and its redis, or POST /handover. Of a crash what a replica has acknowledged
    is there afterwards, else everything. The nodes are configured as shipped, too."""
    cluster.defaults["HTTP_TOKEN"] = TOKEN
    master, replicas, _ = watched(cluster, conf=SHIPPED_CONF.read_text())
    haproxy = HAProxy(workplace, cluster.nodes).start().wait_until_writes_lead_to(master)
    with PlainClients(haproxy) as clients:
        leaves(master)
        new = wait_until(lambda: recorded_among(replicas, cluster.directory), 40, "there is another master")
        clients.all_write_to(new)
    clients.check(new, kept)


class Reader:
    """A client that stays connected."""

    def __init__(self, haproxy, node):
        self.client = haproxy.client_at(haproxy.reads)
        self.connection = self.client.connection_pool.get_connection("PING")
        self.connection.send_command("INFO", "server")
        assert f"tcp_port:{node.port}" in self.connection.read_response()

    def is_cut(self):
        try:
            return self.connection.can_read(0) and self.connection.read_response() is None
        except redis.ConnectionError:
            return True


def reached_until(haproxy, port, is_over):
    """Whom new clients reach, one after the other."""
    reached = []
    wait_until(lambda: reached.append(haproxy.who_answers(port)) or is_over(reached[-1]), 20, "what is waited for happens", interval=0.01)
    return reached


def test_writes_reach_the_master_alone_and_reads_the_replicas_in_sync(workplace, cluster):
    """From the start of haproxy on nobody who wants to write is led to a replica; for reads it has to find out first, in a second.
    Without sentinels and for a minute nobody replaces a master."""
    slow = SHIPPED_CONF.read_text() + f"rdb-key-save-delay {DELAY}\n"
    cluster.defaults["COLD_START_WAIT"] = "60s"
    master, (replica,) = cluster.start(2, conf=slow)
    cluster.wait_until_writable().client.mset({f"key-{number}": "x" for number in range(KEYS_OF_A_SLOW_COPY)})
    late = cluster.add(conf=slow)
    haproxy = HAProxy(workplace, cluster.nodes).start()
    reached = reached_until(haproxy, haproxy.writes, lambda _: haproxy.has_found_down(writes=[replica, late], reads=[master, late]))
    assert set(reached) <= {master, None} and haproxy.who_answers(haproxy.writes) is master

    late.start()
    reached = reached_until(haproxy, haproxy.reads, lambda node: node is late)
    assert set(reached) == {replica, late} and late.status()["in_sync"], "the master is not read"
    assert len(reached) > 10, "its copy took a while"

    replica.kill()
    reader = wait_until(lambda: Reader(haproxy, late), 10, "reads are led to the other one")
    os.kill(late.wrapper_pid, signal.SIGSTOP)
    wait_until(reader.is_cut, 10, "nobody goes on reading from a node that nobody vouches for")
    os.kill(late.wrapper_pid, signal.SIGCONT)
    wait_until(lambda: haproxy.who_answers(haproxy.reads) is late, 10, "reads are let in again")

    master.kill()
    for port, what in ((haproxy.writes, "writes"), (haproxy.reads, "reads")):
        wait_until(lambda: haproxy.who_answers(port) is None, 20, f"no client is let in for {what}")
    stays_true(lambda: haproxy.who_answers(haproxy.writes) is None, 1, "a replica lives, and gets no writes")
