"""Hosts on a bridge, with ways between them that a test can cut, in network namespaces that end with the test. Whatever the test's own
thread starts or opens is on the near host, or on another one inside `with network.at(host):`. Takes root, and iproute2."""

import contextlib
import ctypes
import os
import subprocess
from collections import Counter
from dataclasses import dataclass

from support.processes import LIBC

CLONE_NEWNET = 0x40000000
# The kernel delivers to its own addresses by a rule that comes first. Ours have to come before it.
CUTS, OWN_ADDRESSES = 10, 100


def must(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what} is refused; it takes root")


def namespace():
    """Of this thread, and of what it starts."""
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY)


@contextlib.contextmanager
def entered(path):
    """The network of this file of a process, as in /proc/<pid>/ns/net, for this thread alone."""
    before, other = namespace(), os.open(path, os.O_RDONLY)
    try:
        must(LIBC.setns(other, CLONE_NEWNET), path)
        yield
    finally:
        must(LIBC.setns(before, CLONE_NEWNET), "the way back")
        os.close(before)
        os.close(other)


@dataclass(frozen=True)
class Way:
    """What goes from one host to another: all of it, or what comes from or goes to one TCP port."""

    source: str
    target: str
    port: int = None
    side: str = "dport"

    def rule(self):
        what = f" ipproto tcp {self.side} {self.port}" if self.port else ""
        return f"pref {CUTS} from {self.source}{what} blackhole"


def both_ways(one, other):
    return [Way(one, other), Way(other, one)]


def ways_to_a_port(client, server, port):
    """What a client and a server say to each other over it, in both directions."""
    return [Way(client, server, port), Way(server, client, port, "sport")]


class Network:
    """Each host has an address on which it can be cut off, and one on which it cannot, for what has to stay reachable. The near host is
    the first; `far` are the addresses of the others, whose interface is called `device`."""

    NEAR, FAR = "10.77.0.1", "10.77.0.2"
    ALWAYS_NEAR, ALWAYS_FAR = "10.77.1.1", "10.77.1.2"

    def __init__(self, others=1, device="net"):
        self.device, self.far = device, [f"10.77.0.{number}" for number in range(2, 2 + others)]
        self._home, self._namespaces, self._cuts = namespace(), {}, Counter()

    def __enter__(self):
        self._add(self.NEAR)
        self._ip(self.NEAR, "link add hub type bridge", "link set hub up", *self._addresses(self.NEAR, "hub"))
        for number, host in enumerate(self.far):
            self._add(host)
            self._ip(self.NEAR, f"link add port{number} type veth peer name {self.device} netns /proc/self/fd/{self._namespaces[host]}",
                     f"link set port{number} master hub up")
            self._ip(host, f"link set {self.device} up", *self._addresses(host, self.device))
        must(LIBC.setns(self._namespaces[self.NEAR], CLONE_NEWNET), "the near host")
        return self

    def __exit__(self, *_):
        must(LIBC.setns(self._home, CLONE_NEWNET), "the way home")
        for one in (self._home, *self._namespaces.values()):
            os.close(one)

    def _add(self, host):
        must(LIBC.unshare(CLONE_NEWNET), "a network namespace")
        self._namespaces[host] = namespace()
        self._ip(host, "link set lo up", f"rule add pref {OWN_ADDRESSES} lookup local", "rule del pref 0")

    def _addresses(self, host, device):
        always = host.replace("10.77.0.", "10.77.1.")
        return [f"address add {address}/24 dev {device}" for address in (host, always)]

    def _ip(self, host, *commands):
        with self.at(host):
            subprocess.run(["ip", "-batch", "-"], input="\n".join(commands) + "\n", text=True, check=True,
                           pass_fds=list(self._namespaces.values()))

    @contextlib.contextmanager
    def at(self, host):
        """For this thread alone."""
        before = namespace()
        try:
            must(LIBC.setns(self._namespaces[host], CLONE_NEWNET), f"the host {host}")
            yield
        finally:
            must(LIBC.setns(before, CLONE_NEWNET), "the way back")
            os.close(before)

    def cut(self, ways):
        """As when a cable is pulled: connections stay open, and nothing comes. Each way is one direction. What is cut twice passes again
        when it was mended twice."""
        self._change("add", [way for way in ways if not self._cuts[way]])
        self._cuts.update(ways)

    def mend(self, ways):
        self._cuts.subtract(ways)
        self._change("del", [way for way in ways if not self._cuts[way]])

    def _change(self, what, ways):
        for target in {way.target for way in ways}:
            self._ip(target, *(f"rule {what} {way.rule()}" for way in ways if way.target == target))
