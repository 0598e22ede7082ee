"""What can be done to a site. Each fault is struck, lasts, and is healed; it says which hosts and which nodes it hurts meanwhile."""

import contextlib
import os
import signal
import time

from support.network import Way, both_ways, ways_to_a_port
from support.processes import children_of
from support.wait import wait_until

from chaos.site import HTTP_TOKEN


class Target:
    """Whom a fault hits, by its role at that moment, so that the same seed hurts the same one whatever happened before."""

    def __init__(self, role, number=0):
        self.role, self.number = role, number

    def __str__(self):
        return self.role

    def find(self, site):
        if self.role == "the master":
            return recorded(site)
        if self.role == "a replica":
            others = [node for node in site.nodes if node is not recorded(site)]
            return others[self.number % len(others)]
        if self.role == "ZooKeeper's leader":
            return next((member for member in site.ensemble.members if mode(member) == "leader"), site.ensemble.members[0])
        kind = {"a sentinel": site.sentinels, "a watcher": site.watchers, "a ZooKeeper server": site.ensemble.members}[self.role]
        return kind[self.number % len(kind)]


def recorded(site):
    """As far as we have heard: ZooKeeper may be what was just hurt."""
    return next((node for node in site.nodes if node.address == site.recorded), site.master)


def mode(member):
    with contextlib.suppress(OSError):
        return member.mode()


class Fault:
    """`hosts` are those that it hurts, and `nodes` the hosts of the nodes that the others have to do without; known once it was struck.
    One that `is_planned` loses nothing."""

    is_planned = False
    freezes_a_wrapper = False

    def __init__(self, target):
        self.target, self.hosts, self.nodes, self.part = target, set(), set(), None

    def strike(self, site):
        self.part = self.target.find(site)
        self.hosts = {self.part.host}
        self.nodes = self.hosts & {node.host for node in self.hurt_nodes(site)}
        site.timeline.say(f"  strike: {self} ({self.part.name})")
        self.hit(site)

    def heal(self, site):
        site.timeline.say(f"  heal: {self} ({self.part.name})")
        self.undo(site)

    def hurt_nodes(self, site):
        return [node for node in site.nodes if node is self.part]


class OnHost(Fault):
    """On all that runs there, whatever its target is."""

    def hurt_nodes(self, site):
        return site.nodes


class Cut(OnHost):
    """Nothing passes on some ways."""

    WHAT = {"all": "cut off from all", "zookeeper": "cut off from ZooKeeper", "sentinels": "cut off from the sentinels",
            "deaf": "hears nobody, and is heard", "mute": "is heard by nobody, and hears", "one": "cut off from one other node"}

    def __init__(self, target, kind):
        super().__init__(target)
        self.kind = kind

    def __str__(self):
        return f"the host of {self.target} {self.WHAT[self.kind]}"

    def hit(self, site):
        self.ways = getattr(self, f"ways_{self.kind}")(site, self.part.host)
        site.network.cut(self.ways)

    def undo(self, site):
        site.network.mend(self.ways)

    def ways_all(self, site, host):
        return [way for other in others(site, host) for way in both_ways(host, other)]

    def ways_deaf(self, site, host):
        return [Way(other, host) for other in others(site, host)]

    def ways_mute(self, site, host):
        return [Way(host, other) for other in others(site, host)]

    def ways_one(self, site, host):
        partners = [node.host for node in site.nodes if node.host != host]
        return both_ways(host, partners[self.target.number % len(partners)])

    def ways_zookeeper(self, site, host):
        """A server on this very host loses the others, and serves nobody."""
        ways = []
        for member in site.ensemble.members:
            for port in (member.port, *member.peer_ports):
                clients = others(site, host) if member.host == host else [host]
                ways += [way for client in clients for way in ways_to_a_port(client, member.host, port)]
        return ways

    def ways_sentinels(self, site, host):
        """Of all sentinels on other hosts. One that shares its host with a node still reaches this one's redis-server, by the port that
        replicas use too."""
        ways, nodes = [], {node.host: node for node in site.nodes}
        for sentinel in site.sentinels:
            if sentinel.host != host:
                ways += ways_to_a_port(host, sentinel.host, sentinel.port)
                if host in nodes and sentinel.host not in nodes:
                    ways += ways_to_a_port(sentinel.host, host, nodes[host].port)
        return ways


def others(site, host):
    return [other for other in site.network.far if other != host]


def send(pids, number):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


class OnProcesses(Fault):
    """`which` is "wrapper", "child" or "both"; only nodes and sentinels have a child."""

    def __init__(self, target, which="wrapper"):
        super().__init__(target)
        self.which = which

    def name(self):
        if self.target.role not in ("the master", "a replica", "a sentinel"):
            return str(self.target)
        kind = "sentinel" if "sentinel" in self.target.role else "redis"
        return {"wrapper": f"the wrapper of {self.target}", "child": f"the {kind} of {self.target}",
                "both": f"{self.target}, {kind} and wrapper"}[self.which]

    def pids(self):
        own, children = self.part.process.pid, children_of(self.part.process.pid)
        return {"wrapper": [own], "child": children, "both": [*children, own]}[self.which]


class Kill(OnProcesses):
    """Kill -9. It comes back when the fault is healed, maybe on other ports."""

    def __init__(self, target, which="wrapper", moves=False):
        super().__init__(target, which)
        self.moves = moves

    def __str__(self):
        return f"kill -9 of {self.name()}" + (", which moves" if self.moves else "")

    def hit(self, site):
        site.keep_down(self.part)
        if self.part.process.is_running():
            send(self.pids(), signal.SIGKILL)

    def undo(self, site):
        if self.moves and not self.part.process.is_running():
            site.move(self.part)
        site.let_start(self.part)


class Freeze(OnProcesses):
    """SIGSTOP, and SIGCONT when it is healed."""

    @property
    def freezes_a_wrapper(self):
        return self.which != "child" and self.target.role in ("the master", "a replica")

    def __str__(self):
        return f"{self.name()} frozen"

    def hit(self, site):
        self.stopped = self.pids() if self.part.process.is_running() else []
        send(self.stopped, signal.SIGSTOP)

    def undo(self, site):
        send(self.stopped, signal.SIGCONT)
        if self.part in site.nodes and self.which != "wrapper":
            site.woken.append((*self.part.address, time.monotonic()))


class Stop(OnProcesses):
    """SIGTERM, as a scheduler stops a task; started again when it is healed, maybe on other ports."""

    is_planned = True

    def __init__(self, target, moves=False):
        super().__init__(target)
        self.moves = moves

    def __str__(self):
        return f"SIGTERM to {self.name()}" + (", which moves" if self.moves else "")

    def hit(self, site):
        site.keep_down(self.part)
        self.process = self.part.process
        self.process.signal(signal.SIGTERM)

    def undo(self, site):
        """One that another fault has frozen never ends by itself: a scheduler kills it when its patience is at its end."""
        if self.process.is_frozen():
            self.process.signal(signal.SIGKILL)
        self.process.wait_for_exit(20)
        if self.moves and not self.part.process.is_running():
            site.move(self.part)
        site.let_start(self.part)


class DiskFull(Fault):
    """Of the data directory of a node."""

    def __str__(self):
        return f"the disk of {self.target} full"

    def hit(self, site):
        site.disks[self.part.name].fill()

    def undo(self, site):
        site.disks[self.part.name].empty()


class HandOver(Fault):
    """As an operator asks for it, at a master that stays."""

    is_planned = True

    def __str__(self):
        return f"POST /handover at {self.target}"

    def hit(self, site):
        self.hosts = self.nodes = set()
        try:
            code, body = self.part.post("/handover", HTTP_TOKEN)
            answer = f"{code} {body.strip()}"
        except OSError as error:  # another fault may have hit it before
            answer = error
        site.timeline.say(f"{self.part.name} answers {answer}")

    def undo(self, site):
        pass


class OnAllOfAHost(OnHost):
    def hit(self, site):
        self.parts = [part for part in site.parts if part.host == self.part.host]
        self.pids = [pid for part in self.parts for pid in (part.process.pid, *children_of(part.process.pid)) if part.process.is_running()]
        self.hit_all(site)


class LoseHost(OnAllOfAHost):
    """Its processes die at once."""

    def __str__(self):
        return f"kill -9 of all on the host of {self.target}"

    def hit_all(self, site):
        site.keep_down(*self.parts)
        send(self.pids, signal.SIGKILL)

    def undo(self, site):
        site.let_start(*self.parts)


class FreezeHost(OnAllOfAHost):
    """As a virtual machine that is suspended."""

    freezes_a_wrapper = True

    def __str__(self):
        return f"all on the host of {self.target} frozen"

    def hit_all(self, site):
        send(self.pids, signal.SIGSTOP)

    def undo(self, site):
        send(self.pids, signal.SIGCONT)
        for node in site.nodes:
            if node in self.parts:
                site.woken.append((*node.address, time.monotonic()))


class OnAll(Fault):
    """All parts of one kind: "nodes", "sentinels", "watchers" or "ZooKeeper servers"."""

    def __init__(self, kind="nodes"):
        super().__init__(None)
        self.kind = kind

    def strike(self, site):
        self.parts = {"nodes": site.nodes, "sentinels": site.sentinels, "watchers": site.watchers,
                      "ZooKeeper servers": site.ensemble.members}[self.kind]
        self.hosts = {part.host for part in self.parts}
        self.nodes = self.hosts if self.kind == "nodes" else set()
        site.timeline.say(f"  strike: {self}")
        self.hit(site)

    def heal(self, site):
        site.timeline.say(f"  heal: {self}")
        self.undo(site)

    def undo(self, site):
        site.let_start(*self.parts)


class KillAll(OnAll):
    def __str__(self):
        return f"kill -9 of all {self.kind} at once"

    def hit(self, site):
        site.keep_down(*self.parts)
        send([part.process.pid for part in self.parts if part.process.is_running()], signal.SIGKILL)


class StopAll(OnAll):
    def __str__(self):
        return f"SIGTERM to all {self.kind} at once"

    def hit(self, site):
        site.keep_down(*self.parts)
        for part in self.parts:
            part.process.signal(signal.SIGTERM)
        for part in self.parts:
            part.process.wait_for_exit(15)


class RollingRestart(OnAll):
    """The next one only when the one before is ready, as schedulers do it."""

    is_planned = True

    def __str__(self):
        return "a rolling restart of all nodes"

    def hit(self, site):
        self.hosts = self.nodes = set()
        for node in self.parts:
            site.keep_down(node)
            node.process.signal(signal.SIGTERM)
            node.process.wait_for_exit(20)
            site.let_start(node)
            wait_until(lambda: self.is_ready(site, node), 60, f"{node.name} is ready")

    def is_ready(self, site, node):
        site.look_after()
        return node.process.is_running() and node.get("/readiness")[0] == 200

    def undo(self, site):
        pass
