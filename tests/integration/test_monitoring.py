"""A real Prometheus with the configuration, the alerts and the dashboard as shipped."""

import itertools
import json
import re

from support.node import REPOSITORY
from support.prometheus import CLUSTER, Prometheus
from support.sentinel import watched
from support.wait import wait_until
from support.watcher import start_watchers, wait_until_all_listen

DASHBOARD = REPOSITORY / "conf/grafana-dashboard.json"

# There when somebody has lost writes: test_quarantine sees it.
SEEN_ELSEWHERE = {"redis_zk_lost_bytes_total"}
COLUMNS = 24  # of Grafana's grid


def panels():
    return json.loads(DASHBOARD.read_text())["panels"]


def expressions():
    """Of each panel, as Grafana asks them for all clusters."""
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"].replace("$cluster", ".*")


def names_in(text):
    return set(re.findall(r"\bredis_zk_\w+", text))


def names_of(part):
    """The names of all metrics that it offers."""
    return set(re.findall(r"^(redis_zk_\w+)", part.get("/metrics")[1], re.MULTILINE))


def test_a_real_prometheus_scrapes_all_three_kinds_and_understands_alerts_and_dashboard(workplace, cluster):
    """Each expression of the dashboard finds something, and each name of a metric is one that a process offers."""
    master, _, sentinels = watched(cluster)
    watchers = start_watchers(cluster, 2)
    wait_until_all_listen(watchers)
    kinds = {"redis-wrapper": cluster.nodes, "sentinel-wrapper": sentinels, "watcher": watchers}
    prometheus = Prometheus(workplace, kinds)
    said = prometheus.check_configuration()
    assert said.returncode == 0 and "WARNING" not in said.stdout + said.stderr, said
    prometheus.start()

    wanted = {(job, f"{part.host}:{part.http_port}"): 1 for job, parts in kinds.items() for part in parts}
    wait_until(lambda: up(prometheus) == wanted, 20, "all are scraped")
    assert master.stop() == 0
    wait_until(lambda: prometheus.query('ALERTS{alertname="RedisZkTargetDown"}'), 20, "it notices that one is down")

    offered = SEEN_ELSEWHERE.union(*(names_of(part) for part in (*cluster.running(), *sentinels, *watchers)))
    used = names_in(" ".join([*prometheus.rules().values(), *(expression for _, expression in expressions())]))
    assert used <= offered, f"nobody offers {sorted(used - offered)}"
    for title, expression in expressions():
        wait_until(lambda: prometheus.query(expression), 20, f"the panel {title!r} shows something")


def up(prometheus):
    return {(labels["job"], labels["instance"]): value for labels, value in prometheus.query(f'up{{cluster="{CLUSTER}"}}')}


def area(panel):
    at = panel["gridPos"]
    return set(itertools.product(range(at["x"], at["x"] + at["w"]), range(at["y"], at["y"] + at["h"])))


def test_the_dashboard_is_one_that_grafana_can_show():
    """[grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model]"""
    found, text = panels(), DASHBOARD.read_text()
    for key in ("id", "title"):
        assert len({panel[key] for panel in found}) == len(found), f"no {key} twice"
    assert all(panel["title"] and panel["description"] and panel["targets"] for panel in found)
    for panel in found:
        assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"])
        letters = [target["refId"] for target in panel["targets"]]
        assert len(set(letters)) == len(letters)
        assert all(0 <= x < COLUMNS for x, _ in area(panel)), panel["title"]
    for one, other in itertools.combinations(found, 2):
        assert not area(one) & area(other), f"{one['title']} lies on {other['title']}"
    defined = {variable["name"] for variable in json.loads(text)["templating"]["list"]}
    used = {name for name in re.findall(r"\$\{?([a-z_]+)", text) if not name.startswith("__")}
    assert used == defined
