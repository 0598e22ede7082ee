"""How much of the machine's time its host gives to somebody else. On a shared host that can be most of it, for minutes: then all
processes stand still for seconds, which for a cluster is a fault of every node at once, and no test is written for that."""

import os
import threading
import time
from pathlib import Path

PACE = 0.5
# In which nothing but what a host always takes was stolen.
CALM = 3
TOO_MUCH = 0.25
TICKS = os.sysconf("SC_CLK_TCK")
PROCESSORS = os.cpu_count()


def stolen():
    """Seconds since the machine was started, of all its processors, in which it had work and its host did not let it run."""
    return int(Path("/proc/stat").read_text().split("\n", 1)[0].split()[8]) / TICKS


class Machine:
    """Looks at it all the time, in a thread of its own."""

    def __init__(self, read=stolen, pace=PACE):
        self.read, self.pace, self.samples, self.ended = read, pace, [], threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)

    def start(self):
        self.samples.append((time.monotonic(), self.read()))
        self.thread.start()
        return self

    def stop(self):
        self.ended.set()
        self.thread.join()

    def _look(self):
        while not self.ended.wait(self.pace):
            self.samples.append((time.monotonic(), self.read()))

    def most_stolen(self, since):
        """The largest share of the machine's time that was stolen in any of the moments since then, 0 to 1."""
        samples = [(when, seconds) for when, seconds in list(self.samples) if when >= since - 2 * self.pace]
        shares = [(later - earlier) / ((then - when) * PROCESSORS)
                  for (when, earlier), (then, later) in zip(samples, samples[1:])]
        return max(shares, default=0)

    def wait_for_calm(self, seconds=300):
        """Until it has been let alone for a moment; whoever waits in vain goes on all the same."""
        end = time.monotonic() + seconds
        began = time.monotonic()
        while time.monotonic() < end:
            self.ended.wait(self.pace)
            if time.monotonic() - began >= CALM and self.most_stolen(time.monotonic() - CALM) < TOO_MUCH:
                return
