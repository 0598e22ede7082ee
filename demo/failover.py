"""What happens between the death of a master and the first write that is accepted again, as each part sees it: what the
sentinels publish, what the watchers have heard, what the wrappers of the nodes say in their logs, what ZooKeeper tells, a client
that watches the record, and a client of each node that tries to write all the time."""

import json
import re
import threading
import time
from datetime import datetime

import redis
from kazoo.client import KazooClient

from parts import DOWN_AFTER, MASTER_NAME, NotInTime, wait_until

PAUSE_OF_THE_CLIENT = 0.002

# The sentences of the story, in their usual order. Before each stands who saw or did it.
GONE = "its redis-server is gone with its wrapper"
MISSED = "its wrapper misses the master, and leaves it to the sentinels to choose another"
DOWN = f"is the first to find the master down (DOWN_AFTER is {DOWN_AFTER} here)"
HEARD = "hears of it from its sentinel, and looks all the time"
AGREED = "has a quorum that agrees"
ELECTED = "is elected to replace it"
PROMOTED = "has sent REPLICAOF NO ONE to a replica"
CLOSED = "its wrapper sees that it was promoted, and keeps it closed until it is recorded"
SEEN = "is the first to name the new master to clients"
NAMED = "the majority names the new master to clients"
RECORDED = "has written the record in ZooKeeper"
READ = "that watches the record sees it"
OPENED = "its wrapper opens it for writes"
WRITTEN = "takes the first write"
STEPS = (GONE, MISSED, DOWN, HEARD, AGREED, ELECTED, PROMOTED, CLOSED, SEEN, NAMED, RECORDED, READ, OPENED, WRITTEN)
# What is known afterwards only: watchers and wrappers are asked when the rest has happened, so that asking changes nothing.
ASKED_FOR = (MISSED, HEARD, CLOSED, OPENED)

# What a sentinel publishes, and about what.
EVENTS = {("+sdown", "master"): DOWN, ("+odown", "master"): AGREED, ("+elected-leader", "master"): ELECTED,
          ("+failover-state-wait-promotion", "slave"): PROMOTED}


# A line of a wrapper: when, how important, what. What its server says comes through it, too.
LINE = re.compile(r"(\S+Z) +\w+ +(redis-server: )?(.*)")


def seconds_since(time_of_utc):
    """By the clock of this host."""
    return time.time() - datetime.fromisoformat(time_of_utc.replace("Z", "+00:00")).timestamp()


class FailOver:
    """Watches while it is entered; the kill of `old`, the master, begins the story. Whoever takes part has a name, a host and a
    port; a node has kill() and log(), and a watcher status() and events(). The integration tests and bench/failover measure with it."""

    def __init__(self, old, nodes, sentinels, watchers, zk_hosts, root="/redis"):
        self.old, self.nodes, self.sentinels, self.watchers, self.root = old, nodes, sentinels, watchers, root
        self.killed_at, self.times = None, {}
        self.listening, self.naming, self.has_written = set(), set(), False
        self.mutex, self.stopping = threading.Lock(), threading.Event()
        self.zookeeper = KazooClient(hosts=zk_hosts)
        self.threads = [threading.Thread(target=self.write, args=(node,)) for node in nodes]
        self.threads += [threading.Thread(target=self.listen, args=(sentinel,)) for sentinel in sentinels]

    def __enter__(self):
        try:
            self.begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            if thread.is_alive():
                thread.join()
        self.zookeeper.stop()
        self.zookeeper.close()

    def begin(self):
        self.zookeeper.start(timeout=10)
        self.zookeeper.DataWatch(f"{self.root}/master", self.recorded)
        for thread in self.threads:
            thread.start()
        wait_until(lambda: len(self.listening) == len(self.sentinels) and self.has_written, 10,
                   "every sentinel is listened to, and the client writes to the master")

    def kill(self):
        """Kill -9 of the wrapper alone, and until its redis-server is gone too."""
        with self.mutex:
            self.killed_at = time.monotonic()
        self.old.kill()
        self.happened(GONE, self.old.name)

    def wait(self, seconds):
        """The steps, the first first: (seconds since the kill, who, what)."""
        missing = lambda: [step for step in STEPS if step not in self.times]
        is_known = lambda: set(missing()) <= set(ASKED_FOR) and (self.ask() or not missing())
        try:
            wait_until(is_known, seconds, "", interval=0.1)
        except NotInTime:
            raise NotInTime(f"not within {seconds} s of the kill: {'; '.join(missing())}") from None
        return sorted((*self.times[step], step) for step in STEPS)

    def happened(self, step, who, seconds_ago=0.0):
        """The first time counts, and nothing that is older than the kill."""
        at = time.monotonic() - seconds_ago
        with self.mutex:
            if self.killed_at is not None and at >= self.killed_at:
                self.times[step] = min(self.times.get(step, (at, "")), (at - self.killed_at, who))

    def recorded(self, data, stat):
        """ZooKeeper says when, by the clock of this host; its news may come later than the first write."""
        if data is not None and data.decode() != f"{self.old.host} {self.old.port}":
            self.happened(READ, "a client")
            self.happened(RECORDED, self.writer_of_the_record(), time.time() - stat.mtime / 1000)

    def writer_of_the_record(self):
        """A node signs with its address, a watcher with its id."""
        by = json.loads(self.zookeeper.get(f"{self.root}/term")[0])["by"]
        for node in self.nodes:
            if by.endswith(f" at {node.host}:{node.port}"):
                return node.name
        for watcher in self.watchers:
            if (watcher.status() or {}).get("id") == by:
                return watcher.name
        return by

    def ask(self):
        for watcher in self.watchers:
            self.ask_watcher(watcher)
        for node in self.nodes:
            if node is not self.old:
                self.ask_wrapper(node)

    def ask_watcher(self, watcher):
        """It keeps what it has heard."""
        for event in watcher.events():
            if event["words"][:2] == ["master", MASTER_NAME] or event["event"] == "+new-epoch":
                self.happened(HEARD, watcher.name, seconds_since(event["at"]))

    def ask_wrapper(self, node):
        """Its log says each thing that it does, and what it waits for."""
        is_promoted = False
        for at, of_server, text in LINE.findall(node.log()):
            seconds_ago = seconds_since(at)
            if seconds_ago > time.monotonic() - self.killed_at:
                continue
            if of_server:
                is_promoted = is_promoted or "MASTER MODE enabled" in text
            elif is_promoted:
                self.happened(OPENED if text.startswith("open for writes") else CLOSED, node.name, seconds_ago)
            elif text.startswith("wait: "):
                self.happened(MISSED, node.name, seconds_ago)

    def write(self, node):
        while not self.stopping.is_set():
            try:
                with redis.Redis(node.host, node.port, socket_timeout=1) as client:
                    while not self.stopping.wait(PAUSE_OF_THE_CLIENT):
                        client.set("written-by-the-demo", time.time())
                        self.accepted(node)
            except redis.RedisError:  # down, a replica, or closed
                self.stopping.wait(PAUSE_OF_THE_CLIENT)

    def accepted(self, node):
        self.has_written = True
        if node is not self.old:
            self.happened(WRITTEN, node.name)

    def listen(self, sentinel):
        with redis.Redis(sentinel.host, sentinel.port, decode_responses=True) as client, client.pubsub() as events:
            events.psubscribe("*")
            while not self.stopping.is_set():
                message = events.get_message(timeout=0.1)
                if message and message["type"] == "psubscribe":
                    self.listening.add(sentinel.name)
                if message and message["type"] == "pmessage":
                    self.heard(sentinel, message["channel"], message["data"].split())

    def heard(self, sentinel, event, words):
        if step := EVENTS.get((event, words[0])):
            self.happened(step, sentinel.name)
        # Who leads the fail-over names the new master when it has seen it, or was told by its wrapper; the others since they have heard.
        if event in ("+promoted-slave", "+switch-master"):
            self.happened(SEEN, sentinel.name)
            self.naming.add(sentinel.name)
            if len(self.naming) > len(self.sentinels) // 2:
                self.happened(NAMED, "sentinels")
