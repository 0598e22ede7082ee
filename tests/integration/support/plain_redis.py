"""A redis-server without a wrapper: to learn what the server does by itself, and as the stranger in a cluster."""

import shutil
import signal

import redis

from support import servers
from support.processes import Process, free_port
from support.wait import wait_until

NOBODY = ("127.0.0.1", 0)  # no server can listen on port 0: who follows it is parked
REFUSE_WRITES = 2147483647  # more replicas than there can be


class PlainRedis:
    """Configured by a file with one `name value` per item of `settings`, kept across restarts."""

    def __init__(self, workplace, name="redis", **settings):
        self.name, self.host, self.port = name, "127.0.0.1", free_port()
        self.directory = workplace.directory / name
        self.directory.mkdir()
        self.settings = {"save": '""', "appendonly": "no", "repl-diskless-sync": "yes", "repl-diskless-sync-delay": 0,
                         "shutdown-timeout": 0}
        self.configure(**settings)
        self.process = None
        workplace.add(self)

    def configure(self, **settings):
        self.settings.update({name.replace("_", "-"): value for name, value in settings.items()})

    def parked(self):
        """The configuration with which every node starts. Returns itself, so that it reads `node.parked().start()`."""
        self.configure(replicaof="{} {}".format(*NOBODY), min_replicas_to_write=REFUSE_WRITES, replica_priority=0)
        return self

    def start(self, wait=True):
        lines = [f"bind {self.host}", f"port {self.port}", f"dir {self.directory}"]
        lines += [f"{name} {value}" for name, value in self.settings.items()]
        (self.directory / "redis.conf").write_text("\n".join(lines) + "\n")
        self.process = Process(self.name, [servers.server(), self.directory / "redis.conf"], self.directory / "redis.log")
        if wait:
            wait_until(self.ping, 10, f"{self.name} answers")
        return self

    def start_without_ping(self):
        """For a server that answers PING with an error."""
        self.start(wait=False)
        wait_until(lambda: self.info("server"), 10, f"{self.name} can be asked")
        return self

    @property
    def client(self):
        return redis.Redis(self.host, self.port, socket_timeout=5, decode_responses=True)

    def ping(self):
        assert self.process.is_running(), self.process.log()
        return self.client.ping()

    def info(self, section="everything"):
        return self.client.info(section)

    def config_set(self, name, value):
        return self.client.config_set(name, value)

    def follow(self, other):
        self.client.execute_command("REPLICAOF", other.host, other.port)
        wait_until(lambda: self.info("replication")["master_link_status"] == "up", 15, f"{self.name} follows {other.name}")

    def caught_up_with(self, other):
        ours, theirs = self.info("replication"), other.info("replication")
        return ours["slave_repl_offset"] == theirs["master_repl_offset"]

    def stop(self):
        """As a scheduler stops it: SIGTERM, which is SHUTDOWN with the configured saving."""
        self.process.signal(signal.SIGTERM)
        assert self.process.wait_for_exit(10) == 0

    def kill(self):
        self.process.kill()

    def forget_data(self):
        for path in self.directory.iterdir():
            if path.name not in ("redis.conf", "redis.log"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def remove(self):
        if self.process is not None:
            self.process.kill()
