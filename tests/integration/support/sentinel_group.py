"""A master with its replicas and plain sentinels that know all of it: to learn what they do by themselves."""

from support.plain_redis import PlainRedis
from support.plain_sentinel import PlainSentinel
from support.wait import wait_until


class Group:
    """A master with its replicas, and sentinels that know all of it."""

    def __init__(self, workplace, name, replicas=2, sentinels=3, settings=None, **options):
        self.workplace, self.name, self.options = workplace, name, options
        self.master = PlainRedis(workplace, f"{name}-master", **(settings or {})).start()
        self.master.client.set(f"of-{name}", 1)
        self.replicas = [PlainRedis(workplace, f"{name}-replica-{number}", **(settings or {})).start() for number in range(replicas)]
        for replica in self.replicas:
            replica.follow(self.master)
        self.address = (self.master.host, self.master.port)
        self.sentinels = [self.sentinel(f"sentinel-{number}") for number in range(sentinels)]
        self.wait_until_known()

    def sentinel(self, name, lines=()):
        options = {**self.options, "lines": (*self.options.get("lines", ()), *lines)}
        return PlainSentinel(self.workplace, f"{self.name}-{name}", self.address, **options).start()

    def wait_until_known(self, seconds=40):
        for sentinel in self.sentinels:
            wait_until(lambda: sentinel.knows(len(self.replicas), len(self.sentinels) - 1), seconds, f"{sentinel.name} knows everybody")

    def ids(self):
        return {identity(sentinel) for sentinel in self.sentinels}

    def loses(self, node):
        """Kills it, and returns when all sentinels have noticed."""
        node.kill()
        for sentinel in self.sentinels:
            wait_until(lambda: any(one["is_sdown"] and one["port"] == node.port for one in replicas_of(sentinel)), 10, "it is down")


def identity(sentinel):
    return sentinel.client.execute_command("SENTINEL MYID")


def others_of(sentinel):
    return sentinel.client.sentinel_sentinels("mymaster")


def replicas_of(sentinel):
    return sentinel.client.sentinel_slaves("mymaster")


def fail_over(group):
    def asked():
        return group.sentinels[0].client.execute_command("SENTINEL FAILOVER mymaster")
    wait_until(asked, 30, "a replica may be promoted", interval=0.3)
    wait_until(lambda: all(sentinel.names() != group.address for sentinel in group.sentinels), 20, "all name the new one")
    wait_until(lambda: "+failover-end" in group.sentinels[0].process.log(), 30, "the fail-over has ended")
    old, group.address = group.address, group.sentinels[0].names()
    wait_until(lambda: group.master.info("replication")["role"] == "slave", 20, "the old one is told to follow it")
    return old
