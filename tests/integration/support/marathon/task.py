"""One task: an executable with the environment, the sandbox and the network that Marathon and Mesos give it, checked as its definition
says, and stopped as Mesos stops it."""

import http.client
import math
import shlex
import signal
import threading
import time
import uuid

from support.forwarder import Forwarder
from support.node import BINARIES, INHERITED, LINES_OF_A_REPORT, REPORTS_OF_SANITIZERS, REPOSITORY
from support.processes import Process, children_of, free_port, process_is_alive
from support.wait import wait_until

SANDBOX = "/mnt/mesos/sandbox"  # the agent's --sandbox_directory, by default

# The environment that the images bring along (see the Dockerfiles), beside the executable that each is named after.
IMAGES = {
    "redis-wrapper": {"REDIS_CONF": REPOSITORY / "conf/redis.conf", "PORT1": 8080},
    "sentinel-wrapper": {"SENTINEL_CONF": REPOSITORY / "conf/sentinel.conf", "PORT1": 8080},
    "watcher": {},
}


def image_of(definition):
    """The last part of its name, without the tag."""
    return definition["container"]["docker"]["image"].rpartition("/")[2].partition(":")[0]


def is_bridged(definition):
    return definition["networks"][0]["mode"] == "container/bridge"


def ports_of(definition):
    """(name, the number in the definition): the container's port in bridge mode, else the service port."""
    if is_bridged(definition):
        return [(port["name"], port["containerPort"]) for port in definition["container"]["portMappings"]]
    return [(port["name"], port["port"]) for port in definition["portDefinitions"]]


def volumes_of(definition):
    return [volume["containerPath"] for volume in definition["container"].get("volumes", []) if "persistent" in volume]


def ports_environment(ports, host_ports):
    """mesosphere/marathon: src/main/scala/mesosphere/mesos/EnvironmentHelper.scala. A name is put into capitals, its hyphens stay."""
    found = {"PORT": host_ports[0], "PORTS": ",".join(map(str, host_ports))}
    for index, ((name, number), port) in enumerate(zip(ports, host_ports)):
        found |= {f"PORT{index}": port, f"PORT_{number or port}": port, f"PORT_{name.upper()}": port}
    return found


class Task:
    """Runs from the moment it is made. `directory` is for its sandbox, `volumes` that of the agent's persistent volumes; `secrets` are
    those of the store, by their source."""

    def __init__(self, workplace, definition, version, agent, directory, volumes, secrets):
        self.workplace, self.definition, self.version, self.agent = workplace, definition, version, agent
        self.id = f"{definition['id'].strip('/').replace('/', '_')}.instance-{uuid.uuid4()}._app.1"
        self.directory, self.volumes, self.secrets = directory / self.id, volumes, secrets
        self.healthy, self.ready, self.was_healthy = not definition["healthChecks"], not definition["readinessChecks"], False
        self.failures, self.asked_at, self.ended_at, self.killed, self._children = 0, None, None, False, set()
        self._take_ports()
        self.container = agent.container() if is_bridged(definition) else None
        self.started_at = time.monotonic()
        with self.at():
            self.process = Process(self.id, self._command(), self.directory.with_suffix(".log"), self._environment())
        if self.container:
            self._forward()
        self._start_checks()

    def at(self):
        """Where it runs, for this thread."""
        return (self.container or self.agent).at()

    # --- what it is given ---

    def _take_ports(self):
        with self.agent.at():
            self.host_ports = [free_port(self.agent.address) for _ in ports_of(self.definition)]

    def _forward(self):
        with self.agent.at():
            self.forwarders = [Forwarder(self.workplace, (self.container.address, inner), self.agent.address, port)
                               for (_, inner), port in zip(ports_of(self.definition), self.host_ports)]

    def _value(self, value):
        """Of a variable: a text, or the name of a secret of the definition."""
        return value if isinstance(value, str) else self.secrets[self.definition["secrets"][value["secret"]]["source"]]

    def _environment(self):
        given = {"HOST": self.agent.address, "MESOS_TASK_ID": self.id, "MESOS_SANDBOX": SANDBOX,
                 "MARATHON_APP_ID": self.definition["id"], "MARATHON_APP_VERSION": self.version,
                 **ports_environment(ports_of(self.definition), self.host_ports)}
        own = {name: self._value(value) for name, value in self.definition["env"].items()}
        everything = {**INHERITED, **IMAGES[image_of(self.definition)], **given, **own}
        return {name: str(value) for name, value in everything.items()}

    def _command(self):
        """Mounts of its own put the sandbox, and the volumes in it, where they are in a container; then the shell becomes the task."""
        self.directory.mkdir(parents=True)
        mounts = {self.directory: SANDBOX}
        for path in volumes_of(self.definition):
            kept = self.volumes / self.definition["id"].strip("/") / path
            kept.mkdir(parents=True, exist_ok=True)
            mounts[kept] = f"{SANDBOX}/{path}"
        lines = ["set -e", "mount -t tmpfs none /mnt"]
        lines += [f"mkdir -p {target} && mount --bind {shlex.quote(str(source))} {target}" for source, target in mounts.items()]
        lines += [f"cd {SANDBOX}", 'exec "$@"']
        return ["unshare", "--mount", "sh", "-c", "\n".join(lines), "task", BINARIES / image_of(self.definition),
                *self.definition.get("args", [])]

    # --- its checks ---

    def _start_checks(self):
        """Each in a thread of its own, until the task is asked to stop: Marathon asks for readiness, the agent for health."""
        looks = [(self._look_for_health, self.started_at + check["delaySeconds"]) for check in self.definition["healthChecks"]]
        looks += [(self._look_for_readiness, self.started_at) for _ in self.definition["readinessChecks"]]
        self._threads = [threading.Thread(target=self._repeat, args=look, daemon=True) for look in looks]
        for thread in self._threads:
            thread.start()

    def _repeat(self, look, due):
        while self.process.is_running() and not self.is_stopping():
            if time.monotonic() >= due:
                due = time.monotonic() + look()
            time.sleep(0.02)

    def _look_for_health(self):
        """By the agent, at the task's own loopback address: Mesos, docs/health-checks.md. The seconds until the next look."""
        check, = self.definition["healthChecks"]
        assert check["protocol"] == "MESOS_HTTP"
        port = ports_of(self.definition)[check["portIndex"]][1] if self.container else self.host_ports[check["portIndex"]]
        with self.at():
            status = self._get("127.0.0.1", port, check)
        if status is not None and 200 <= status < 400:
            self.healthy, self.was_healthy, self.failures = True, True, 0
        elif self.was_healthy or time.monotonic() > self.started_at + check["gracePeriodSeconds"]:
            self.healthy, self.failures = False, self.failures + 1
            if self.failures >= check["maxConsecutiveFailures"]:
                self.stop()
        return check["intervalSeconds"]

    def _look_for_readiness(self):
        """By the scheduler, until it is ready once. The seconds until the next look."""
        check, = self.definition["readinessChecks"]
        names = [name for name, _ in ports_of(self.definition)]
        status = self._get(self.agent.address, self.host_ports[names.index(check["portName"])], check)
        self.ready = status in check["httpStatusCodesForReady"]
        return math.inf if self.ready else check["intervalSeconds"]

    @staticmethod
    def _get(host, port, check):
        connection = http.client.HTTPConnection(host, port, timeout=check["timeoutSeconds"])
        try:
            connection.request("GET", check["path"])
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    # --- what others see of it ---

    def addresses(self):
        """Of its ports, as others reach them."""
        return [(self.agent.address, port) for port in self.host_ports]

    # --- its end ---

    def has_ended(self):
        """It, and what it has started."""
        return not self.process.is_running() and not any(map(process_is_alive, self._children))

    def is_stopping(self):
        return self.asked_at is not None

    def is_well(self):
        return self.healthy and self.ready and not self.is_stopping()

    def stop(self):
        if not self.is_stopping():
            self.asked_at = time.monotonic()
            self.process.signal(signal.SIGTERM)

    def turn(self):
        """Its time between SIGTERM and SIGKILL may have run out."""
        self._children.update(children_of(self.process.pid))
        if self.is_stopping() and self.process.is_running():
            if time.monotonic() >= self.asked_at + self.definition["taskKillGracePeriodSeconds"]:
                self.killed = True
                self.process.signal(signal.SIGKILL)

    def bury(self):
        """When it has ended."""
        self.ended_at = time.monotonic()
        for thread in self._threads:
            thread.join()
        self._report_sanitizers()
        if self.container:
            for forwarder in self.forwarders:
                forwarder.remove()
            self.container.close()

    def kill(self):
        """The end of the test."""
        self.process.kill()
        wait_until(self.has_ended, 5, f"nothing of {self.id} goes on")

    def _report_sanitizers(self):
        lines = self.process.log().splitlines()
        for number, line in enumerate(lines):
            if any(report in line for report in REPORTS_OF_SANITIZERS):
                self.workplace.complaints.append("\n".join([self.id, *lines[number:number + LINES_OF_A_REPORT]]))
                return
