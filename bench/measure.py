"""Instruments of bench/processes and bench/failover."""

import collections
import select
import socket
import struct
import threading

# Of the requests that the ZooKeeper client sends; zookeeper/proto.h has the others.
REQUESTS = {1: "create", 2: "delete", 3: "exists", 4: "getData", 5: "setData", 8: "getChildren", 9: "sync", 11: "ping",
            12: "getChildren2", 14: "multi", -11: "closeSession", 100: "setAuth", 101: "setWatches"}


class Table:
    """What was measured, line by line, as it comes."""

    def __init__(self):
        self.missed = 0
        self.row("WHAT", "MEASURED", "GOAL", "")

    def row(self, what, measured, goal, verdict):
        print(f"{what:<66}{measured:>14}  {goal:<22}{verdict}", flush=True)

    def add(self, what, value, unit, goal=None, is_least=False):
        """`goal` is the most that is allowed, or the least; without one the number is only told."""
        measured = f"{value:.3g} {unit}" if isinstance(value, float) else f"{value} {unit}"
        missed = goal is not None and (value < goal if is_least else value > goal)
        self.missed += missed
        self.row(what, measured.strip(), "" if goal is None else f"at {'least' if is_least else 'most'} {goal:g} {unit}".strip(),
                 "" if goal is None else "MISSED" if missed else "met")


class Counter:
    """Stands between the nodes and ZooKeeper, and counts their requests by kind. A frame is its length, then a request
    its number and its kind; the first frame of a connection is the handshake and has neither."""

    def __init__(self, target):
        self.target, self.counts, self.running = target, collections.Counter(), True
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        peers, unread, greeted = {}, {}, set()
        while self.running:
            for ready in select.select([self.server, *peers], [], [], 0.1)[0]:
                if ready is self.server:
                    client, _ = self.server.accept()
                    server = socket.create_connection(self.target)
                    peers[client], peers[server], unread[client] = server, client, b""
                    continue
                peer = peers.get(ready)
                data = self._receive(ready) if peer else b""
                if not data:
                    for end in filter(None, (ready, peer)):
                        peers.pop(end, None)
                        end.close()
                    continue
                peer.sendall(data)
                if ready in unread:
                    unread[ready] = self._count(ready, unread[ready] + data, greeted)
        for end in (self.server, *peers):
            end.close()

    @staticmethod
    def _receive(end):
        try:
            return end.recv(65536)
        except OSError:
            return b""

    def _count(self, client, data, greeted):
        while len(data) >= 4 and len(data) >= 4 + (length := struct.unpack(">i", data[:4])[0]):
            if client in greeted:
                kind = struct.unpack(">i", data[8:12])[0]
                self.counts[REQUESTS.get(kind, f"request {kind}")] += 1
            greeted.add(client)
            data = data[4 + length:]
        return data

    def remove(self):
        self.running = False
        self.thread.join(5)
