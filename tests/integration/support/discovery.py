"""Clients that write all the time to whoever is master, found as applications find it, and what became of their writes."""

import threading
import time

import redis
import redis.sentinel

from support.wait import wait_until

KEY = "numbers"


class BySentinel:
    """Asks the sentinels, as redis-py, Jedis and ioredis do."""

    def __init__(self, sentinels, master_name="mymaster"):
        addresses = [(one.host, one.port) for one in sentinels]
        self.finder, self.master_name = redis.sentinel.Sentinel(addresses, socket_timeout=1), master_name

    def __call__(self):
        return self.finder.discover_master(self.master_name)


class ByRecord:
    """Watches the record in ZooKeeper, as clients without support for Sentinel do."""

    def __init__(self, zookeeper, path):
        self.address = None
        zookeeper.DataWatch(path, self._changed)

    def _changed(self, data, stat):
        if data:
            host, port = data.decode().split(" ")
            self.address = host, int(port)

    def __call__(self):
        if self.address is None:
            raise redis.ConnectionError("nobody is recorded")
        return self.address


class Client:
    """Appends 0, 1, 2 ... to a list at the master, and notes what was acknowledged. What gets no answer is given up, and the next
    number is tried at whom `find` names then. Use as a context manager."""

    pace = 0.002

    def __init__(self, find, key=KEY, patience=5):
        """`patience`: the seconds for which it waits for an answer."""
        self.find, self.key, self.patience = find, key, patience
        self.acknowledged, self.at, self.longest_pause = [], None, 0.0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._append, daemon=True)

    def __enter__(self):
        self._thread.start()
        wait_until(lambda: len(self.acknowledged) > 20, 10, "the client writes")
        self.longest_pause = 0.0
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

    def _append(self):
        master, address, number = None, None, 0
        self._last = time.monotonic()
        while not self._end.wait(self.pace):
            try:
                if master is None:
                    address = tuple(self.find())
                    master = self.connect(address)
                self.write(master, address, number)
            except redis.RedisError:
                master = None
            number += 1

    def connect(self, address):
        return redis.Redis(*address, socket_timeout=self.patience, socket_connect_timeout=1)

    def write(self, master, address, number):
        master.rpush(self.key, number)
        self.note(address, number)

    def note(self, address, number):
        """It was acknowledged."""
        self.acknowledged.append(number)
        self.at, now = address, time.monotonic()
        self.longest_pause, self._last = max(self.longest_pause, now - self._last), now

    def writes_at(self, node):
        count = len(self.acknowledged)
        wait_until(lambda: self.at == node.address and len(self.acknowledged) > count + 20, 20, f"the client writes to {node.name}")

    def lost(self, master):
        """The acknowledged numbers that this node does not have."""
        found = {int(number) for number in master.client.lrange(self.key, 0, -1)}
        return [number for number in self.acknowledged if number not in found]

    def check(self, master):
        lost = self.lost(master)
        assert not lost, f"{len(lost)} of {len(self.acknowledged)} acknowledged writes are lost, such as {lost[:5]}"
