"""Child processes that cannot outlive the test run, with their output in a file."""

import ctypes
import mmap
import os
import signal
import socket
import struct
import subprocess
import time
from pathlib import Path

from support.wait import SLOWEST, NotInTime, wait_until

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)  # loaded before any fork: dlopen between fork and exec may deadlock


def die_with_the_test_run():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def free_port(host="127.0.0.1"):
    """A port that nobody else is given for the next minute. A connection in TIME_WAIT is left behind on it: the kernel
    then offers it neither to bind(0) nor to an outgoing connection, but a server with SO_REUSEADDR gets it. Without
    this, a node that is down for a moment loses its port to any client on the machine."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((host, 0))
        server.listen(1)
        with socket.create_connection(server.getsockname()[:2]):
            accepted, _ = server.accept()
            accepted.close()  # the side that closes first keeps the TIME_WAIT: the server's, with our port
        return server.getsockname()[1]


def state_of(pid):
    """A letter, as ps shows it; X when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"


def process_is_alive(pid):
    """A zombie is dead: it holds no memory, no port and no data."""
    return state_of(pid) not in "ZX"


def children_of(pid):
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def name_of(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


class Process:
    """One child. `log_path` gets standard output and standard error; a second start appends."""

    def __init__(self, name, command, log_path, environment=None, directory=None):
        self.name, self.command, self.log_path = name, [str(word) for word in command], Path(log_path)
        self._moment = mmap.mmap(-1, struct.calcsize("d"))  # shared with the child
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log_path, "ab") as log:
            self._log_start = log.tell()
            self.popen = subprocess.Popen(self.command, env=environment, cwd=directory, stdin=subprocess.DEVNULL,
                                          stdout=log, stderr=subprocess.STDOUT, preexec_fn=self._prepare)

    def _prepare(self):
        """In the child, just before its exec."""
        die_with_the_test_run()
        self._moment[:] = struct.pack("d", time.monotonic())

    @property
    def executed_at(self):
        """On the clock of time.monotonic(). To copy all of Python for the child takes a millisecond before that."""
        return struct.unpack("d", self._moment)[0]

    @property
    def pid(self):
        return self.popen.pid

    def is_running(self):
        return self.popen.poll() is None

    def is_frozen(self):
        """By SIGSTOP."""
        return self.is_running() and state_of(self.pid) == "T"

    def log(self):
        """What this run has written so far, without that of earlier runs."""
        with open(self.log_path, "rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    def signal(self, number):
        if self.is_running():
            os.kill(self.pid, number)

    def kill(self):
        self.signal(signal.SIGKILL)
        return self.popen.wait()

    def wait_for_exit(self, seconds):
        """The exit status as a shell shows it: 128 + n after signal n."""
        seconds *= SLOWEST
        try:
            status = self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise NotInTime(f"{self.name} has not ended within {seconds} s") from None
        return status if status >= 0 else 128 - status

    def wait_for_log(self, text, seconds=10):
        return wait_until(lambda: text in self.log(), seconds, f"{self.name} logs {text!r}")
