"""The agents of Mesos: hosts of a Network, and containers behind a bridge on each of them. The near host is no agent: ZooKeeper, the
scheduler and the clients are there."""

import contextlib
import itertools
import os
import subprocess

from support.network import CLONE_NEWNET, must, namespace
from support.processes import LIBC

INTERFACE = "net"  # of every host of a Network but the near one


def ip(*commands, descriptors=()):
    """On the host of the calling thread."""
    subprocess.run(["ip", "-batch", "-"], input="\n".join(commands) + "\n", text=True, check=True, pass_fds=descriptors)


def forward_packets():
    with open("/proc/sys/net/ipv4/ip_forward", "w", encoding="ascii") as setting:
        setting.write("1")


class Agent:
    def __init__(self, network, address, number):
        self.network, self.address, self.number = network, address, number
        self._numbers = itertools.count(2)
        with self.at():
            forward_packets()
            ip("link add containers type bridge", f"address add {self.container_address(1)}/24 dev containers", "link set containers up")

    def at(self):
        """A context: for this thread alone, as Network.at()."""
        return self.network.at(self.address)

    def container_address(self, number):
        return f"10.88.{self.number}.{number}"

    def route(self):
        """How other hosts reach the containers of this one: no address is translated on the way."""
        return f"route add {self.container_address(0)}/24 via {self.address}"

    def container(self):
        return Container(self, next(self._numbers))


class Container:
    """A network namespace with a loopback interface and an eth0, until close()."""

    def __init__(self, agent, number):
        self.agent, self.address = agent, agent.container_address(number)
        with agent.at():
            must(LIBC.unshare(CLONE_NEWNET), "a network namespace")
            self._namespace = namespace()
        with agent.at():
            ip(f"link add container{number} type veth peer name eth0 netns /proc/self/fd/{self._namespace}",
               f"link set container{number} master containers up", descriptors=[self._namespace])
        with self.at():
            ip("link set lo up", "link set eth0 up", f"address add {self.address}/24 dev eth0",
               f"route add default via {agent.container_address(1)}")

    @contextlib.contextmanager
    def at(self):
        with self.agent.at():
            must(LIBC.setns(self._namespace, CLONE_NEWNET), "the container")
            yield

    def close(self):
        os.close(self._namespace)


def make_agents(network):
    agents = [Agent(network, address, number) for number, address in enumerate(network.far)]
    for host in (network.NEAR, *network.far):
        with network.at(host):
            ip(*(agent.route() for agent in agents if agent.address != host))
    return agents
