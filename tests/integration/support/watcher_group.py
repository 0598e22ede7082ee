"""A whole suite of which the nodes can be kept from ZooKeeper: what is written meanwhile, a watcher has written."""

from support.forwarder import Forwarder
from support.sentinel import watched
from support.wait import wait_until
from support.watcher import start_watchers, wait_until_all_listen


class Group:
    """Three nodes, whose way to ZooKeeper is `link`, three sentinels, and watchers; all well."""

    def __init__(self, workplace, cluster, zookeeper, watchers=2, **sentinels_know):
        self.cluster, self.directory = cluster, cluster.directory
        self.link = Forwarder(workplace, (zookeeper.host, zookeeper.port))
        self.master, self.replicas, self.sentinels = watched(cluster, nodes_know={"ZK_HOSTS": self.link.hosts},
                                                               DOWN_AFTER="2s", **sentinels_know)
        self.watchers = start_watchers(cluster, watchers)
        wait_until_all_listen(self.watchers)

    def lose_the_master(self, is_written_by_nodes=False):
        if not is_written_by_nodes:
            self.link.cut()
        self.master.kill()

    def named(self):
        """Whom the first sentinel names that does not name the old master any more."""
        for sentinel in self.sentinels:
            if sentinel.is_running():
                try:
                    named = sentinel.names()
                except OSError:
                    continue
                if named != self.master.address:
                    return named
        return None

    def wait_until_recorded(self, seconds=15):
        """The new master, when the record names it and it is one."""
        def look():
            assert self.directory.record() != self.master.address, "the record names the old master"
            node = next(one for one in self.replicas if one.address == self.directory.record())
            assert node.is_master()
            return node
        return wait_until(look, seconds, "the record names the new master")

    def writer(self):
        return self.directory.json("term")["by"].split()[0]

    def wait_until_healthy(self):
        self.link.mend()
        return self.cluster.wait_until_healthy(30)
