"""Fail-overs in a row in one cluster, seen with the eyes of the demo, and the table that they make."""

import math
import statistics
import sys
from collections import Counter
from contextlib import ExitStack

from support.load import Load
from support.node import REPOSITORY
from support.sentinel import settled, watched
from support.wait import wait_until
from support.watcher import start_watchers, wait_until_all_listen

sys.path.insert(0, str(REPOSITORY / "demo"))

from failover import AGREED, CLOSED, DOWN, GONE, OPENED, PROMOTED, READ, RECORDED, SEEN, WRITTEN, FailOver  # noqa: E402  (see the line above)
from parts import DOWN_AFTER  # noqa: E402

PATIENCE = 40
STEPS = {GONE: "redis-server is gone", DOWN: f"death seen (DOWN_AFTER is {DOWN_AFTER})", AGREED: "down agreed",
         PROMOTED: "promoted", CLOSED: "its wrapper sees that", SEEN: "first sentinel names the new master",
         RECORDED: "record written", READ: "a reader sees it", OPENED: "its wrapper opens it", WRITTEN: "client writes again"}
LATENCY = "record after the first sentinel names it"


class FailOvers:
    """Three nodes, three sentinels and two watchers. `link` is the nodes' way to ZooKeeper, if it shall be cut in each
    fail-over: then nobody but a watcher can write the record. With `load` each watcher is asked so many times a second meanwhile.
    `runs` has of each fail-over: step -> (ms since the kill, who)."""

    def __init__(self, cluster, zk_hosts, link=None, load=0):
        self.cluster, self.zk_hosts, self.link, self.load, self.runs, self.loads = cluster, zk_hosts, link, load, [], []
        self.master, _, self.sentinels = watched(cluster, nodes_know=link and {"ZK_HOSTS": link.hosts}, DOWN_AFTER=DOWN_AFTER)
        self.watchers = start_watchers(cluster)
        wait_until_all_listen(self.watchers)
        self.settle()

    def settle(self):
        self.master = wait_until(lambda: settled(self.cluster, self.sentinels), PATIENCE, f"all is well after {len(self.runs)}")

    def run(self):
        """Kills the master, and brings it back when all steps have been seen."""
        old = self.master
        story = FailOver(old, self.cluster.nodes, self.sentinels, self.watchers, self.zk_hosts, self.cluster.directory.root)
        with ExitStack() as meanwhile:
            meanwhile.enter_context(story)
            self.put_under_load(meanwhile)
            if self.link:
                self.link.cut()
            story.kill()
            self.runs.append({step: (1000 * seconds, who) for seconds, who, step in story.wait(PATIENCE)})
        if self.link:
            self.link.mend()
        old.start()
        self.settle()

    def put_under_load(self, meanwhile):
        """Until the end of `meanwhile`."""
        loads = [Load(self.cluster.workplace, watcher, self.load, 2 * PATIENCE) for watcher in self.watchers if self.load]
        for load in loads:
            meanwhile.enter_context(load)
        for load in loads:
            wait_until(lambda: load.look() > self.load / 2, PATIENCE, "the watchers are under load")
        self.loads += loads

    def times(self, step):
        return [run[step][0] for run in self.runs]

    def latencies(self):
        """Below zero where the promoted node's own wrapper was faster than any sentinel."""
        return [recorded - named for recorded, named in zip(self.times(RECORDED), self.times(SEEN))]

    def answered_rates(self):
        """Of each watcher in each fail-over; none without load. A request that failed counts as none."""
        return [load.rate() * sum(status is not None for *_, status, _ in load.answers) / len(load.answers) for load in self.loads]

    def table(self):
        lines = [f"{'MILLISECONDS AFTER kill -9':44}{'MIN':>8}{'MEDIAN':>8}{'P99':>8}{'MAX':>8}"]
        rows = [(name, self.times(step)) for step, name in STEPS.items()] + [(LATENCY, self.latencies())]
        for name, values in rows:
            numbers = (min(values), statistics.median(values), p99(values), max(values))
            lines.append(f"{name:44}" + "".join(f"{number:8.0f}" for number in numbers))
        writers = Counter(run[RECORDED][1] for run in self.runs)
        lines.append("record written by: " + ", ".join(f"{name} {count} times" for name, count in sorted(writers.items())))
        return "\n".join(lines + self.lines_about_load())

    def lines_about_load(self):
        if not self.loads:
            return []
        took = sorted(one for load in self.loads for one in load.milliseconds())
        failed = sum(status is None for load in self.loads for *_, status, _ in load.answers)
        return [f"each watcher answered {statistics.mean(self.answered_rates()):.0f} requests a second, of {self.load}: "
                f"median {statistics.median(took):.1f} ms, 99 % within {p99(took):.1f} ms; {failed} of {len(took)} failed"]


def p99(values):
    """The smallest of them that 99 % do not exceed: of 20 it is the largest."""
    return sorted(values)[math.ceil(0.99 * len(values)) - 1]
