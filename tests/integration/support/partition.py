"""A cluster on both sides of a network that can be cut. ZooKeeper is on the near host; the far node reaches it by a link of its own."""

from support.cluster import Cluster
from support.directory import Directory
from support.forwarder import Forwarder
from support.network import both_ways
from support.zookeeper import ZooKeeper


class Partition:
    """Who stands where is for the test to say."""

    def __init__(self, workplace, network):
        self.network = network
        zookeeper = ZooKeeper(workplace, host=network.ALWAYS_NEAR).start()
        self.client = zookeeper.client(session_timeout=30)
        self.directory = Directory(self.client, "/redis")
        self.cluster = Cluster(workplace, zookeeper.hosts, self.directory, COLD_START_WAIT="15s")
        # While the network is cut the far node must not hear from ZooKeeper either that it was replaced.
        self.link = Forwarder(workplace, (zookeeper.host, zookeeper.port), network.ALWAYS_NEAR)

    def cut(self):
        self.link.cut()
        self.network.cut(both_ways(self.network.NEAR, self.network.FAR))

    def mend(self):
        self.network.mend(both_ways(self.network.NEAR, self.network.FAR))
        self.link.mend()

    def close(self):
        self.client.stop()
        self.client.close()
