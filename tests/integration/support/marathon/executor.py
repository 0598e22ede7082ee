"""Marathon and its agents in one: it runs the apps of a definition, one after the other as they depend on each other."""

import threading
import traceback

from support.marathon.agents import make_agents
from support.marathon.app import App
from support.marathon.definitions import apps_of, in_order
from support.marathon.task import Task
from support.wait import wait_until


class Marathon:
    """Use as a context manager: at its end no task runs any more. `secrets` is the store of secrets."""

    def __init__(self, workplace, network, secrets=None):
        self.workplace, self.secrets, self.apps = workplace, secrets or {}, {}
        self.agents = make_agents(network)
        self._lock, self._end, self._failure = threading.Lock(), threading.Event(), None
        # Every task is a child of this thread, and would die with it.
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

    def deploy(self, definition, seconds=60):
        """A group or an app; once it is done."""
        for app in in_order(apps_of(definition)):
            self.want(app)
            wait_until(lambda: self._is_deployed(app["id"]), seconds, f"{app['id']} is deployed")

    def want(self, app):
        """Returns at once."""
        with self._lock:
            self.apps.setdefault(app["id"], App(self.agents, self._start)).deploy(app)

    def tasks(self, name):
        """Those that have not ended, in the order of their start."""
        with self._lock:
            assert self._failure is None, self._failure
            return list(self.apps[name].tasks)

    def _is_deployed(self, name):
        with self._lock:
            assert self._failure is None, self._failure
            tasks = [(task.healthy, task.ready, task.is_stopping(), task.version) for task in self.apps[name].tasks]
            assert self.apps[name].is_deployed(), f"healthy, ready, stopping, version: {tasks}"
            return True

    def _start(self, definition, version, agent):
        directory = self.workplace.directory
        return Task(self.workplace, definition, version, agent, directory, directory / f"volumes-{agent.number}", self.secrets)

    def _run(self):
        try:
            while not self._end.wait(0.02):
                with self._lock:
                    for app in list(self.apps.values()):
                        app.turn()
        except Exception:  # whatever it is, the test has to hear of it
            self._failure = traceback.format_exc()
        for task in [task for app in self.apps.values() for task in app.tasks]:
            task.kill()
            task.bury()
