"""What the demo is made of: a ZooKeeper server, nodes (a redis-wrapper with its redis-server each), sentinels (a
sentinel-wrapper with its redis-sentinel each), and watchers."""

import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import redis

HOST = "127.0.0.1"
ZOOKEEPER_CLASSES = ":".join(f"/usr/share/java/{jar}.jar" for jar in ("zookeeper", "slf4j-simple"))
ZOOKEEPER_MAIN = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
PR_SET_PDEATHSIG = 1
INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# With 1 s a busy machine takes the new master for dead: Sentinel connects anew at most once a second.
MASTER_NAME, DOWN_AFTER = "mymaster", "2s"
LIBC = ctypes.CDLL(None)  # loaded before any fork


class NotInTime(Exception):
    pass


def free_port():
    """A port that nobody is given for the next minute: a connection in TIME_WAIT is left behind on it, and then only a
    server that asks for this very port gets it."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((HOST, 0))
        server.listen(1)
        with socket.create_connection(server.getsockname()):
            accepted, _ = server.accept()
            accepted.close()  # who closes first keeps the TIME_WAIT
        return server.getsockname()[1]


def listens(port):
    with socket.socket() as client:
        return client.connect_ex((HOST, port)) == 0


def wait_until(condition, seconds, what, interval=0.02):
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise NotInTime(f"not within {seconds} s: {what}")
        time.sleep(interval)
    return value


@contextmanager
def uninterrupted():
    """Around a fork and whoever remembers the child: an interruption comes afterwards. It would be lost in a hook of fork
    (logging has one, which swallows every exception), or the child would."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTIONS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Child:
    """A process in a session of its own, so that a Ctrl-C reaches the demo alone, and which ends when the demo does."""

    def __init__(self, command, log, environment=None):
        def before_exec():
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            signal.pthread_sigmask(signal.SIG_SETMASK, [])

        with open(log, "ab") as output:
            self.process = subprocess.Popen(command, env=environment, cwd=log.parent, stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
                                            preexec_fn=before_exec)

    def is_running(self):
        return self.process.poll() is None

    def ask_to_stop(self):
        self.process.terminate()

    def wait_for_end(self, seconds=15):
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()


class ZooKeeper:
    def __init__(self, directory):
        self.port = free_port()
        self.log = directory / "zookeeper.log"
        data = directory / "zookeeper"
        data.mkdir()
        settings = {"tickTime": 500, "dataDir": data, "clientPort": self.port, "clientPortAddress": HOST,
                    "4lw.commands.whitelist": "srvr"}
        configuration = directory / "zookeeper.cfg"
        configuration.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        self.child = Child(["java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData",
                            "-Dzookeeper.admin.enableServer=false", "-cp", ZOOKEEPER_CLASSES, ZOOKEEPER_MAIN,
                            str(configuration)], self.log)

    @property
    def hosts(self):
        return f"{HOST}:{self.port}"

    def serves(self):
        if not self.child.is_running():
            raise NotInTime("ZooKeeper has ended; its log says why")
        try:
            with socket.create_connection((HOST, self.port), timeout=1) as connection:
                connection.sendall(b"srvr")
                return b"Mode: " in connection.recv(4096)
        except OSError:
            return False


class Part:
    """One of our executables, configured by its environment alone, as a scheduler does it."""

    host = HOST

    def __init__(self, name, directory, executable, zookeeper, **environment):
        self.name, self.executable = name, executable
        self.log_path = directory / f"{name}.log"
        self.http_port = free_port()
        self.environment = {"PATH": os.environ["PATH"], "ZK_HOSTS": zookeeper.hosts, "ZK_SESSION_TIMEOUT": "2s",
                            "BIND_IP": HOST, **{name: str(value) for name, value in environment.items()}}
        self.child = None

    def start(self):
        with uninterrupted():
            self.child = Child([str(self.executable)], self.log_path, self.environment)

    def is_running(self):
        return self.child is not None and self.child.is_running()

    def log(self):
        return self.log_path.read_text(errors="replace")

    def page(self, path):
        """What an HTTP page says, as JSON; nothing while it is down."""
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self.http_port}{path}", timeout=2) as answer:
                return json.load(answer)
        except (urllib.error.URLError, OSError, ValueError):
            return None

    def status(self):
        return self.page("/status")


class Wrapped(Part):
    """A wrapper with the server that it is the parent of. Its ports outlive a restart."""

    def __init__(self, name, directory, executable, zookeeper, **environment):
        self.directory = directory / name
        (self.directory / "run").mkdir(parents=True)
        self.port = free_port()
        self.address = f"{HOST}:{self.port}"
        super().__init__(name, directory, executable, zookeeper, PORT0=self.port, RUN_DIR=self.directory / "run",
                         **environment)
        self.environment["HTTP_PORT"] = str(self.http_port)

    def kill(self):
        """Kill -9 of the wrapper alone, and until its server is gone too."""
        self.child.kill()
        wait_until(lambda: not listens(self.port), 5, f"the server of {self.name} goes too", interval=0.001)

    def cli(self, *words):
        """One command through redis-cli: its answer, errors included."""
        answer = subprocess.run(["redis-cli", "-h", HOST, "-p", str(self.port), *words], stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, timeout=5)
        return (answer.stdout + answer.stderr).strip()


class Node(Wrapped):
    """Its data outlive a restart as well."""

    def __init__(self, name, directory, bin_directory, redis_conf, zookeeper):
        super().__init__(name, directory, bin_directory / "redis-wrapper", zookeeper, REDIS_CONF=redis_conf,
                         DATA_DIR=directory / name / "data")
        (self.directory / "data").mkdir()


class Sentinel(Wrapped):
    def __init__(self, name, directory, bin_directory, sentinel_conf, zookeeper):
        super().__init__(name, directory, bin_directory / "sentinel-wrapper", zookeeper, SENTINEL_CONF=sentinel_conf,
                         DOWN_AFTER=DOWN_AFTER)

    def ask(self, *words):
        with redis.Redis(HOST, self.port, socket_timeout=2, decode_responses=True) as client:
            return client.execute_command("SENTINEL", *words)

    def named(self):
        """The address that it gives to clients."""
        return ":".join(self.ask("GET-MASTER-ADDR-BY-NAME", MASTER_NAME))

    def is_prepared(self, replicas):
        """It could agree with the others that the master is down, and knows so many replicas that may replace it."""
        status = self.status()
        if status is None or not status["ready"]:
            return False
        known = [dict(zip(one[::2], one[1::2])) for one in self.ask("REPLICAS", MASTER_NAME)]
        return len([one for one in known if one["flags"] == "slave" and one["slave-priority"] != "0"]) == replicas


class Watcher(Part):
    def __init__(self, name, directory, bin_directory, zookeeper):
        super().__init__(name, directory, bin_directory / "watcher", zookeeper)
        self.environment["PORT0"] = str(self.http_port)
        self.address = f"{HOST}:{self.http_port}"

    def is_listening(self):
        status = self.status()
        return status is not None and status["ready"] and status["listening"]["state"] == "listening"

    def events(self):
        return (self.page("/events") or {"events": []})["events"]


class Workplace:
    """Where everything lives; leaving it stops the processes and removes the directory."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.nodes, self.sentinels, self.watchers, self.zookeeper = [], [], [], None

    def logs(self, lines=15):
        text = []
        for log in sorted(self.directory.glob("*.log")):
            text += [f"--- the end of {log.name}", *log.read_text(errors="replace").splitlines()[-lines:]]
        return "\n".join(text)

    def remove(self):
        watchers = [watcher.child for watcher in self.watchers if watcher.is_running()]
        sentinels = [sentinel.child for sentinel in self.sentinels if sentinel.is_running()]
        nodes = [node.child for node in self.nodes if node.is_running()]
        servers = [self.zookeeper.child] if self.zookeeper else []
        # No fail-over begins any more, and the wrappers say good-bye to ZooKeeper.
        for children in (watchers, sentinels, nodes, servers):
            for child in children:
                child.ask_to_stop()
            for child in children:
                child.wait_for_end()
        shutil.rmtree(self.directory)
