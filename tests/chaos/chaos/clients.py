"""Clients on every host that write numbers all the time, and keep of each acknowledgement what a judge wants to know."""

import contextlib
import functools
import re
import time
from dataclasses import dataclass

import redis

from support.discovery import ByRecord, BySentinel, Client

REPLICATION_ID = re.compile(rb"master_replid:(\w+)")
PATIENCE = 1.0  # in seconds, for an answer
WAIT_MS = 500


@dataclass(slots=True)
class Write:
    """One that was acknowledged. `tenure` is who took it, and in which time as a master: Redis makes up a new replication id at each
    promotion. `is_kept` means that WAIT 1 was answered with one replica or more. Times are those of time.monotonic()."""

    client: str
    number: int
    sent: float
    answered: float
    tenure: tuple
    is_kept: bool = False


class Link:
    """One connection, never made anew in silence: WAIT on another one than the write's would wait for nothing."""

    def __init__(self, address):
        self.connection = redis.Connection(*address, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
        self.connection.connect()

    def append(self, key, number):
        """One transaction, so that what it says of the master is true in the moment of the write. The replication id."""
        self.send(("MULTI",), ("RPUSH", key, number), ("INFO", "replication"), ("EXEC",))
        for _ in range(3):
            self.connection.read_response()
        _, about = self.connection.read_response()
        return REPLICATION_ID.search(about).group(1).decode()

    def wait(self):
        """By how many replicas what was written before has been acknowledged."""
        self.send(("WAIT", 1, WAIT_MS))
        return self.connection.read_response()

    def send(self, *commands):
        self.connection.send_packed_command(self.connection.pack_commands(commands))

    def close(self):
        self.connection.disconnect()


class Recorder(Client):
    """Every second number is followed by WAIT 1. `find` is called in the thread of the client, with the stack on which to leave what has
    to be closed at its end; all that happens inside of `place()`."""

    pace = 0.04

    def __init__(self, name, find, place=contextlib.nullcontext):
        super().__init__(None, key=f"numbers-{name}")
        self.name, self.make_find, self.place, self.writes = name, find, place, []

    def _append(self):
        with self.place(), contextlib.ExitStack() as ends:
            self.find = self.make_find(ends)
            super()._append()

    def connect(self, address):
        return Link(address)

    def write(self, master, address, number):
        try:
            sent = time.monotonic()
            replication_id = master.append(self.key, number)
            write = Write(self.name, number, sent, time.monotonic(), (*address, replication_id))
            self.writes.append(write)
            self.note(address, number)
            write.is_kept = number % 2 == 1 and master.wait() > 0
        except redis.RedisError:
            master.close()
            raise

    def writes_since(self, moment):
        """That were answered since then, in this order."""
        recent = []
        for write in reversed(self.writes):
            if write.answered < moment:
                break
            recent.append(write)
        return recent[::-1]


def by_sentinel(sentinels):
    return lambda ends: BySentinel(sentinels)


def by_record(ensemble, path):
    def find(ends):
        client = ensemble.client(session_timeout=6)
        ends.callback(client.close)
        ends.callback(client.stop)
        return ByRecord(client, path)
    return find


def start_clients(network, hosts, sentinels, ensemble, path, ends):
    """One of each kind on each host, until `ends` ends. `hosts` is their names -> their addresses."""
    clients = []
    for letter, host in hosts.items():
        for kind, find in (("sentinel", by_sentinel(sentinels)), ("record", by_record(ensemble, path))):
            clients.append(Recorder(f"{letter}-{kind}", find, functools.partial(network.at, host)))
    for client in clients:
        ends.enter_context(client)
    return clients
