"""A process of the suite as a container engine runs it: by what its image says, as PID 1, with a root that nobody can write to, without
a capability and without a way to get one."""

import os
import shlex
import signal
import subprocess

from support.node import Node
from support.processes import children_of, process_is_alive
from support.sentinel import Sentinel
from support.wait import wait_until
from support.watcher import Watcher

USER = 10001
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
UNPRIVILEGED = ["--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--"]


class Container:
    """Goes before Node, Sentinel or Watcher in the list of bases. `volumes` are directories of this machine by their place in the
    container, `temporary` the options of a tmpfs, likewise."""

    hosts = None  # a file, for /etc/hosts

    def __init__(self, image, *arguments, volumes=None, temporary=None, **environment):
        self.image, self.volumes, self.temporary = image, volumes, temporary or {}
        super().__init__(*arguments, **{"TMPDIR": None, **environment})
        self.volumes = {place: self.data for place in image.config["Volumes"] or {}} if volumes is None else volumes
        for directory in self.volumes.values():
            directory.mkdir(exist_ok=True)
            os.chown(directory, USER, USER)
            directory.chmod(0o700)

    def full_environment(self):
        """What the image sets, and over it what the one who starts it gives: the ports as a scheduler names them."""
        given = {**self.ports(), **self.environment}
        return {**self.image.environment, **{name: str(value) for name, value in given.items() if value is not None}}

    def ports(self):
        return {"PORT0": self.port, "PORT1": self.http_port}

    def command(self):
        script = "\n".join(["set -e", *map(shlex.join, self._mounts()), f"exec {shlex.join(self._within())}"])
        return ["unshare", "--mount", "--pid", "--fork", "--", "sh", "-c", script]

    def _mounts(self):
        root = str(self.image.root)
        yield ["mount", "--bind", root, root]
        yield ["mount", "-t", "proc", "proc", f"{root}/proc"]
        yield ["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", f"{root}/dev"]
        for device in DEVICES:
            yield ["touch", f"{root}/dev/{device}"]
            yield ["mount", "--bind", f"/dev/{device}", f"{root}/dev/{device}"]
        yield ["ln", "-s", "/proc/self/fd", f"{root}/dev/fd"]
        yield ["mount", "-o", "remount,ro", f"{root}/dev"]
        for place, directory in self.volumes.items():
            yield ["mount", "--bind", str(directory), f"{root}{place}"]
        for place, options in self.temporary.items():
            yield ["mount", "-t", "tmpfs", "-o", options, "tmpfs", f"{root}{place}"]
        if self.hosts:
            yield ["touch", f"{root}/etc/hosts"]
            yield ["mount", "--bind", str(self.hosts), f"{root}/etc/hosts"]
        yield ["mount", "-o", "remount,bind,ro", root]

    def _within(self):
        return ["chroot", str(self.image.root), *self._as_its_user(), *self.image.config["Entrypoint"], *self.arguments]

    def _as_its_user(self):
        user, group = self.image.config["User"].split(":")
        return ["setpriv", f"--reuid={user}", f"--regid={group}", *UNPRIVILEGED]

    @property
    def wrapper_pid(self):
        """None before it runs and after its end: 0 would be the whole process group."""
        return next(iter(children_of(self.process.pid)), None)

    def execute(self, *command, seconds=20):
        """Another process in the container, as its user; what it said and its status."""
        return subprocess.run(["nsenter", f"--target={self.wrapper_pid}", "--mount", "--pid", "--net", "--root", "--wdns=/",
                               *self._as_its_user(), *command], env=self.full_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=seconds * 4)

    def health(self):
        """Status and last words of the HEALTHCHECK that the image has."""
        form, *command = self.image.config["Healthcheck"]["Test"]
        assert form == "CMD", "in exec form"
        said = self.execute(*command)
        return said.returncode, said.stderr.strip()

    def signal(self, number):
        os.kill(self.wrapper_pid, number)

    def terminate(self):
        self.signal(signal.SIGTERM)
        return self

    def kill(self):
        """As the loss of its host: with PID 1 the kernel ends all that is in the namespace."""
        if pid := self.wrapper_pid:
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda: not process_is_alive(pid), 10, f"{self.name} dies")
        return self

    def remove(self):
        if self.process is not None:
            self.kill()
        super().remove()


class NodeContainer(Container, Node):
    def __init__(self, *arguments, **environment):
        super().__init__(*arguments, **{"DATA_DIR": None, "RUN_DIR": None, **environment})


class SentinelContainer(Container, Sentinel):
    def __init__(self, *arguments, **environment):
        super().__init__(*arguments, **{"RUN_DIR": None, "SENTINEL_CONF": None, **environment})


class WatcherContainer(Container, Watcher):
    def ports(self):
        return {"PORT0": self.http_port}


KINDS = {"redis-wrapper": NodeContainer, "sentinel-wrapper": SentinelContainer, "watcher": WatcherContainer}

# For what an engine gives by `--tmpfs`, as the comments in the Dockerfiles say.
RUN = {"/run/redis-zk": f"uid={USER},gid={USER},mode=0700"}
TEMPORARY = {"redis-wrapper": RUN, "sentinel-wrapper": RUN, "watcher": {}}
