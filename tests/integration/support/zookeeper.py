"""Real ZooKeeper servers from Debian's packages, tuned for tests: ticks of 0.5 s, nothing flushed to the disk."""

import contextlib
import socket

from kazoo.client import KazooClient
from kazoo.handlers.threading import KazooTimeoutError

from support.processes import Process, free_port
from support.wait import stays_true, wait_until

# A JVM for a minute, not for a month: the first compiler only, no counters in shared memory, a small heap.
JAVA = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xshare:auto", "-Xmx160m",
        "-Dzookeeper.forceSync=no", "-Dzookeeper.admin.enableServer=false", "-Djava.net.preferIPv4Stack=false",
        "-cp", "/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar",
        "org.apache.zookeeper.server.quorum.QuorumPeerMain"]

# Sessions may last from 2 ticks to 20: 1 s to 10 s, and 60 s for the tests that must not see one expire.
SETTINGS = {"tickTime": 500, "minSessionTimeout": 1000, "maxSessionTimeout": 60000, "initLimit": 20, "syncLimit": 8,
            "maxClientCnxns": 0, "autopurge.purgeInterval": 0, "4lw.commands.whitelist": "*", "preAllocSize": 64}


class ZooKeeper:
    """One server, alone or as a member of an ensemble. Its port and its data survive kill() and start(). `settings` go into
    its zoo.cfg."""

    def __init__(self, workplace, name="zookeeper", host="127.0.0.1", ensemble=None, number=1, **settings):
        self.name, self.host, self.port, self.number = name, host, free_port(host), number
        self.peer_ports = (free_port(host), free_port(host))  # to follow the leader, to elect it
        self.ensemble, self.settings = ensemble, settings
        self.directory = workplace.directory / name
        self.directory.mkdir()
        self.process, self._questions = None, 0
        workplace.add(self)

    @property
    def hosts(self):
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def start(self, wait=True):
        settings = {**SETTINGS, **self.settings, "dataDir": self.directory, "clientPort": self.port, "clientPortAddress": self.host}
        for member in self.ensemble or []:
            settings[f"server.{member.number}"] = "{}:{}:{}".format(member.host, *member.peer_ports)
        (self.directory / "myid").write_text(f"{self.number}\n")
        (self.directory / "zoo.cfg").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        self.process = Process(self.name, [*JAVA, self.directory / "zoo.cfg"], self.directory / "zookeeper.log")
        if wait:
            self.wait_until_serving()
        return self

    def wait_until_serving(self):
        wait_until(lambda: self.mode(), 30, f"{self.name} serves", interval=0.1)

    def four_letters(self, word):
        with socket.create_connection((self.host, self.port), timeout=2) as connection:
            self._questions += 1
            connection.sendall(word.encode())
            answer = b""
            while part := connection.recv(65536):
                answer += part
        return answer.decode()

    def mode(self):
        """"standalone", "leader", "follower", or None while it is not part of a majority."""
        lines = [line for line in self.four_letters("srvr").splitlines() if line.startswith("Mode: ")]
        return lines[0].removeprefix("Mode: ") if lines else None

    def packets_received(self):
        """Of all sessions, from any moment on; to see whether an idle cluster is silent. Our own question is a packet too."""
        values = dict(line.split("\t", 1) for line in self.four_letters("mntr").splitlines() if "\t" in line)
        return int(values["zk_packets_received"]) - self._questions

    def packets_while_idle(self, seconds):
        """How many it receives in `seconds`, from all sessions together, after a second in which there was none."""
        counts = []

        def quiet():
            counts.append(self.packets_received())
            return len(counts) > 1 and counts[-1] == counts[-2]
        wait_until(quiet, 30, "everybody is idle", interval=1)
        stays_true(lambda: True, seconds, "time passes", interval=0.5)
        return self.packets_received() - counts[-1]

    def client(self, session_timeout=10.0, **options):
        """A connected kazoo client. The caller stops it."""
        client = KazooClient(self.hosts, timeout=session_timeout, **options)
        try:
            client.start(15)
        except KazooTimeoutError:
            client.close()
            raise
        return client

    def kill(self):
        self.process.kill()

    def remove(self):
        if self.process is not None:
            self.process.kill()


class Ensemble:
    """Three servers, of which one may be lost. `hosts` are their addresses; `at` is a context for what is started on one of them."""

    def __init__(self, workplace, hosts=("127.0.0.1",) * 3, at=contextlib.nullcontext):
        self.members, self.at = [], at
        for number, host in enumerate(hosts, 1):
            with at(host):
                self.members.append(ZooKeeper(workplace, f"zookeeper-{number}", host, self.members, number))

    @property
    def hosts(self):
        return ",".join(member.hosts for member in self.members)

    def start(self):
        for member in self.members:
            with self.at(member.host):
                member.start(wait=False)
        self.leader()
        for member in self.members:
            member.wait_until_serving()
        return self

    def leader(self):
        def look():
            for member in self.members:
                if member.process.is_running() and member.mode() == "leader":
                    return member
        return wait_until(look, 30, "the ensemble has a leader", interval=0.1)

    def client(self, session_timeout=10.0, **options):
        client = KazooClient(self.hosts, timeout=session_timeout, **options)
        client.start(15)
        return client
