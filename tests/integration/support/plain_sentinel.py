"""A redis-sentinel as Debian ships it, without a wrapper."""

import signal

import redis

from support import servers
from support.processes import Process, free_port
from support.wait import wait_until


class PlainSentinel:
    """`lines` are added to its configuration."""

    def __init__(self, workplace, name, master, quorum=2, down_after_ms=1000, password=None, master_name="mymaster", lines=()):
        self.name, self.host, self.port, self.master_name = name, "127.0.0.1", free_port(), master_name
        self.directory = workplace.directory / name
        self.directory.mkdir()
        text = ["bind 127.0.0.1", f"port {self.port}", f"dir {self.directory}",
                f"sentinel monitor {master_name} {master[0]} {master[1]} {quorum}",
                f"sentinel down-after-milliseconds {master_name} {down_after_ms}",
                f"sentinel failover-timeout {master_name} 6000"]
        if password:
            text.append(f"sentinel auth-pass {master_name} {password}")
        text += lines
        self.conf = self.directory / "sentinel.conf"
        self.conf.write_text("\n".join(text) + "\n")
        self.process = None
        workplace.add(self)

    def start(self):
        self.process = Process(self.name, [servers.sentinel(), self.conf], self.directory / "sentinel.log")
        wait_until(self.client.ping, 10, f"{self.name} answers")
        return self

    def stop(self):
        self.process.signal(signal.SIGTERM)
        assert self.process.wait_for_exit(10) == 0

    def kill(self):
        self.process.kill()

    @property
    def client(self):
        return redis.Redis(self.host, self.port, socket_timeout=2, decode_responses=True)

    def names(self):
        """The address that it gives to clients."""
        host, port = self.client.sentinel_get_master_addr_by_name(self.master_name)
        return host, int(port)

    def knows(self, replicas, sentinels):
        """So many replicas, of which none is down and each may be promoted, and so many other sentinels."""
        known = self.client.sentinel_slaves(self.master_name)
        usable = [one for one in known if not one["is_sdown"] and one["slave-priority"] > 0]
        others = self.client.sentinel_sentinels(self.master_name)
        assert len(usable) == replicas and len(others) == sentinels, f"{len(usable)} of {len(known)} replicas, {len(others)} others"
        return True

    def remove(self):
        if self.process is not None:
            self.process.kill()


def start_sentinels(workplace, directory, cluster_master, replicas, count=3, down_after_ms=1000, **options):
    """`count` sentinels that watch this master, know each other and every replica, and are registered in ZooKeeper."""
    sentinels = [PlainSentinel(workplace, f"sentinel-{number}", cluster_master.address, count // 2 + 1, down_after_ms, **options)
                 for number in range(1, count + 1)]
    for sentinel in sentinels:
        sentinel.start()
    for sentinel in sentinels:
        wait_until(lambda: sentinel.knows(replicas, count - 1), 25, f"{sentinel.name} knows everybody", interval=0.2)
        sentinel.registration = directory.register_sentinel(sentinel)
    return sentinels
