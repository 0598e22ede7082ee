"""A client that knows nothing of Sentinel: it watches /redis/master in ZooKeeper and connects to whom that names."""

import threading
import time

import redis

from support.forwarder import Forwarder
from support.sentinel import settled, watched
from support.wait import wait_until
from support.watcher import start_watchers, wait_until_all_listen

FAIL_OVERS = 10


class FollowsTheRecord:
    """Thirty lines, as a user would write them: redis-py, and kazoo's DataWatch. Writes a growing number all the time."""

    def __init__(self, zookeeper, path):
        self.address, self.client, self.number, self.written_to, self.connections = None, None, 0, None, 0
        self.longest_pause, self._last_write, self._end = 0, None, threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)
        zookeeper.DataWatch(path, self._changed)

    def _changed(self, data, stat):
        if data:
            host, port = data.decode().split(" ")
            self.address = host, int(port)
        return not self._end.is_set()

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

    def _write(self):
        connected_to = None
        while not self._end.wait(0.005):
            address = self.address
            if address is None:
                continue
            if address != connected_to:
                self.client = redis.Redis(*address, socket_timeout=1, socket_connect_timeout=1, decode_responses=True)
                connected_to, self.connections = address, self.connections + 1
            try:
                self.client.set("number", self.number + 1)
            except redis.RedisError:
                continue
            now = time.monotonic()
            self.longest_pause = max(self.longest_pause, now - (self._last_write or now))
            self.number, self.written_to, self._last_write = self.number + 1, address, now

    def pause(self):
        """The longest time without a write since the last call, in seconds."""
        longest, self.longest_pause = self.longest_pause, 0
        return longest


def test_a_client_without_sentinel_support_writes_through_ten_fail_overs(workplace, cluster, directory, zookeeper):
    """P3, P4. It reconnects each time, to the node that the record names, and what it writes is there. No node can reach ZooKeeper
    until a watcher has written the record. With a DOWN_AFTER of 1 s Sentinel at times takes a new master for dead before it is
    connected to it, when the machine is busy, and fails over again."""
    link = Forwarder(workplace, (zookeeper.host, zookeeper.port))
    master, _, sentinels = watched(cluster, nodes_know={"ZK_HOSTS": link.hosts}, DOWN_AFTER="2s")
    watchers = start_watchers(cluster)
    wait_until_all_listen(watchers)
    kazoo = zookeeper.client()
    pauses = []
    try:
        with FollowsTheRecord(kazoo, directory.path("master")) as client:
            for number in range(1, FAIL_OVERS + 1):
                wait_until(lambda: client.written_to == master.address, 20, f"it writes to {master.name}")
                client.pause()
                old, written, connections = master, client.number, client.connections
                link.cut()
                old.kill()
                wait_until(lambda: directory.record() != old.address, 30, f"a watcher records the new master of {number}")
                assert directory.json("term")["by"].startswith("watcher ")
                link.mend()
                wait_until(lambda: client.number > written + 10 and client.written_to != old.address, 30, f"it writes again after {number}")
                assert client.written_to == directory.record() and client.connections > connections
                pauses.append(client.pause())
                old.start()
                master = wait_until(lambda: settled(cluster, sentinels), 40, f"all is well again after {number}")
            wait_until(lambda: client.written_to == master.address, 20, "it writes to the last master")
        assert int(master.client.get("number")) == client.number
    finally:
        kazoo.stop()
        kazoo.close()
    print("\nseconds without a write, for each fail-over: " + ", ".join(f"{pause:.1f}" for pause in pauses))
    assert len(pauses) == FAIL_OVERS and directory.term() > FAIL_OVERS
