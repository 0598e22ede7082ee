"""Behaviour 6: a small API for schedulers, balancers and people."""

import http.client
import json
import os
import signal
import socket

import pytest

from support.cluster import LONE_CONF, Cluster
from support.data import fill
from support.directory import Directory
from support.processes import process_is_alive
from support.wait import stays_true, wait_until

ROLE_PATHS = {"/master": "master", "/primary": "master", "/replica": "replica"}


@pytest.fixture
def pair(cluster):
    """A master and a replica that is in sync."""
    master, (replica,) = cluster.start(2, conf=LONE_CONF)
    fill(master.client, "some", 20)
    cluster.wait_until_same_data()
    wait_until(lambda: replica.status()["in_sync"], 10, "the replica knows that it is in sync")
    return master, replica


def test_role_endpoints_answer_200_for_the_role_and_503_with_a_reason_otherwise(pair):
    for node, role in zip(pair, ("master", "replica")):
        for path, wanted in ROLE_PATHS.items():
            code, body = node.get(path)
            assert code == (200 if role == wanted else 503), (node.name, path, body)
            answer = json.loads(body)
            assert code == 200 or any(isinstance(value, str) and " " in value for value in answer.values()), body
    for node in pair:
        for path in ("/health", "/liveness", "/readiness"):
            assert node.get(path)[0] == 200, path


def test_the_replica_endpoint_takes_a_limit_for_the_lag(pair):
    """Behind by less than that: 200. What is no number is the caller's mistake."""
    master, replica = pair
    for lag in ("0", "100000000", "64kb", "1mb", "2gb"):
        wait_until(lambda: replica.get(f"/replica?lag={lag}")[0] == 200, 5, f"it is at most {lag} behind")
    for lag in ("many", "-1", "1.5mb", ""):
        assert replica.get(f"/replica?lag={lag}")[0] == 400, lag
    assert master.get("/replica?lag=2gb")[0] == 503


def test_a_replica_that_has_received_more_than_it_could_apply_is_too_far_behind(pair):
    """Half of a large value has arrived when its master freezes. The reason is said, and it passes."""
    master, replica = pair
    servers = {node: node.redis_pid for node in pair}
    os.kill(servers[replica], signal.SIGSTOP)
    master.client.set("large", "x" * 64_000_000)
    os.kill(servers[master], signal.SIGSTOP)
    os.kill(servers[replica], signal.SIGCONT)
    wait_until(lambda: replica.get("/replica?lag=1kb")[0] == 503, 5, "it is more than 1 kB behind")
    assert "too far behind" in replica.get("/replica?lag=0")[1]
    assert replica.get("/replica?lag=64mb")[0] == 200 and replica.get("/replica")[0] == 200
    os.kill(servers[master], signal.SIGCONT)
    wait_until(lambda: replica.get("/replica?lag=0")[0] == 200, 15, "it has caught up")


def test_status_tells_everything(pair, directory):
    master, replica = pair
    wait_until(lambda: {one["role"] for one in master.status()["members"]} == {"master", "replica"}, 5, "the roles are known")
    status, other = master.status(), replica.status()
    assert status["name"] == "redis-wrapper" and status["version"].count(".") == 2
    assert status["address"] == "{}:{}".format(*master.address)
    assert (status["role"], status["fenced"], status["following"], status["loading"]) == ("master", False, None, None)
    assert (other["role"], other["following"], other["link_up"], other["in_sync"]) == ("replica", status["address"], True, True)
    assert status["lineage"]["term"] == other["lineage"]["term"] == 1 and status["id"] != other["id"]
    assert status["record"] == {"state": "present", "master": status["address"], "term": 1,
                                "cluster": directory.json("term")["cluster"]}
    assert status["zookeeper"]["connected"] and status["zookeeper"]["timeout_ms"] == 2000
    owner = directory.owner(f"members/{status['id']}")
    assert int(status["zookeeper"]["session"], 16) == owner & 0xFFFFFFFFFFFFFFFF
    assert {member["id"] for member in status["members"]} == {status["id"], other["id"]}
    assert status["sentinels"] == []
    assert master.state_file()["node"] == status["id"]


def test_status_answers_why_not(pair):
    """What people ask: why is this node (not) master, and what would become of the cluster without it."""
    master, replica = pair
    assert "is master of term" in master.status()["why"]
    wait_until(lambda: "this node could take over" in replica.status()["why"], 10, "it says that it could")

    def is_expected():
        outlook = master.status()["if_the_master_died"]
        return outlook["successor"] == "{}:{}".format(*replica.address) and outlook["loss_bytes"] == 0 and "COLD_START_WAIT" in outlook["how"]
    wait_until(is_expected, 10, "it has acknowledged all")
    replica.freeze_redis()
    master.client.set("not", "replicated")
    wait_until(lambda: master.status()["if_the_master_died"]["loss_bytes"] > 0, 10, "something would be lost")
    replica.thaw_redis()
    assert "ask its wrapper" in replica.status()["if_the_master_died"]["how"]


def test_head_and_options_are_answered_and_other_methods_are_refused(pair):
    master, replica = pair
    for node, code in ((master, 200), (replica, 503)):
        assert node.get("/master", "HEAD") == (code, "")
        assert node.get("/master", "OPTIONS")[0] == code, "HAProxy's `option httpchk` asks with OPTIONS unless told otherwise"
    assert master.get("/master", "POST")[0] == 405
    assert master.get("/no-such-page")[0] == 404


def test_http_1_0_without_a_host_header_is_understood(pair):
    """As HAProxy's `option httpchk` sends it."""
    master, _ = pair
    answer = raw(master, b"OPTIONS /master HTTP/1.0\r\n\r\n")
    assert answer.split(b"\r\n")[0].split()[1] == b"200"


def raw(node, request, seconds=5):
    """Sends these bytes, and reads until the other side closes."""
    with socket.create_connection((node.host, node.http_port), timeout=seconds) as connection:
        connection.sendall(request)
        answer = b""
        while part := connection.recv(65536):
            answer += part
        return answer


@pytest.mark.parametrize("request_bytes", [
    b"\x00\xff\xfe" * 50 + b"\r\n\r\n",
    b"GET /" + b"a" * 200000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nX: " + b"b" * 2000000 + b"\r\n\r\n",
    b"POST /status HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
    b"GET /../../../../etc/passwd HTTP/1.0\r\n\r\n",
    b"GET /replica?lag=%00%zz&lag=-1 HTTP/1.0\r\n\r\n",
], ids=["binary", "long path", "long header", "large body", "dots", "query"])
def test_a_request_that_makes_no_sense_is_refused_and_harms_nobody(cluster, request_bytes):
    """P8."""
    node, _ = cluster.start(1, conf=LONE_CONF)
    try:
        answer = raw(node, request_bytes)
    except OSError:  # it may also hang up at once
        answer = b""
    assert not answer or answer.split()[1][:1] in (b"4", b"5"), answer[:200]
    assert b"root:" not in answer
    # The answer comes from the last look at redis, which may be some milliseconds old.
    wait_until(lambda: node.get("/master")[0] == 200, 5, "it answers as before")
    assert node.is_running()


def test_slow_clients_do_not_keep_others_waiting(cluster):
    """P8: sixty connections that never finish their request."""
    node, _ = cluster.start(1, conf=LONE_CONF)
    slow = [socket.create_connection((node.host, node.http_port)) for _ in range(60)]
    for connection in slow:
        connection.sendall(b"GET /status HT")
    assert node.get("/master")[0] == 200
    for connection in slow:
        connection.close()
    assert node.get("/master")[0] == 200


def test_a_parked_node_lives_but_is_not_ready(workplace):
    """design/5: a role endpoint must never be a health check, and a node that waits must not be killed for it."""
    node = Cluster(workplace, "127.0.0.1:1", Directory(None, "/redis"), conf=LONE_CONF).add().start()
    wait_until(lambda: node.status()["role"] == "parked", 10, "it is parked")
    assert node.get("/liveness")[0] == 200
    for path in ("/readiness", "/master", "/replica"):
        code, body = node.get(path)
        assert code == 503 and "ZooKeeper" in body, (path, body)


def test_a_node_without_a_master_that_serves_no_stale_data_serves_no_reads(cluster):
    """GET answers MASTERDOWN then."""
    node = cluster.add(conf=LONE_CONF + "replica-serve-stale-data no\n", ZK_HOSTS="127.0.0.1:1").start()
    wait_until(lambda: node.get("/liveness")[0] == 200, 10, "its redis answers")
    code, body = node.get("/health")
    assert code == 503 and "replica-serve-stale-data" in body, body
    node.client.config_set("replica-serve-stale-data", "yes")
    wait_until(lambda: node.get("/health")[0] == 200, 5, "it serves what it has")


def test_there_is_no_http_without_a_port_and_port1_is_the_schedulers_choice(cluster):
    silent, spoken = cluster.add(conf=LONE_CONF, HTTP_PORT=None), cluster.add(conf=LONE_CONF, HTTP_PORT=None)
    spoken.environment["PORT1"] = spoken.http_port
    silent.start(), spoken.start()
    cluster.wait_until_healthy()
    assert spoken.get("/health")[0] == 200
    with pytest.raises(OSError):
        silent.get("/health")


def test_an_http_port_that_is_taken_is_a_clear_mistake(cluster, workplace):
    """P8."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        node = cluster.add(conf=LONE_CONF, HTTP_PORT=taken.getsockname()[1])
        assert node.run_to_end() == 2
    assert "HTTP_PORT" in node.log() and "in use" in node.log()


def test_what_master_answers_follows_a_change_of_master(pair, cluster):
    """P1: never 200 from two nodes, looked at all the time while the roles change."""
    master, replica = pair
    seen = []

    def changed():
        answers = []
        for node in (master, replica):
            try:
                answers.append(node.get("/master")[0])
            except (OSError, http.client.HTTPException):
                answers.append(None)
        seen.append(answers)
        return answers[1] == 200
    master.kill()
    wait_until(changed, 20, "the replica is master", interval=0.01)
    master.start()
    cluster.wait_until_healthy()
    stays_true(lambda: changed(), 1, "the new one is master")
    assert [200, 200] not in seen


def test_a_wrapper_that_stood_still_does_not_answer_for_the_master_that_it_was(cluster):
    """P1: /master is 503 before somebody else may be master. The request waits in the backlog while the wrapper is frozen, and is
    read before anything else is looked at."""
    node, _ = cluster.start(1, conf=LONE_CONF, ZK_SESSION_TIMEOUT="6s")
    node.process.signal(signal.SIGSTOP)
    node.client.execute_command("REPLICAOF", "127.0.0.1", "1")
    with socket.create_connection((node.host, node.http_port), timeout=5) as waiting:
        waiting.sendall(b"GET /master HTTP/1.0\r\n\r\n")
        stays_true(lambda: process_is_alive(node.wrapper_pid), 3.5, "it stands still")
        node.process.signal(signal.SIGCONT)
        answer = waiting.recv(2000)
    assert answer.split()[1] == b"503", answer


def test_a_master_that_redis_does_not_confirm_is_none(cluster):
    """P1: its wrapper cannot see whether the sentinels have replaced it. A redis that hangs counts as alive for longer."""
    node, _ = cluster.start(1, conf=LONE_CONF)
    os.kill(node.redis_pid, signal.SIGSTOP)
    wait_until(lambda: node.get("/master")[0] == 503, 5, "it is no master")
    assert node.get("/liveness")[0] == 200
    os.kill(node.redis_pid, signal.SIGCONT)
    wait_until(lambda: node.get("/master")[0] == 200, 5, "it is master again")


def test_metrics_are_in_the_format_of_prometheus(pair):
    for node, is_master in zip(pair, (1, 0)):
        connection = http.client.HTTPConnection(node.host, node.http_port, timeout=2)
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        assert answer.status == 200 and answer.getheader("Content-Type").startswith("text/plain; version=0.0.4")
        lines = answer.read().decode().splitlines()
        values = dict(line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
        for name, value in values.items():
            assert name.startswith("redis_zk_"), name
            float(value)
        described = {line.split()[2] for line in lines if line.startswith("# HELP")}
        typed = {line.split()[2] for line in lines if line.startswith("# TYPE")}
        assert described == typed == {name.split("{")[0] for name in values}
        masters = [value for name, value in values.items() if "master" in name and not name.split("{")[0].endswith("_total")]
        assert float(is_master) in map(float, masters), values
