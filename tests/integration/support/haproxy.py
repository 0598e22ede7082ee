"""HAProxy with the configuration as shipped: a test gives addresses, as a user does, and nothing else."""

import os
import subprocess

import redis

from support.node import INHERITED, REPOSITORY
from support.processes import Process, free_port
from support.wait import wait_until

SHIPPED_CFG = REPOSITORY / "conf/haproxy.cfg"
# Debian keeps it where a user without privileges does not look.
SEARCHED = {"PATH": os.environ.get("PATH", "") + ":/usr/sbin"}


def environment_of(nodes):
    """Where they are, as conf/haproxy.cfg wants to be told."""
    told = {}
    for number, node in enumerate(nodes, 1):
        told |= {f"NODE_{number}": f"{node.host}:{node.port}", f"NODE_{number}_HTTP": str(node.http_port)}
    return told


def check_configuration(environment):
    """What `haproxy -c` makes of it."""
    return subprocess.run(["haproxy", "-c", "-V", "-f", SHIPPED_CFG], env={**INHERITED, **SEARCHED, **environment},
                          capture_output=True, text=True, timeout=30)


class HAProxy:
    def __init__(self, workplace, nodes):
        self.workplace, self.nodes, self.host = workplace, nodes, "127.0.0.1"
        self.writes, self.reads = free_port(), free_port()
        self.process = None
        workplace.add(self)

    def start(self):
        environment = {**INHERITED, **SEARCHED, **environment_of(self.nodes), "WRITES": f"{self.host}:{self.writes}",
                       "READS": f"{self.host}:{self.reads}"}
        self.process = Process("haproxy", ["haproxy", "-db", "-f", SHIPPED_CFG], self.workplace.directory / "haproxy.log", environment)
        return self

    def remove(self):
        if self.process is not None:
            self.process.kill()

    def log(self):
        return self.process.log()

    def client_at(self, port):
        """An ordinary client, which knows this port alone."""
        return redis.Redis(self.host, port, socket_timeout=5, socket_connect_timeout=2, decode_responses=True)

    def who_answers(self, port):
        """The node to which a new client is led; None if it is not let in."""
        client = self.client_at(port)
        try:
            found = client.info("server")["tcp_port"]
        except redis.ConnectionError:
            return None
        finally:
            client.close()
        return next(node for node in self.nodes if node.port == found)

    def wait_until_writes_lead_to(self, node, seconds=10):
        wait_until(lambda: self.who_answers(self.writes) is node, seconds, f"writes are led to {node.name}")
        return self

    def has_found_down(self, **nodes):
        """In each of these backends these nodes: it takes all for up until it has asked them."""
        lines = [f"Server {backend}/node-{self.nodes.index(node) + 1} is DOWN" for backend, some in nodes.items() for node in some]
        return all(line in self.log() for line in lines)
