"""One app: as many tasks as its definition wants, and a new version of it in the order that its upgradeStrategy says."""

import math
import time

from support.marathon.task import volumes_of


class Backoff:
    """mesosphere/marathon, docs/docs/backoff.md: each failure makes the next start wait longer, until none has come for long enough."""

    def __init__(self, definition):
        self.first, self.factor = definition["backoffSeconds"], definition["backoffFactor"]
        self.longest = definition["maxLaunchDelaySeconds"]
        self.delay, self.failed_at = 0, -math.inf

    def failed(self, now):
        is_forgotten = now > self.failed_at + self.delay + self.longest
        self.delay, self.failed_at = min(self.first if is_forgotten else self.delay * self.factor, self.longest), now

    def is_over(self, now):
        return now >= self.failed_at + self.delay


class App:
    """`start` starts a task: it is given the definition, the version and the agent."""

    def __init__(self, agents, start):
        self.agents, self.start = agents, start
        self.definition, self.version, self.tasks, self.history = None, 0, [], []

    # --- what is wanted ---

    def deploy(self, definition):
        """mesosphere/marathon: computeRestartStrategy() of TaskReplaceActor.scala."""
        self.definition, self.version, self.backoff = definition, self.version + 1, Backoff(definition)
        count, strategy = definition["instances"], definition["upgradeStrategy"]
        fewest = math.ceil(count * strategy["minimumHealthCapacity"])
        healthy = sum(task.is_well() for task in self.tasks)
        self.capacity = int(count * (1 + strategy["maximumOverCapacity"]))
        self.may_stop = max(0, healthy - fewest)  # of the old version
        if fewest == self.capacity <= healthy:
            if volumes_of(definition):  # whose successor gets the volume: one is stopped before
                self.may_stop += 1
            else:
                self.capacity += 1
        self._counted = set()

    def is_deployed(self):
        return not self.old() and len(self.current()) == self.definition["instances"] and all(task.is_well() for task in self.current())

    def old(self):
        return [task for task in self.tasks if task.version != self.version]

    def current(self):
        return [task for task in self.tasks if task.version == self.version]

    # --- what is done about it ---

    def turn(self):
        self._bury()
        self._stop_old()
        self._launch()

    def _bury(self):
        for task in self.tasks:
            task.turn()
        for task in [task for task in self.tasks if task.has_ended()]:
            self.tasks.remove(task)
            task.bury()
            # Whoever was replaced has not failed. Whoever failed its health checks has.
            if task.version == self.version:
                self.backoff.failed(task.ended_at)

    def _stop_old(self):
        """One for each new task that is healthy and ready, beside those that may go at once; the unhealthy first."""
        for task in self.current():
            if task.is_well() and task.id not in self._counted:
                self._counted.add(task.id)
                self.may_stop += 1
        waiting = sorted((task for task in self.old() if not task.is_stopping()), key=lambda task: task.healthy)
        for task in waiting[:self.may_stop]:
            self.may_stop -= 1
            task.stop()

    def _launch(self):
        missing = min(self.definition["instances"] - len(self.current()), self.capacity - len(self.tasks))
        free = self._free_agents()
        for agent in free[:max(0, missing)]:
            if self.backoff.is_over(time.monotonic()):
                task = self.start(self.definition, self.version, agent)
                self.tasks.append(task)
                self.history.append(task)

    def _free_agents(self):
        assert self.definition["constraints"] == [["hostname", "UNIQUE"]]
        taken = {task.agent for task in self.tasks}
        return [agent for agent in self.agents if agent not in taken]
