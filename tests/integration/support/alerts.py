"""What Prometheus would have scraped of a cluster, in health and in trouble, and which alerts it makes of that: `promtool test
rules` [prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules]."""

import json
import subprocess

INTERVAL = 5  # seconds, between scrapes and between evaluations
HEALTHY = 2 * 60  # so long all is well

NODES = ("node-1:8008", "node-2:8008", "node-3:8008")
SENTINELS = ("sentinel-1:8008", "sentinel-2:8008", "sentinel-3:8008")
WATCHERS = ("watcher-1:8080", "watcher-2:8080")
JOBS = {"redis-wrapper": NODES, "sentinel-wrapper": SENTINELS, "watcher": WATCHERS}

OF_ALL = {"up": 1, "redis_zk_zookeeper_connected": 1, "redis_zk_term": 1}
OF_ALL_OF = {"redis-wrapper": {"redis_zk_fenced": 0, "redis_zk_early_crashes": 0, "redis_zk_steps_back": 0},
             "sentinel-wrapper": {"redis_zk_ready": 1, "redis_zk_quorum_reachable": 1},
             "watcher": {"redis_zk_ready": 1, "redis_zk_master_verified": 1, "redis_zk_disagreements": 0}}
GROWTH = 100  # in each interval
GROWING = "grows"  # as the offset of whoever has all that is written


def is_master(instance):
    return int(instance == NODES[0])


def healthy_values():
    """(metric, instance) -> what it is worth, for a cluster in which all is well."""
    found = {}
    for job, instances in JOBS.items():
        for instance in instances:
            found |= {(metric, instance): value for metric, value in (OF_ALL | OF_ALL_OF[job]).items()}
    for node in NODES:
        found |= {("redis_zk_master", node): is_master(node), ("redis_zk_in_sync", node): 1 - is_master(node),
                  ("redis_zk_offset_bytes", node): GROWING}
    return found


def is_down(*instances):
    """A target that does not answer: `up` is 0, and nothing else of it is known."""
    return {key: 0 if key[0] == "up" else "stale" for key in healthy_values() if key[1] in instances}


class Notation:
    """As promtool wants the values of a series."""

    def __init__(self, interval, end):
        self.interval, self.end = interval, end

    def text(self, before, after):
        """`before` while all is well, then each (seconds, value) of `after`, of which the last is a value alone, until the end.
        None: there is no such series."""
        texts, position = [], 0
        for seconds, value in ((HEALTHY, before), *after[:-1], (self.end, after[-1] if after else before)):
            count = seconds // self.interval
            texts.append(self._stretch(value, count, position))
            position += count
        return " ".join(texts)

    @staticmethod
    def _stretch(value, count, position):
        if value is None:
            return f"_x{count}"
        if value == "stale":
            return f"stale _x{count - 1}"
        if value == GROWING:
            return f"{GROWTH * position}+{GROWTH}x{count - 1}"
        return f"{value}+0x{count - 1}"


def series_of(key):
    (metric, _, labels), instance = key[0].partition("{"), key[1]
    job = next(job for job, instances in JOBS.items() if instance in instances)
    more = f",{labels}" if labels else "}"
    return f'{metric}{{cluster="sessions",job="{job}",instance="{instance}"{more}'


def group_of(name, changes, expected, interval=INTERVAL):
    """`changes`: (metric, instance) -> what it is worth when all is well no more, or a list of (seconds, value) and a last value.
    `expected`: seconds after that -> the alerts that fire then. Before, none does."""
    values, notation = healthy_values(), Notation(interval, max(expected) + HEALTHY)
    series = []
    for key in values | changes:
        after = changes.get(key, [])
        after = after if isinstance(after, list) else [after]
        series.append({"series": series_of(key), "values": notation.text(values.get(key), after)})
    checks = {-interval: set(), **expected}
    return {"name": name, "interval": f"{interval}s", "input_series": series, "promql_expr_test": [
        {"expr": 'max by (alertname) (ALERTS{alertstate="firing"})', "eval_time": f"{HEALTHY + seconds}s",
         "exp_samples": [{"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in sorted(alerts)]}
        for seconds, alerts in checks.items()]}


def run(folder, rules, group):
    """The complaints of promtool; nothing when all is as expected."""
    path = folder / "alerts-test.json"  # YAML, too
    path.write_text(json.dumps({"rule_files": [str(rules)], "evaluation_interval": group["interval"], "tests": [group]}))
    said = subprocess.run(["promtool", "test", "rules", path], capture_output=True, text=True, timeout=60)
    return said.stdout + said.stderr if said.returncode else ""
