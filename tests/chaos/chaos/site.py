"""Five hosts with the whole suite on them, and the scheduler that starts again what has ended."""

import contextlib
import signal
import subprocess
import time
from collections import Counter

from support.cluster import SHIPPED_CONF, Cluster, shows_itself_as_master
from support.directory import Directory
from support.network import Network
from support.sentinel import settled, start_sentinels
from support.wait import NEVER_SET, wait_until
from support.watcher import start_watchers
from support.zookeeper import Ensemble

from chaos.clients import start_clients
from chaos.judge import disagreement

CONF = SHIPPED_CONF.read_text() + "appendfsync always\nauto-aof-rewrite-min-size 8mb\n"
DISK_MB = 64
HTTP_TOKEN = "only-for-a-test"
NODES_KNOW = {"COLD_START_WAIT": "10s", "ZK_SESSION_TIMEOUT": "4s", "HTTP_TOKEN": HTTP_TOKEN}
SENTINELS_KNOW = {"DOWN_AFTER": "3s", "FAILOVER_TIMEOUT": "6s", "GHOST_TIMEOUT": "10s", "ZK_SESSION_TIMEOUT": "4s"}
# A scheduler waits a little before it starts anew what has ended.
PAUSE_BEFORE_START = 1.0
TO_SETTLE = 90  # a sentinel that was frozen does nothing for 30 s; ghosts are forgotten one after the other
# So begins the sentence that says why a master stops without one.
NO_HAND_OVER = "no hand-over: "
# Nobody but the program itself does that. When its child has crashed, a wrapper ends with a status and not by a signal.
CRASHES = {signal.SIGILL, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGSEGV}


class SmallDisk:
    """A file system of its own, which can be filled. Takes a mount namespace of the caller's own, so that it cannot outlive him."""

    process = None

    def __init__(self, workplace, name):
        self.path = workplace.directory / name
        self.path.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=0700", name, self.path], check=True)
        workplace.add(self)

    def fill(self):
        with contextlib.suppress(OSError), open(self.path / "ballast", "wb", buffering=0) as ballast:
            while ballast.write(bytes(65536)):
                pass

    def empty(self):
        (self.path / "ballast").unlink(missing_ok=True)

    def remove(self):
        subprocess.run(["umount", "--lazy", self.path], check=True)


class Site:
    """The hosts a to e, and on them: nodes on a, b and c; sentinels and ZooKeeper on c, d and e; watchers on a and d; two clients on
    each. So no host has more than one of a kind. The test's own thread is on a host of its own, from which nobody is ever cut off."""

    def __init__(self, workplace, timeline):
        self.workplace, self.timeline, self.ends = workplace, timeline, contextlib.ExitStack()
        self.kept_down, self.ended_at, self.woken, self.complaints, self.recorded = Counter(), {}, [], [], None
        self.disks = {}

    def set_up(self):
        """Whatever comes of it, close() undoes it."""
        self.network = self.ends.enter_context(Network(5))
        self.hosts = dict(zip("abcde", self.network.far))
        a, b, c, d, e = self.network.far
        self.ensemble = Ensemble(self.workplace, (c, d, e), self.network.at).start()
        kazoo = self.ensemble.client(session_timeout=30)
        self.ends.callback(kazoo.close)
        self.ends.callback(kazoo.stop)
        self.directory = Directory(kazoo, "/redis")
        self.cluster = Cluster(self.workplace, self.ensemble.hosts, self.directory, **NODES_KNOW)
        for host in (a, b, c):
            self.add_node(host)
        self.master = self.cluster.wait_until_healthy()[0]
        self.sentinels = self.on_each((c, d, e), start_sentinels, **SENTINELS_KNOW)
        self.watchers = self.on_each((a, d), start_watchers)
        self.parts = [*self.nodes, *self.sentinels, *self.watchers, *self.ensemble.members]
        kazoo.DataWatch(self.directory.path("master"), self.say_the_record)
        self.clients = start_clients(self.network, self.hosts, self.sentinels, self.ensemble, self.directory.path("master"), self.ends)

    def close(self):
        self.ends.close()

    @property
    def nodes(self):
        return self.cluster.nodes

    def add_node(self, host):
        with self.network.at(host):
            disk = SmallDisk(self.workplace, f"disk-{self.letter(host)}")
            node = self.cluster.add(f"node-{self.letter(host)}", host=host, conf=CONF, DATA_DIR=disk.path).start()
        self.disks[node.name] = disk

    def on_each(self, hosts, start, **environment):
        parts = []
        for host in hosts:
            with self.network.at(host):
                parts += start(self.cluster, 1, host=host, **environment)
        return parts

    def letter(self, host):
        return next((letter for letter, address in self.hosts.items() if address == host), "?")

    def who(self, address):
        """The name of the node at this address, for people."""
        return next((node.name for node in self.nodes if node.address == tuple(address)), "{}:{}".format(*address))

    def say_the_record(self, data, _):
        if data:
            host, port = data.decode().split(" ")
            self.recorded = host, int(port)
            self.timeline.say(f"the record names {self.who(self.recorded)}")

    # --- the scheduler ---

    def start(self, part):
        with self.network.at(part.host):
            if part in self.ensemble.members:
                part.start(wait=False)
            else:
                part.start()

    def move(self, node):
        """Its next start is on other ports."""
        with self.network.at(node.host):
            node.move()

    def keep_down(self, *parts):
        """What ends is not started again, before everybody who has said this lets it."""
        self.kept_down.update(part.name for part in parts)

    def let_start(self, *parts):
        self.kept_down.subtract(part.name for part in parts)

    def look_after(self):
        """Starts again what has ended and is not kept down."""
        for part in self.parts:
            if part.process.is_running():
                continue
            if part.name not in self.ended_at:
                self.ended_at[part.name] = time.monotonic()
                self.note_the_end(part)
            if not self.kept_down[part.name] and time.monotonic() - self.ended_at[part.name] >= PAUSE_BEFORE_START:
                del self.ended_at[part.name]
                self.start(part)
                self.timeline.say(f"{part.name} is started again")

    def note_the_end(self, part):
        status = part.process.popen.poll()
        self.timeline.say(f"{part.name} has ended {f'with status {status}' if status >= 0 else f'by signal {-status}'}")
        for line in part.log().splitlines() if part in self.nodes else ():
            if NO_HAND_OVER in line:
                self.timeline.say(f"{part.name}: {line[line.index(NO_HAND_OVER):]}")
        if -status in CRASHES:
            self.complaints.append(f"{part.name} has crashed by signal {-status}")

    def hold(self, seconds):
        """Time passes, which the faults are given to do their worst."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.look_after()
            NEVER_SET.wait(min(0.1, left))

    # --- is all well? ---

    def settle(self):
        """Until all is well, and everybody says so."""
        begun = time.monotonic()
        self.master = wait_until(lambda: self.is_settled(begun), TO_SETTLE, "one master, and everybody agrees", interval=0.3)
        return time.monotonic() - begun

    def is_settled(self, since):
        self.look_after()
        for part in self.parts:
            assert part.process.is_running(), f"{part.name} does not run"
        master = settled(self.cluster, self.sentinels)
        if sentence := disagreement(self.opinions(master)):
            raise AssertionError(sentence)
        assert shows_itself_as_master(master), f"{master.name} does not show itself as master"
        for sentinel in self.sentinels:
            assert len(sentinel.knows()[0]) == 2, f"{sentinel.name} knows ghosts: {sentinel.knows()[0]}"
            assert not sentinel.client.info("sentinel")["sentinel_tilt"], f"{sentinel.name} has stood still and does nothing yet"
        for member in self.ensemble.members:
            assert member.mode(), f"{member.name} does not serve"
        for client in self.clients:
            assert [write for write in client.writes_since(since) if write.is_kept], f"the client {client.name} writes to nobody yet"
        return master

    def opinions(self, master):
        """Who is master, after everybody who has a say or tells it to others."""
        address = lambda pair: "{}:{}".format(*pair) if pair else None
        said = {"the record": address(self.directory.record())}
        for node in self.nodes:
            role = node.role()
            said[node.name] = address(node.address if role == "master" else role[1:3])
        for sentinel in self.sentinels:
            said[sentinel.name] = address(sentinel.names())
        for watcher in self.watchers:
            said[watcher.name] = watcher.json("/master.json")["address"]
        for client in self.clients:
            said[f"the client {client.name}"] = address(client.at)
        return said
