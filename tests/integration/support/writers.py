"""Clients that write all the time: to every node, the eyes of promise P1, or to one."""

import threading
import time

import redis


class Writers:
    """One thread per node. Notes each accepted write as (sent, answered, node). Use as a context manager."""

    def __init__(self, nodes):
        self.nodes, self.accepted = list(nodes), []
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(node,), daemon=True) for node in self.nodes]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _write(self, node):
        client = node.client
        while not self._end.wait(0.01):
            sent = time.monotonic()
            try:
                client.set("written-by", node.name)
            except redis.RedisError:
                continue
            self.accepted.append((sent, time.monotonic(), node))

    def nodes_that_accepted(self):
        return {node for _, _, node in self.accepted}


def interleaved(accepted):
    """P1: whoever has lost the right to write never takes a write after another one has had it. Of (sent, answered, who): who -> those
    whose writes were surely taken between two of his, one entry for each such write. A write is taken at some moment between when it
    was sent and when it was answered."""
    spans = {}
    for sent, answered, who in accepted:
        first, last = spans.get(who, (answered, sent))
        spans[who] = min(first, answered), max(last, sent)
    found = {one: [who for sent, answered, who in accepted if who != one and sent > first and answered < last]
             for one, (first, last) in spans.items()}
    return {one: others for one, others in found.items() if others}


class Appender:
    """One client that appends 0, 1, 2 ... to a list of `node` until it gets no answer any more; the next number only when the one
    before was acknowledged. Use as a context manager."""

    KEY = "appended"

    def __init__(self, node):
        self.node, self.acknowledged = node, 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._append, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

    def _append(self):
        client = self.node.client
        while not self._end.wait(0.001):
            try:
                client.rpush(self.KEY, self.acknowledged)
            except redis.RedisError:
                return
            self.acknowledged += 1

    def has_all(self, client):
        """True, or an error. The last number may have been written without an answer."""
        found = client.lrange(self.KEY, 0, -1)
        assert found == [str(number) for number in range(len(found))], "each once, and in order"
        assert self.acknowledged <= len(found) <= self.acknowledged + 1, f"{len(found)} of {self.acknowledged}"
        return True
