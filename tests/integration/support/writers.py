"""Clients that try to write to every node all the time: the eyes of promise P1."""

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

    def check_one_at_a_time(self):
        """P1: whoever has lost the right to write never takes a write after another one has had it. A node may come
        again only when all in between have ended."""
        for node in self.nodes_that_accepted():
            mine = [(sent, answered) for sent, answered, writer in self.accepted if writer is node]
            first, last = min(answered for _, answered in mine), max(sent for sent, _ in mine)
            others = [writer.name for sent, answered, writer in self.accepted
                      if writer is not node and sent > first and answered < last]
            assert not others, f"while {node.name} accepted writes, so did {set(others)} ({len(others)} times)"
