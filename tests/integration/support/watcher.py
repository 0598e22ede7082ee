"""One watcher of a cluster. It has no child and no directory, only an HTTP port."""

import json

from support.node import BINARIES, INHERITED, Node
from support.wait import wait_until

WATCHER = BINARIES / "watcher"


class Watcher(Node):
    """Configured by its environment alone, as a Node is."""

    executable = WATCHER
    kind_of_child = "no such child"

    def __init__(self, workplace, zk_hosts, root, name, **environment):
        super().__init__(workplace, zk_hosts, root, name, **{
            "DATA_DIR": None, "RUN_DIR": None, "REDIS_CONF": None, "COLD_START_WAIT": None, **environment})

    def full_environment(self):
        own = {"PORT0": self.http_port, **self.environment}
        return {**INHERITED, **{name: str(value) for name, value in own.items() if value is not None}}

    def json(self, path):
        code, body = self.get(path)
        assert code == 200, body
        return json.loads(body)

    def is_ready(self):
        return self.get("/readiness")[0] == 200

    def events(self):
        """The last that it has heard from its sentinels; nothing while it does not answer."""
        try:
            return self.json("/events")["events"]
        except OSError:
            return []

    def listens_to(self):
        """The sentinel, as (host, port), that it listened to last as far as its log says."""
        lines = [line for line in self.log().splitlines() if "listening to the sentinel " in line]
        host, _, port = lines[-1].split("listening to the sentinel ")[1].split(",")[0].rpartition(":")
        return host.strip("[]"), int(port)

    def publications(self):
        """The lines in which it says that it has written a record."""
        return [line for line in self.log().splitlines() if "the record names " in line]


def start_watchers(cluster, count=2, **environment):
    """`count` watchers of the cluster in the same instant. Nothing is waited for."""
    first = len([one for one in cluster.workplace.parts if isinstance(one, Watcher)]) + 1
    watchers = [Watcher(cluster.workplace, cluster.zk_hosts, cluster.directory.root, f"watcher-{first + number}", **environment)
                for number in range(count)]
    for watcher in watchers:
        watcher.start()
    return watchers


def wait_until_all_listen(watchers, seconds=15):
    for watcher in watchers:
        wait_until(watcher.is_ready, seconds, f"{watcher.name} is ready")
