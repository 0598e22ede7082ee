"""watcher when the network between two hosts is cut, in network namespaces: on one side the majority of the sentinels, on the other
the former master, which is fenced and still one, and a sentinel that still names it. ZooKeeper can be reached from both sides, so each
side's watcher could write the record."""

from support.cluster import LONE_CONF
from support.partition import Partition
from support.sentinel import start_sentinels, wait_until_all_ready
from support.wait import stays_true, wait_until
from support.watcher import start_watchers

# For so long a watcher that cannot hear the recorded master waits before it believes that it is gone.
PATIENCE = 15


class WithWatchers(Partition):
    """The master, a sentinel and a watcher on the far host; two replicas, two sentinels, a watcher and ZooKeeper on the near one."""

    def __init__(self, workplace, network):
        super().__init__(workplace, network)
        for _ in range(2):
            self.cluster.add(host=network.NEAR, conf=LONE_CONF).start()
        self.cluster.wait_until_healthy()
        with network.at(network.FAR):
            self.master = self.cluster.add(host=network.FAR, conf=LONE_CONF + "replica-priority 1\n", ZK_HOSTS=self.link.hosts).start()
            self.late, = start_sentinels(self.cluster, 1, host=network.FAR)
        self.sentinels = start_sentinels(self.cluster, 2, host=network.NEAR)
        wait_until_all_ready([self.late, *self.sentinels], self.directory)
        self.make_far_node_master()
        with network.at(network.FAR):
            self.far, = start_watchers(self.cluster, 1, host=network.FAR)
        self.near, = start_watchers(self.cluster, 1, host=network.NEAR)
        for watcher in (self.far, self.near):
            wait_until(watcher.is_ready, 20, f"{watcher.name} is ready")

    def make_far_node_master(self):
        """By a fail-over, so that the sentinel that is cut off later has a reason for its opinion, with an epoch."""
        self.cluster.wait_until_healthy()
        wait_until(lambda: self.sentinels[0].ask("FAILOVER", "mymaster"), 30, "a replica may be promoted", interval=0.3)
        wait_until(lambda: all(one.names() == self.master.address for one in (self.late, *self.sentinels)), 30, "all name the far node")
        assert self.cluster.wait_until_healthy(30)[0] is self.master

    def let_the_near_watcher_listen_to_the_far_sentinel(self):
        """It takes any of the three."""
        def listens():
            if self.near.listens_to() == self.late.address:
                return True
            self.near.stop()
            self.near.start()
            wait_until(self.near.is_ready, 20, "it listens to somebody")
        wait_until(listens, 60, "it listens to the sentinel that will be cut off")


def test_a_sentinel_that_the_network_cuts_off_keeps_its_old_opinion_and_cannot_spoil_the_record(workplace, network):
    """P3. Neither the watcher that listened to it nor the one that hears nobody else follows it."""
    partition = WithWatchers(workplace, network)
    directory, master = partition.directory, partition.master
    partition.let_the_near_watcher_listen_to_the_far_sentinel()
    before, recorded = directory.term(), []
    directory.client.DataWatch(directory.path("master"), lambda data, _: recorded.append(data.decode()))
    partition.cut()
    new = wait_until(lambda: next(node for node in partition.cluster.nodes if node is not master and node.address == directory.record()),
                     30, "the record names a node of the majority")
    term = directory.term()
    assert term == before + 1 and new.is_master()
    wait_until(lambda: partition.near.listens_to() in {one.address for one in partition.sentinels}, 20, "the near watcher took another")
    with network.at(network.FAR):
        wait_until(lambda: partition.far.listens_to() == partition.late.address, 20, "the far watcher hears nobody else")
        def says_what_the_sentinel_names():
            seen = partition.far.json("/status")
            node = next(one for one in seen["nodes"] if one["address"] == "{}:{}".format(*master.address))
            return node["answer"] == "master" and seen["zookeeper"]["connected"]
        wait_until(says_what_the_sentinel_names, 20, "the far watcher hears the former master, and ZooKeeper")
    stays_true(lambda: directory.record() == new.address and directory.term() == term, PATIENCE + 5, "the record names the new master")
    with network.at(network.FAR):
        assert partition.late.names() == master.address and master.is_master() and master.is_fenced(), "nobody there has heard of the other"
        assert partition.far.listens_to() == partition.late.address
    partition.mend()
    assert partition.cluster.wait_until_healthy(60)[0] is new
    wait_until(lambda: partition.late.names() == new.address, 30, "the sentinel has heard of it")
    assert recorded == ["{} {}".format(*one.address) for one in (master, new)] and directory.term() == term
    partition.close()
