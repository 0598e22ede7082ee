"""P1: a master that the sentinels may have replaced takes no more writes, before another one does. Its wrapper counts from its last
contact with most of them."""

import os
import signal
import time

from support.cluster import LONE_CONF
from support.forwarder import Forwarder
from support.frozen import QuickWriter
from support.partition import Partition
from support.sentinel import settled, start_sentinels, wait_until_all_ready, watched
from support.wait import stays_true, wait_until

FENCED = "fence, because most sentinels could not be reached"


class FarMaster(Partition):
    """The master and a client on the far host; two replicas, three sentinels and ZooKeeper on the near one."""

    def __init__(self, workplace, network):
        super().__init__(workplace, network)
        with network.at(network.FAR):
            self.master = self.cluster.add(host=network.FAR, conf=LONE_CONF, ZK_HOSTS=self.link.hosts).start()
            self.cluster.wait_until_healthy()
        self.near = [self.cluster.add(host=network.NEAR, conf=LONE_CONF).start() for _ in range(2)]
        self.sentinels = start_sentinels(self.cluster, 3, host=network.NEAR, DOWN_AFTER="3s")
        wait_until_all_ready(self.sentinels, self.directory)
        wait_until(lambda: settled(self.cluster, self.sentinels) is self.master, 40, "the sentinels could replace it")

    def successor(self):
        def found():
            return next((node for node in self.near if node.is_master() and node.accepts_writes()), None)
        return wait_until(found, 30, "the other side has a master that takes writes")


def test_a_master_that_is_cut_off_from_everybody_takes_no_write_after_its_successor_does(workplace, network):
    """A client beside it goes on writing. min-replicas-to-write is 0: nothing but its wrapper closes it."""
    partition = FarMaster(workplace, network)
    with network.at(network.FAR):
        former = QuickWriter(partition.master)
    with former:
        wait_until(lambda: len(former.answers) > 100, 10, "the client beside it writes")
        cut_at = time.monotonic()
        partition.cut()
        successor = partition.successor()
        opened_at = time.monotonic()
        wait_until(lambda: former.refused_since(cut_at), 10, "it has been refused")
        stays_true(lambda: not former.taken_since(opened_at), 3, "it takes nothing")
        taken = former.taken_since(cut_at)
        with QuickWriter(successor) as writer:
            wait_until(lambda: writer.taken_since(opened_at), 10, "its successor takes writes")
        print(f"closed {max(taken, default=0):.2f} s after the cut; its successor took writes after {opened_at - cut_at:.2f} s")
        assert max(taken, default=0) < opened_at - cut_at
    assert FENCED in partition.master.log()
    partition.mend()
    with network.at(network.FAR):
        assert partition.cluster.wait_until_healthy(60)[0] is successor, "it comes back as a replica"
    partition.close()


def test_a_master_is_fenced_while_most_sentinels_are_silent_and_open_again_when_they_are_back(cluster):
    """They stand still, or the network does: it cannot tell. Nobody has replaced it meanwhile."""
    master, _, sentinels = watched(cluster, DOWN_AFTER="3s")
    silent = [sentinel.sentinel_pid for sentinel in sentinels[:2]]
    with QuickWriter(master) as writer:
        wait_until(lambda: len(writer.answers) > 100, 10, "a client writes")
        frozen_at = time.monotonic()
        for pid in silent:
            os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: writer.refused_since(frozen_at), 10, "it is refused")
        closed_after = min(writer.refused_since(frozen_at))
        assert FENCED in master.log()
        master.wait_until_doing("sentinels")
        for pid in silent:
            os.kill(pid, signal.SIGCONT)
        woken_at = time.monotonic()
        wait_until(lambda: writer.taken_since(woken_at), 20, "it takes writes again")
    print(f"closed {closed_after:.2f} s after the last contact, open {min(writer.taken_since(woken_at)):.2f} s after they were back")
    assert cluster.wait_until_healthy()[0] is master


def test_sentinels_that_are_dead_decide_nothing_and_fence_nobody(cluster):
    """Their ports refuse connections; a little later ZooKeeper shows that they are gone."""
    master, _, sentinels = watched(cluster, DOWN_AFTER="2s")
    with QuickWriter(master) as writer:
        wait_until(lambda: len(writer.answers) > 100, 10, "a client writes")
        killed_at = time.monotonic()
        for sentinel in sentinels:
            sentinel.kill()
        wait_until(lambda: not cluster.directory.sentinels(), 20, "ZooKeeper shows that they are gone")
        count = len(writer.taken_since(killed_at))
        wait_until(lambda: len(writer.taken_since(killed_at)) > count + 500, 20, "it goes on taking writes")
        assert not writer.refused_since(killed_at)


def test_a_master_whose_zookeeper_is_gone_goes_on_while_it_hears_the_sentinels(cluster, workplace, zookeeper):
    link = Forwarder(workplace, (zookeeper.host, zookeeper.port))
    master, _, sentinels = watched(cluster, nodes_know={"ZK_HOSTS": link.hosts}, DOWN_AFTER="2s")
    with QuickWriter(master) as writer:
        wait_until(lambda: len(writer.answers) > 100, 10, "a client writes")
        cut_at = time.monotonic()
        link.cut()
        wait_until(lambda: not master.status()["zookeeper"]["connected"], 20, "its wrapper knows that ZooKeeper is gone")
        stays_true(lambda: not writer.refused_since(cut_at), 5, "it takes writes for longer than DOWN_AFTER")
    link.mend()
