"""A Prometheus with the configuration as shipped: a test writes down where the processes are, as a user does, and nothing else."""

import json
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from support.node import INHERITED, REPOSITORY
from support.processes import Process, free_port
from support.wait import wait_until

SHIPPED = ("prometheus.yml", "prometheus-alerts.yml")
CLUSTER = "tested"


class Prometheus:
    """`targets`: job -> the parts that it scrapes."""

    def __init__(self, workplace, targets):
        self.directory, self.port, self.process = workplace.directory / "prometheus", free_port(), None
        (self.directory / "redis-zk").mkdir(parents=True)
        for name in SHIPPED:
            shutil.copy(REPOSITORY / "conf" / name, self.directory)
        for job, parts in targets.items():
            addresses = [f"{part.host}:{part.http_port}" for part in parts]
            written = json.dumps([{"targets": addresses, "labels": {"cluster": CLUSTER}}])  # YAML, too
            (self.directory / f"redis-zk/{job}.yml").write_text(written)
        workplace.add(self)

    def check_configuration(self):
        """What promtool says about it, and about the alerts that it names."""
        command = ["promtool", "check", "config", self.directory / "prometheus.yml"]
        return subprocess.run(command, capture_output=True, text=True, timeout=30)

    def start(self):
        command = ["prometheus", f"--config.file={self.directory}/prometheus.yml", f"--storage.tsdb.path={self.directory}/data",
                   f"--web.listen-address=127.0.0.1:{self.port}"]
        self.process = Process("prometheus", command, self.directory / "prometheus.log", INHERITED, self.directory)
        wait_until(lambda: self.query("1"), 20, "prometheus answers")
        return self

    def remove(self):
        if self.process is not None:
            self.process.kill()

    def get(self, path, **parameters):
        """The data of an answer of its API, or an error with what it says."""
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise ValueError(f"{parameters}: {error.read().decode()}") from error

    def query(self, expression):
        """The samples, as a list of (labels, value)."""
        data = self.get("query", query=expression)
        if data["resultType"] == "scalar":
            return [({}, float(data["result"][1]))]
        return [(one["metric"], float(one["value"][1])) for one in data["result"]]

    def rules(self):
        """name of an alert -> its expression, as Prometheus has understood it."""
        [group] = self.get("rules")["groups"]
        assert all(rule["health"] != "err" for rule in group["rules"]), group
        return {rule["name"]: rule["query"] for rule in group["rules"]}
