"""A master that is frozen together with its redis, and a client that sees what it takes when it wakes up."""

import os
import signal
import socket
import threading
import time

from support.forwarder import close
from support.wait import wait_until

# On an idle machine it is one or two; a machine that runs many tests at once wakes processes up late.
LONGEST_TO_CLOSE = 0.25


class QuickWriter:
    """A client on a connection that was open before. It writes once in a millisecond, and notes when each answer has come and whether
    the write was taken, until it is stopped or the connection ends."""

    def __init__(self, node):
        self.answers, self._end = [], threading.Event()
        self._connection = socket.create_connection((node.host, node.port))
        self._thread = threading.Thread(target=self._write, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        close(self._connection)
        self._thread.join()

    def _write(self):
        answers = self._connection.makefile("rb")
        try:
            while not self._end.wait(0.001):
                self._connection.sendall(b"SET written-by quick\r\n")
                if not (answer := answers.readline()):
                    return
                self.answers.append((time.monotonic(), answer.startswith(b"+OK")))
        except OSError:
            return

    def taken_since(self, start):
        return [when - start for when, was_taken in self.answers if was_taken and when >= start]

    def refused_since(self, start):
        return [when - start for when, was_taken in self.answers if not was_taken and when >= start]


def freeze_until_replaced(cluster, master, replicas):
    for pid in (master.wrapper_pid, master.redis_pid):
        os.kill(pid, signal.SIGSTOP)
    new = wait_until(lambda: next((node for node in replicas if node.is_master()), None), 40, "another one is master")
    wait_until(lambda: cluster.directory.record() == new.address and new.accepts_writes(), 20, "it takes writes")
    return new


def wake(master):
    for pid in (master.redis_pid, master.wrapper_pid):
        os.kill(pid, signal.SIGCONT)
    return time.monotonic()
