"""One node of a cluster: a redis-wrapper and the redis-server that it is the parent of."""

import http.client
import json
import os
import shutil
import signal
from pathlib import Path

import redis

from support.plain_redis import REFUSE_WRITES
from support.processes import Process, children_of, free_port, name_of, process_is_alive
from support.wait import wait_until

REPOSITORY = Path(__file__).resolve().parents[3]
BINARIES = Path(os.environ.get("REDIS_ZK_BIN") or REPOSITORY / "build/dev/bin")
WRAPPER = BINARIES / "redis-wrapper"

# What a test inherits from its caller: where programs are, and how the sanitizers report. Nothing else, so that a
# ZK_HOSTS or REDIS_PASSWORD of the developer's shell has no say.
INHERITED = {name: value for name, value in os.environ.items() if name == "PATH" or name.endswith("SAN_OPTIONS")}


# Whatever a test is about: none of these may stand in the log of a wrapper.
REPORTS_OF_SANITIZERS = ("AddressSanitizer", "LeakSanitizer", "UndefinedBehaviorSanitizer", "runtime error:")
LINES_OF_A_REPORT = 60


class Node:
    """Configured by its environment alone, as on a scheduler. `environment` overrides and adds; a value of None removes
    a variable. Data, run-time directory and ports are kept from one start to the next unless a test changes them."""

    executable = WRAPPER
    kind_of_child = "-server"  # how the name of the process ends

    def __init__(self, workplace, zk_hosts, root, name, host="127.0.0.1", redis_conf=None, arguments=(), **environment):
        self.workplace, self.name, self.host, self.arguments = workplace, name, host, list(arguments)
        self.directory = workplace.directory / name
        self.data, self.run = self.directory / "data", self.directory / "run"
        for directory in (self.directory, self.data, self.run):
            directory.mkdir()
        self.environment = {"ZK_HOSTS": zk_hosts, "ZK_ROOT": root, "BIND_IP": host, "DATA_DIR": self.data,
                            "RUN_DIR": self.run, "TMPDIR": self.run, "REDIS_CONF": redis_conf, "COLD_START_WAIT": "2s",
                            "ZK_SESSION_TIMEOUT": "2s", **environment}
        self.process, self._servers = None, set()
        self.move()
        workplace.add(self)

    # --- starting and stopping ---

    def move(self):
        """The next start is on other ports, as on another host of a scheduler."""
        self.port, self.http_port = free_port(self.host), free_port(self.host)
        return self

    def full_environment(self):
        own = {"PORT0": self.port, "HTTP_PORT": self.http_port, **self.environment}
        return {**INHERITED, **{name: str(value) for name, value in own.items() if value is not None}}

    def command(self):
        return [self.executable, *self.arguments]

    def start(self, **environment):
        """Returns at once; what the node makes of it is for the test to wait for."""
        self.environment.update(environment)
        self.process = Process(self.name, self.command(), self.directory / "wrapper.log", self.full_environment(),
                               self.directory)
        return self

    def run_to_end(self, seconds=20):
        """For starts that are refused: the exit status; log() then has the sentences."""
        return self.start().process.wait_for_exit(seconds)

    @property
    def wrapper_pid(self):
        return self.process.pid

    @property
    def redis_pid(self):
        """Of the redis-server that is the wrapper's child, None if there is none."""
        for child in children_of(self.wrapper_pid):
            if name_of(child).endswith(self.kind_of_child):
                self._servers.add(child)
                return child
        return None

    def is_running(self):
        return self.process is not None and self.process.is_running()

    def log(self):
        return self.process.log()

    def kill(self):
        """Kill -9 of the wrapper, and until its redis is gone as well, as when a host loses its power."""
        pid = self.redis_pid
        self.process.kill()
        if pid:
            wait_until(lambda: not process_is_alive(pid), 5, f"redis of {self.name} dies with its wrapper")
        return self

    def kill_redis(self):
        os.kill(self.redis_pid, signal.SIGKILL)

    def freeze_redis(self):
        os.kill(self.redis_pid, signal.SIGSTOP)

    def thaw_redis(self):
        os.kill(self.redis_pid, signal.SIGCONT)

    def terminate(self):
        self.process.signal(signal.SIGTERM)
        return self

    def stop(self, seconds=15):
        """A planned stop; the exit status."""
        return self.terminate().process.wait_for_exit(seconds)

    def remove(self):
        if self.process is None:
            return
        servers = self._servers | {self.redis_pid}
        self.process.kill()
        for pid in servers - {None}:
            if process_is_alive(pid) and name_of(pid).endswith(self.kind_of_child):  # only when a wrapper has broken its promise to take it along
                os.kill(pid, signal.SIGKILL)
        self.report_sanitizers()

    def report_sanitizers(self):
        """In all its lives. The lines from the first report on become a complaint, which fails the test."""
        lines = self.process.log_path.read_text(errors="replace").splitlines()
        for number, line in enumerate(lines):
            if any(report in line for report in REPORTS_OF_SANITIZERS):
                text = "\n".join(lines[number:number + LINES_OF_A_REPORT])
                self.workplace.complaints.append(f"{self.name}: {text}")
                return

    # --- its data directory ---

    def forget_data(self):
        """As on a host where it never ran: identity, lineage and data are gone."""
        shutil.rmtree(self.data)
        self.data.mkdir()
        return self

    def save_data(self):
        """A copy of the data directory as it is now; give it to restore_data()."""
        copy = self.directory / f"copy-{len(list(self.directory.glob('copy-*')))}"
        shutil.copytree(self.data, copy)
        return copy

    def restore_data(self, copy):
        shutil.rmtree(self.data)
        shutil.copytree(copy, self.data)
        return self

    def left_in_run(self):
        """What is in its run-time directory. The file of the lock stays there on purpose; it holds no lock by itself."""
        return [path.name for path in self.run.iterdir() if path.name != "redis-zk.lock"]

    def state_file(self):
        return json.loads((self.data / "redis-zk.state").read_text())

    def forget_crashes(self):
        """As if they were long ago."""
        state = self.state_file()
        state.pop("early_crashes", None)
        (self.data / "redis-zk.state").write_text(json.dumps(state))

    def claim(self):
        """The lineage that its state file claims, (term, offset); None when it claims nothing or is not there."""
        try:
            state = self.state_file()
        except FileNotFoundError:
            return None
        return (state["term"], state["offset"]) if "term" in state else None

    def claim_more(self, offset):
        """As if it had acknowledged writes that no replica has got: its state file says so."""
        state = self.state_file()
        state["offset"] += offset
        (self.data / "redis-zk.state").write_text(json.dumps(state))
        return self

    # --- looking at it from outside ---

    @property
    def address(self):
        """Where others find it: announced, if that differs from where it listens."""
        return (str(self.environment.get("ANNOUNCE_IP") or self.host),
                int(self.environment.get("ANNOUNCE_PORT") or self.port))

    @property
    def client(self):
        """A Redis client of its own connection, with the node's own credentials."""
        return redis.Redis(self.host, self.port, username=self.environment.get("REDIS_USERNAME"),
                           password=self.environment.get("REDIS_PASSWORD"), socket_timeout=2, decode_responses=True)

    def get(self, path, method="GET", headers=None):
        """An HTTP request: status and body."""
        connection = http.client.HTTPConnection(self.host, self.http_port, timeout=2)
        try:
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def post(self, path, token=None):
        return self.get(path, "POST", {"Authorization": f"Bearer {token}"} if token else None)

    def status(self):
        code, body = self.get("/status")
        assert code == 200, body
        return json.loads(body)

    def role(self):
        """As ROLE says it: "master", or ("replica", host, port, link)."""
        answer = self.client.execute_command("ROLE")
        if answer[0] == "master":
            return "master"
        return "replica", answer[1], int(answer[2]), answer[3]

    def is_master(self):
        return self.role() == "master"

    def follows(self, other):
        return self.role() == ("replica", *other.address, "connected")

    def is_fenced(self):
        return self.client.config_get("min-replicas-to-write")["min-replicas-to-write"] == str(REFUSE_WRITES)

    def accepts_writes(self):
        try:
            return bool(self.client.set("is-it-writable", self.name))
        except redis.RedisError:
            return False

    def wait_until_doing(self, *words, seconds=10):
        """The sentence in /status that says what it does or waits for has all these words."""
        def look():
            doing = self.status()["doing"]
            missing = [word for word in words if word.lower() not in doing.lower()]
            assert not missing, f"{self.name} says: {doing!r}, without {missing}"
            return doing
        return wait_until(look, seconds, f"/status of {self.name} speaks of {' and '.join(words)}")
