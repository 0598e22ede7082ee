"""What the demo is made of: a ZooKeeper server, and nodes (a redis-wrapper with its redis-server each)."""

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
from pathlib import Path

HOST = "127.0.0.1"
ZOOKEEPER_CLASSES = ":".join(f"/usr/share/java/{jar}.jar" for jar in ("zookeeper", "slf4j-simple"))
ZOOKEEPER_MAIN = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
PR_SET_PDEATHSIG = 1
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


def wait_until(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise NotInTime(f"not within {seconds} s: {what}")
        time.sleep(0.02)
    return value


class Child:
    """A process in a session of its own, so that a Ctrl-C reaches the demo alone, and which ends when the demo does."""

    def __init__(self, command, log, environment=None):
        def before_exec():
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

        with open(log, "ab") as output:
            self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=before_exec)

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


class Node:
    """A redis-wrapper, configured by its environment alone, as a scheduler does it. Ports and data outlive a restart."""

    def __init__(self, name, directory, bin_directory, redis_conf, zookeeper):
        self.name, self.directory, self.wrapper = name, directory / name, bin_directory / "redis-wrapper"
        self.log = directory / f"{name}.log"
        self.port, self.http_port = free_port(), free_port()
        self.address = f"{HOST}:{self.port}"
        for part in ("data", "run"):
            (self.directory / part).mkdir(parents=True)
        self.environment = {
            "PATH": os.environ["PATH"], "ZK_HOSTS": zookeeper.hosts, "ZK_SESSION_TIMEOUT": "2s", "BIND_IP": HOST,
            "PORT0": str(self.port), "HTTP_PORT": str(self.http_port), "REDIS_CONF": str(redis_conf),
            "DATA_DIR": str(self.directory / "data"), "RUN_DIR": str(self.directory / "run")}
        self.child = None

    def start(self):
        self.child = Child([str(self.wrapper)], self.log, self.environment)

    def is_running(self):
        return self.child is not None and self.child.is_running()

    def status(self):
        """What /status says; nothing while the node is down."""
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self.http_port}/status", timeout=2) as answer:
                return json.load(answer)
        except (urllib.error.URLError, OSError, ValueError):
            return None

    def cli(self, *words):
        """One command through redis-cli: its answer, errors included."""
        answer = subprocess.run(["redis-cli", "-h", HOST, "-p", str(self.port), *words], stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, timeout=5)
        return (answer.stdout + answer.stderr).strip()

    def last_words(self, word):
        """The last line of its log, without the time, in which it speaks of `word`."""
        lines = [line for line in self.log.read_text(errors="replace").splitlines() if word in line]
        return lines[-1].split(" ", 1)[1] if lines else "nothing"

    def kill(self):
        """Kill -9 of the wrapper alone. Gives back in how many seconds redis-server was gone as well."""
        self.child.kill()
        began = time.monotonic()
        wait_until(lambda: not listens(self.port), 5, f"redis-server of {self.name} goes with its wrapper")
        return time.monotonic() - began


class Workplace:
    """Where everything lives; leaving it stops the processes and removes the directory."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.nodes, self.zookeeper = [], None

    def logs(self, lines=15):
        text = []
        for log in sorted(self.directory.glob("*.log")):
            text += [f"--- the end of {log.name}", *log.read_text(errors="replace").splitlines()[-lines:]]
        return "\n".join(text)

    def remove(self):
        wrappers = [node.child for node in self.nodes if node.is_running()]
        servers = [self.zookeeper.child] if self.zookeeper else []
        for children in (wrappers, servers):  # the wrappers say good-bye to ZooKeeper
            for child in children:
                child.ask_to_stop()
            for child in children:
                child.wait_for_end()
        shutil.rmtree(self.directory)
