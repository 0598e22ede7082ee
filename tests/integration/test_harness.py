"""The furniture itself: a test that fails because of its tools costs more than one that fails because of the product."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from support.data import contents, fill, wait_until_same
from support.forwarder import Forwarder
from support.machine import Machine
from support.plain_redis import PlainRedis
from support.processes import free_port, process_is_alive
from support.wait import NotInTime, wait_until
from support.zookeeper import Ensemble, ZooKeeper


def test_a_free_port_is_not_given_to_anybody_else_and_can_be_bound():
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", ports[0]))
        server.listen()


def test_waiting_tells_what_was_seen_last():
    with pytest.raises(NotInTime, match="the sun rises .*ZeroDivisionError"):
        wait_until(lambda: 1 / 0, 0.1, "the sun rises")


def test_a_server_does_not_outlive_a_test_run_that_is_killed(tmp_path):
    program = ("import sys; sys.path.insert(0, {!r})\n"
               "from support.workplace import Workplace\nfrom support.plain_redis import PlainRedis\n"
               "import os, signal\n"
               "print(PlainRedis(Workplace(), 'redis').start().process.pid, flush=True)\n"
               "os.kill(os.getpid(), signal.SIGKILL)\n").format(os.path.dirname(__file__))
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment, timeout=30)
    assert run.returncode == -signal.SIGKILL
    wait_until(lambda: not process_is_alive(int(run.stdout)), 5, "the server is gone")


def test_zookeeper_keeps_its_data_and_its_port_when_it_is_killed(workplace):
    zookeeper = ZooKeeper(workplace).start()
    client = zookeeper.client()
    client.create("/kept", b"text")
    zookeeper.kill()
    zookeeper.start()
    wait_until(lambda: client.get("/kept")[0] == b"text", 15, "the same client reads the same value")
    client.stop()


def test_an_ensemble_survives_its_leader(workplace):
    ensemble = Ensemble(workplace).start()
    client = ensemble.client()
    client.create("/kept", b"text")
    first = ensemble.leader()
    first.kill()
    assert ensemble.leader() is not first
    wait_until(lambda: client.get("/kept")[0] == b"text", 15, "the client finds another server")
    client.stop()


def test_a_forwarder_passes_cuts_and_mends(workplace):
    server = PlainRedis(workplace).start()
    forwarder = Forwarder(workplace, (server.host, server.port))
    client = server.client
    client.connection_pool.connection_kwargs["port"] = forwarder.port
    assert client.set("key", "value")
    forwarder.cut()
    with pytest.raises(Exception):
        client.get("key")
    forwarder.mend()
    assert client.get("key") == "value"


def test_the_comparison_of_nodes_sees_a_difference(workplace):
    master, replica, stranger = (PlainRedis(workplace, name).start() for name in ("master", "replica", "stranger"))
    replica.follow(master)
    written = fill(master.client, "some")
    wait_until_same([master, replica], written)
    assert contents(replica.client) == written
    fill(stranger.client, "some")
    stranger.client.hset("some:hash", "b", "3")
    with pytest.raises(NotInTime, match="differ in 1 keys, such as .'some:hash'"):
        wait_until_same([master, stranger], seconds=0.1)


REPEATING = """
import sys
sys.path.insert(0, {support!r})
from support import repeat
from support.machine import Machine

class Scripted:
    taken = 0.0
    def most_stolen(self, since):
        return Scripted.taken
    def wait_for_calm(self):
        Scripted.taken = 0.0

def pytest_runtest_protocol(item, nextitem):
    Scripted.taken = 0.7 if "busy" in item.name else 0.0
    repeat.run(item, nextitem, Scripted())
    return True

def pytest_terminal_summary(terminalreporter):
    for line in repeat.summary(report for reports in terminalreporter.stats.values() for report in reports):
        terminalreporter.write_line("repeated " + line)
"""
FAILING_ONCE = """
import pytest
made = []

@pytest.fixture
def thing():
    made.append("thing")
    yield len(made)
    made.append("removed")

def test_on_a_busy_machine(thing):
    assert thing == 3, "the second time, with a new fixture"

def test_on_a_calm_machine():
    made.append("calm")
    assert made.count("calm") > 1
"""


def test_only_what_failed_while_the_host_took_the_time_away_is_repeated(tmp_path):
    """A failure on a machine that ran is a failure, and what was repeated is said."""
    (tmp_path / "conftest.py").write_text(REPEATING.format(support=os.path.dirname(__file__)))
    (tmp_path / "test_it.py").write_text(FAILING_ONCE)
    run = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", tmp_path], capture_output=True,
                         text=True, timeout=60, cwd=tmp_path)
    assert "1 failed, 1 passed" in run.stdout, run.stdout + run.stderr
    assert "repeated test_it.py::test_on_a_busy_machine: the host took 70 % of the machine's time" in run.stdout
    assert "repeated test_it.py::test_on_a_calm_machine" not in run.stdout


def test_the_time_that_the_host_took_is_a_share_of_the_worst_moment():
    took = iter([0.0, 0.0, 0.1 * os.cpu_count(), 0.1 * os.cpu_count()])
    machine = Machine(read=lambda: next(took, 0.1 * os.cpu_count()), pace=0.1).start()
    wait_until(lambda: len(machine.samples) > 5, 5, "it has looked often enough")
    machine.stop()
    assert 0.3 < machine.most_stolen(machine.samples[0][0]) <= 1
    assert machine.most_stolen(machine.samples[-1][0]) == 0
