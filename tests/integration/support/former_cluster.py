"""A cluster without our wrappers, as others have it before they move in, and clients that write to it all the time."""

import redis
import redis.sentinel

from support.discovery import Client
from support.plain_redis import PlainRedis
from support.plain_sentinel import PlainSentinel
from support.wait import wait_until


class FormerCluster:
    """One master, one replica, three sentinels."""

    def __init__(self, workplace, password=None):
        secrets = {"requirepass": password, "masterauth": password} if password else {}
        self.password = password
        self.master, self.replica = [Former(workplace, name, appendonly="yes", **secrets) for name in ("old-master", "old-replica")]
        self.master.start()
        self.replica.start()
        self.replica.follow(self.master)
        self.sentinels = [PlainSentinel(workplace, f"old-sentinel-{number}", (self.master.host, self.master.port), down_after_ms=3000,
                                        password=password) for number in (1, 2, 3)]
        self.start_sentinels()
        self.master.address = self.master.host, self.master.port
        self.run_id = self.master.info("server")["run_id"]

    def start_sentinels(self):
        for sentinel in self.sentinels:
            sentinel.start()
        for sentinel in self.sentinels:
            wait_until(lambda: sentinel.knows(1, 2), 25, f"{sentinel.name} knows everybody")

    def is_untouched(self):
        """Its master is the same process, and still master."""
        info = self.master.info()
        return (info["role"], info["run_id"]) == ("master", self.run_id)


class Former(PlainRedis):
    @property
    def client(self):
        return redis.Redis(self.host, self.port, password=self.settings.get("requirepass"), socket_timeout=5, decode_responses=True)


class SteadyClient(Client):
    """Counts, too, how often it was refused or cut."""

    pace = 0.004

    def __init__(self, find, key, password=None):
        super().__init__(find, key)
        self.password, self.failures = password, []

    def connect(self, address):
        return redis.Redis(*address, password=self.password, socket_timeout=self.patience, socket_connect_timeout=1)

    def write(self, master, address, number):
        try:
            super().write(master, address, number)
        except redis.RedisError as error:
            self.failures.append(error)
            raise
