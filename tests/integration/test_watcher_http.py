"""What a watcher tells over HTTP, and that telling it does not keep it from its work."""

import http.client
import json
import os
import signal
import statistics
import time
from html.parser import HTMLParser

import pytest

from support.cluster import LONE_CONF
from support.fail_overs import p99
from support.load import PATHS, Load
from support.processes import free_port
from support.sentinel import watched
from support.wait import wait_until
from support.watcher import Watcher, start_watchers, wait_until_all_listen

@pytest.fixture
def group(cluster):
    """A master, a replica, three sentinels that stay registered while their wrapper is frozen, a watcher, all well."""
    master, (replica,), sentinels = watched(cluster, 2, ZK_SESSION_TIMEOUT="60s")
    watcher, = start_watchers(cluster, 1)
    wait_until_all_listen([watcher])
    return master, replica, sentinels, watcher


def spoken(address):
    return "{}:{}".format(*address)


def header(watcher, path, name):
    connection = http.client.HTTPConnection(watcher.host, watcher.http_port, timeout=2)
    connection.request("GET", path)
    value = connection.getresponse().getheader(name)
    connection.close()
    return value


def test_the_text_pages_are_as_clients_of_redis_zk_parse_them(group):
    """design/5: `host port`, and `host:port,host:port`; nothing before and nothing behind."""
    *_, sentinels, watcher = group
    addresses = {one.address for one in sentinels}
    code, text = watcher.get("/sentinels")
    assert code == 200 and {(host, int(port)) for host, port in (one.split(":") for one in text.split(","))} == addresses
    assert text == text.strip() and header(watcher, "/sentinels", "Content-Type").startswith("text/plain")
    seen = set()
    wait_until(lambda: seen.add(watcher.get("/sentinel")[1]) or len(seen) == 3, 10, "each is named now and then")
    assert seen == {"{} {}".format(*address) for address in addresses}


def test_a_sentinel_that_hangs_is_not_recommended(group):
    *_, sentinels, watcher = group
    frozen = sentinels[0]
    watcher_listens = wait_until(lambda: watcher.json("/status")["listening"]["sentinel"], 5, "it listens")
    os.kill(frozen.sentinel_pid, signal.SIGSTOP)
    try:
        wait_until(lambda: not next(one for one in watcher.json("/sentinels.json")["sentinels"]
                                    if one["address"] == spoken(frozen.address))["answered"], 20, "it is known to be silent")
        assert "{} {}".format(*frozen.address) not in {watcher.get("/sentinel")[1] for _ in range(50)}, watcher_listens
    finally:
        os.kill(frozen.sentinel_pid, signal.SIGCONT)


def test_status_tells_master_nodes_and_sentinels(group, directory):
    master, replica, sentinels, watcher = group
    status = wait_until(lambda: (seen := watcher.json("/status"))["nodes"][0]["lag_bytes"] is not None
                        or seen["nodes"][1]["lag_bytes"] is not None and seen, 15, "the lag is known")
    status = watcher.json("/status")
    assert (status["master"], status["master_verified"], status["term"]) == (spoken(master.address), True, 1)
    assert status["since"] == directory.json("history/1")["at"]
    nodes = {node["address"]: node for node in status["nodes"]}
    assert {address: node["role"] for address, node in nodes.items()} == {spoken(master.address): "master", spoken(replica.address): "replica"}
    assert nodes[spoken(replica.address)]["lag_bytes"] < 10_000 and nodes[spoken(replica.address)]["lag_age_ms"] < 30_000
    assert {one["address"]: one["master"] for one in status["sentinels"]} == {spoken(one.address): spoken(master.address) for one in sentinels}
    assert status["listening"]["sentinel"] in {spoken(one.address) for one in sentinels}
    assert status["disagreements"] == [] and status["zookeeper"]["connected"] and status["ready"]
    answer = watcher.json("/master.json")
    assert (answer["host"], answer["port"], answer["term"], answer["verified"]) == (*master.address, 1, True)


def test_a_disagreement_is_said_in_words(group):
    """design/6, complaint 20: why was there no fail-over?"""
    master, replica, sentinels, watcher = group
    one = sentinels[0]
    one.process.signal(signal.SIGSTOP)  # its wrapper would mend it
    one.ask("REMOVE", "mymaster")
    sentence = f"sentinel {spoken(one.address)} knows no master named mymaster"
    wait_until(lambda: sentence in watcher.json("/status")["disagreements"], 20, "it is said")
    assert sentence in watcher.get("/")[1]
    one.process.signal(signal.SIGCONT)


def test_events_and_history_have_the_fail_over(group, directory):
    master, replica, sentinels, watcher = group
    master.kill()
    wait_until(lambda: directory.record() == replica.address, 20, "the record names the replica")
    switch = wait_until(lambda: [one for one in watcher.json("/events")["events"] if one["event"] == "+switch-master"], 15, "it was heard")[0]
    assert switch["words"] == ["mymaster", master.address[0], str(master.port), replica.address[0], str(replica.port)]
    assert switch["sentinel"] in {spoken(one.address) for one in sentinels} and switch["at"].endswith("Z")
    history = wait_until(lambda: (seen := watcher.json("/history")["history"])[0]["term"] == 2 and seen, 5, "it is in the history")
    assert [change["term"] for change in history] == [2, 1]
    assert history[0]["master"] == "{} {}".format(*replica.address) and history[0]["before"] == "{} {}".format(*master.address)
    assert history[0]["reason"] and history[0]["by"]
    assert watcher.json("/master.json")["since"] == history[0]["at"]


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.links, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.links += [value for name, value in attributes if tag == "a" and name == "href"]

    def handle_data(self, data):
        self.text += data


def test_the_front_page_has_the_master_and_links_that_work(group):
    master, _, _, watcher = group
    code, text = watcher.get("/")
    page = Page(text)
    assert code == 200 and header(watcher, "/", "Content-Type").startswith("text/html")
    assert f"Master is {spoken(master.address)}, in term 1" in page.text
    assert len(page.links) >= 10 and {watcher.get(link)[0] for link in page.links} == {200}
    assert watcher.get("/", "HEAD") == (200, "") and watcher.get("/nothing")[0] == 404 and watcher.get("/status", "POST")[0] == 405


def test_without_sentinels_it_says_so(cluster):
    master, _ = cluster.start(1, conf=LONE_CONF)
    watcher, = start_watchers(cluster, 1)
    wait_until(lambda: watcher.json("/master.json")["port"] == master.port, 10, "it has read the record")
    for path in ("/sentinel", "/sentinels", "/sentinels.json"):
        code, body = watcher.get(path)
        assert code == 503 and json.loads(body)["error"] == "no sentinel is registered in ZooKeeper", path
    assert watcher.get("/liveness")[0] == 200 and watcher.get("/")[0] == 200
    for path in ("/health", "/readiness"):
        code, body = watcher.get(path)
        assert code == 503 and json.loads(body)["error"].startswith("no sentinel is registered"), (path, body)


def test_without_zookeeper_it_says_so(workplace):
    watcher = Watcher(workplace, f"127.0.0.1:{free_port()}", "/redis", "watcher-1").start()
    wait_until(lambda: watcher.get("/liveness")[0] == 200, 10, "it answers")
    for path, reason in (("/sentinel", "not read from ZooKeeper"), ("/master.json", "not read from ZooKeeper"),
                         ("/health", "ZooKeeper cannot be reached"), ("/readiness", "ZooKeeper cannot be reached")):
        code, body = watcher.get(path)
        assert code == 503 and reason in json.loads(body)["error"], (path, body)
    assert watcher.json("/status")["zookeeper"]["connected"] is False
    assert watcher.stop() == 0


def test_metrics_are_in_the_format_of_prometheus(group):
    watcher = group[-1]
    code, text = watcher.get("/metrics")
    assert code == 200 and header(watcher, "/metrics", "Content-Type").startswith("text/plain; version=0.0.4")
    lines = text.splitlines()
    values = {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))}
    assert all(name.startswith("redis_zk_") for name in values)
    assert {line.split()[2] for line in lines if line.startswith("# TYPE")} == {name.split("{")[0] for name in values}
    assert (values["redis_zk_term"], values["redis_zk_sentinels"], values["redis_zk_members"]) == (1, 3, 2)
    assert values["redis_zk_listening"] == values["redis_zk_master_verified"] == values["redis_zk_ready"] == 1


def test_500_requests_a_second_do_not_delay_the_record(workplace, cluster, directory):
    """P3. The wrappers of the replicas stand still, so that nobody but the watcher can write the record. It is right at most 1 s after
    the first sentinel was seen to name the new master: that catches what hangs; with --load bench/failover measures. Each request
    is answered, and none names the former master once the record names another."""
    master, replicas, sentinels = watched(cluster)
    watcher, = start_watchers(cluster, 1)
    wait_until_all_listen([watcher])
    recorded_at = []
    directory.client.DataWatch(directory.path("master"), lambda *_: recorded_at.append(time.monotonic()))
    with Load(workplace, watcher, 500, seconds=60, kept=("/master.json", "/status", "/sentinel", "/sentinels")) as load:
        wait_until(lambda: load.look() > 1000, 30, "it is under load")
        for replica in replicas:
            replica.process.signal(signal.SIGSTOP)
        master.kill()
        killed_at = time.monotonic()
        named = wait_until(lambda: {one.names() for one in sentinels} - {master.address}, 30, "a sentinel names another", interval=0.005)
        named_at = time.monotonic()
        wait_until(lambda: directory.record() in named, 30, "the record names it too", interval=0.005)
        new = directory.record()
        for replica in replicas:
            replica.process.signal(signal.SIGCONT)
        more = load.look() + 1000
        wait_until(lambda: load.look() > more, 30, "two seconds more")
    took = load.milliseconds()
    print(f"\n{len(took)} answers, {load.rate():.0f} requests/s, median {statistics.median(took):.1f} ms, p99 {p99(took):.1f} ms; record "
          f"{(recorded_at[-1] - named_at) * 1000:.0f} ms after the first sentinel was seen to name the new master")
    assert recorded_at[-1] - named_at < 1
    assert directory.json("term")["by"].startswith("watcher ")
    # While it changes from one sentinel to another it is not healthy, and says so.
    assert {(path, status) for *_, path, status, _ in load.answers if status != 200} <= {("/health", 503)}, "each request is answered"
    assert {path for _, at, path, *_ in load.answers if killed_at < at < recorded_at[-1]} == set(PATHS), "it answers during the fail-over"
    for path, address in (("/master.json", lambda it: (it["host"], it["port"])), ("/status", lambda it: it["master"])):
        told = [(asked_at, answered_at, address(json.loads(text))) for asked_at, answered_at, text in load.told(path)]
        before, after = (spoken(master.address), spoken(new)) if path == "/status" else (master.address, new)
        assert {whom for *_, whom in told} == {before, after}
        since = min(answered_at for _, answered_at, whom in told if whom == after)
        assert {whom for asked_at, _, whom in told if asked_at > since} == {after}, "none names the former master after that"
    assert {text for *_, text in load.told("/sentinel")} <= {"{} {}".format(*one.address) for one in sentinels}
    assert {frozenset(text.split(",")) for *_, text in load.told("/sentinels")} == {frozenset(spoken(one.address) for one in sentinels)}
