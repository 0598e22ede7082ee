"""Instruments of bench/processes."""

import collections
import select
import socket
import struct
import threading
import time
from pathlib import Path

# Of the requests that the ZooKeeper client sends; zookeeper/proto.h has the others.
REQUESTS = {1: "create", 2: "delete", 3: "exists", 4: "getData", 5: "setData", 8: "getChildren", 9: "sync", 11: "ping",
            12: "getChildren2", 14: "multi", -11: "closeSession", 100: "setAuth", 101: "setWatches"}


def memory_mb(pid, field="VmRSS"):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"no {field} of {pid}")


def cpu_seconds(pid):
    """On the processor, in nanoseconds of the scheduler: /proc/<pid>/stat counts in steps of 10 ms."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


class Talk:
    """A Redis connection that is made anew whenever it breaks, and never throws."""

    def __init__(self, host, port):
        self.address, self.socket = (host, port), None

    def ask(self, command):
        """The raw answer, None while nobody answers. For answers that come in one piece."""
        try:
            if self.socket is None:
                self.socket = socket.create_connection(self.address, timeout=2)
            self.socket.sendall(command.encode() + b"\r\n")
            answer = self.socket.recv(4096)
        except OSError:
            answer = b""
        if not answer:
            self.close()
        return answer.decode() or None

    def role(self):
        """"master", or ("slave", host, port, link), or None."""
        answer = self.ask("ROLE")
        if not answer or not answer.startswith("*"):
            return None
        words = [word for word in answer.split("\r\n")[1:] if not word.startswith("$")]
        return "master" if words[0] == "master" else ("slave", words[1], int(words[2].lstrip(":")), words[3])

    def close(self):
        if self.socket is not None:
            self.socket.close()
        self.socket = None


def seconds_to_pong(start, host, port):
    """From just before `start()` to the first PONG at a TCP port."""
    began, talk = time.monotonic(), Talk(host, port)
    start()
    while not (talk.ask("PING") or "").startswith("+PONG"):
        if time.monotonic() - began > 20:
            raise TimeoutError(f"no PONG at {host}:{port}")
        time.sleep(0.0002)
    talk.close()
    return time.monotonic() - began


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
