"""Requests over HTTP at a steady rate, by ordinary clients in a process of their own, so that the test and they do not hold each
other up. Run as a program it is that process: it prints one line of JSON for each answer."""

import http.client
import json
import math
import signal
import sys
import threading
import time

PATHS = ("/sentinel", "/sentinels", "/status", "/", "/master.json", "/sentinels.json", "/events", "/history", "/metrics", "/health")
CLIENTS = 4  # each has one connection, which it keeps


class Load:
    """`rate` requests a second against `server`, which has a host and an http_port, while it is entered; of `seconds` at most. The
    text of an answer is kept for the paths in `kept`. `answers` has (asked at, answered at, path, status, text) of each, in
    monotonic time; status None: none came, and the text says why."""

    started = 0

    def __init__(self, workplace, server, rate, seconds, kept=()):
        Load.started += 1
        self.output, self.answers, self.process = workplace.directory / f"load-{Load.started}.json", [], None
        self.command = [sys.executable, "-B", __file__, server.host, server.http_port, rate, seconds, *kept]
        self._position, self._rest = 0, b""
        workplace.add(self)

    def __enter__(self):
        from support.processes import Process  # the program has no use for it
        self.process = Process("load", self.command, self.output)
        return self

    def __exit__(self, kind, *_):
        self.process.signal(signal.SIGTERM)
        status = self.process.wait_for_exit(40)
        assert kind or status == 0, self.process.log()[-2000:]
        self.look()

    def remove(self):
        if self.process is not None:
            self.process.kill()

    def look(self):
        """How many answers there are by now."""
        with open(self.output, "rb") as output:
            output.seek(self._position)
            data = output.read()
        self._position += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        self.answers += [tuple(json.loads(line)) for line in lines]
        return len(self.answers)

    def rate(self):
        """Answers per second, from the first question to the last answer."""
        return len(self.answers) / (max(at for _, at, *_ in self.answers) - min(at for at, *_ in self.answers))

    def milliseconds(self):
        """How long each answer took, the shortest first."""
        return sorted(1000 * (answered_at - asked_at) for asked_at, answered_at, *_ in self.answers)

    def told(self, path):
        """What this page said, as (when it was asked for, when the answer came, the text)."""
        return [(asked_at, answered_at, text) for asked_at, answered_at, asked, status, text in self.answers
                if asked == path and status == 200]


class Client(threading.Thread):
    """A client that is late asks the next question at once: it makes up for what a busy machine has cost it."""

    mutex, ended = threading.Lock(), threading.Event()

    def __init__(self, host, port, rate, seconds, kept):
        super().__init__()
        self.connection, self.kept = http.client.HTTPConnection(host, port, timeout=30), kept
        self.pause, self.seconds, self.requests = CLIENTS / rate, seconds, math.ceil(rate * seconds / CLIENTS)

    def run(self):
        due = time.monotonic()
        end = due + self.seconds
        for number in range(self.requests):
            self.ask(PATHS[number % len(PATHS)])
            due += self.pause
            if self.ended.wait(max(0, due - time.monotonic())) or time.monotonic() > end:
                return

    def ask(self, path):
        asked_at = time.monotonic()
        try:
            self.connection.request("GET", path)
            answer = self.connection.getresponse()
            status, text = answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            status, text = None, repr(error)
            self.connection.close()
        text = text if status is None or path in self.kept else ""
        with self.mutex:
            print(json.dumps((asked_at, time.monotonic(), path, status, text)), flush=True)


def main():
    host, port, rate, seconds, *kept = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: Client.ended.set())
    clients = [Client(host, int(port), float(rate), float(seconds), kept) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()


if __name__ == "__main__":
    main()
