"""What a process takes: memory, processor, time to start. Judged to the point by bench/, and coarsely by the tests."""

import socket
import time
from pathlib import Path

from support.wait import NEVER_SET, NotInTime


def memory_mb(pid, field="VmRSS"):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"no {field} of {pid}")


def cpu_seconds(pid):
    """On the processor, in nanoseconds of the scheduler: /proc/<pid>/stat counts in steps of 10 ms."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


class Talk:
    """A Redis connection that is made anew whenever it breaks, and never throws."""

    def __init__(self, host, port):
        self.address, self.socket = (host, port), None

    def ask(self, command):
        """The raw answer, None while nobody answers. For answers that come in one piece."""
        try:
            if self.socket is None:
                self.socket = socket.create_connection(self.address, timeout=2)
            self.socket.sendall(command.encode() + b"\r\n")
            answer = self.socket.recv(4096)
        except OSError:
            answer = b""
        if not answer:
            self.close()
        return answer.decode() or None

    def role(self):
        """"master", or ("slave", host, port, link), or None."""
        answer = self.ask("ROLE")
        if not answer or not answer.startswith("*"):
            return None
        words = [word for word in answer.split("\r\n")[1:] if not word.startswith("$")]
        return "master" if words[0] == "master" else ("slave", words[1], int(words[2].lstrip(":")), words[3])

    def close(self):
        if self.socket is not None:
            self.socket.close()
        self.socket = None


def seconds_to_pong(process, host, port):
    """From its exec to the first PONG at a TCP port."""
    talk = Talk(host, port)
    while not (talk.ask("PING") or "").startswith("+PONG"):
        if time.monotonic() - process.executed_at > 20:
            raise NotInTime(f"no PONG of {process.name} at {host}:{port}")
        NEVER_SET.wait(0.0002)
    talk.close()
    return time.monotonic() - process.executed_at
