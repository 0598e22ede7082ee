"""The definitions in marathon/ run as Marathon would run them (support/marathon/executor.py), on three agents, each a network namespace.
Changed in them is what a user has to change, and how often a task is looked at: see adapted() and hurried() of
support/marathon/definitions.py."""

import signal
import urllib.request
from types import SimpleNamespace

import pytest
import redis
import redis.sentinel

from support.directory import Directory
from support.discovery import ByRecord, Client
from support.marathon.agents import INTERFACE
from support.marathon.balancer import Balancer
from support.marathon.definitions import adapted, apps_of, hurried, next_version, read
from support.marathon.executor import Marathon
from support.network import Network
from support.wait import wait_until
from support.zookeeper import ZooKeeper

REDIS, SENTINEL, WATCHER = "/redis-zk/redis", "/redis-zk/sentinel", "/redis-zk/watcher"
PASSWORD = "from-the-store"


@pytest.fixture
def network():
    """The host of ZooKeeper and of the clients, and three agents."""
    with Network(others=3) as network:
        yield network


@pytest.fixture
def marathon(workplace, network):
    with Marathon(workplace, network, secrets={"redis-zk/password": PASSWORD}) as marathon:
        yield marathon


@pytest.fixture
def directory(workplace, network):
    """In a ZooKeeper of its own: the one that other tests share is not to be reached from these namespaces."""
    client = ZooKeeper(workplace, host=network.NEAR).start().client()
    yield Directory(client, "/redis")
    client.stop()
    client.close()


def definition(file, directory, **options):
    hosts = "{}:{}".format(*directory.client.hosts[0])
    return hurried(adapted(read(file), hosts, INTERFACE), **options)


def first_addresses(tasks):
    return {task.addresses()[0] for task in tasks}


def client_of(address, password=None):
    return redis.Redis(*address, password=password, socket_timeout=2, decode_responses=True)


def one_master(marathon, directory, password=None):
    """The address of the one that all agree about: ZooKeeper, the nodes, the sentinels. An error says who does not."""
    nodes, sentinels = first_addresses(marathon.tasks(REDIS)), first_addresses(marathon.tasks(SENTINEL))
    roles = {address: client_of(address, password).role()[0] for address in nodes}
    assert sorted(roles.values()) == ["master", "slave", "slave"], roles
    assert roles[directory.record()] == "master"
    assert directory.sentinels() == sentinels and len(sentinels) == 3
    for address in sentinels:
        assert client_of(address).sentinel_get_master_addr_by_name("mymaster") == directory.record()
    return directory.record()


def wait_for_one_master(*arguments):
    return wait_until(lambda: one_master(*arguments), 20, "one master, named by all")


class ByWatchedSentinels:
    """Asks the sentinels of the moment, as a client that fetches its seeds anew."""

    def __init__(self, directory):
        self.directory = directory

    def __call__(self):
        return redis.sentinel.Sentinel(sorted(self.directory.sentinels()), socket_timeout=1).discover_master("mymaster")


def test_host_networking_and_a_rolling_upgrade_of_the_group_that_loses_no_acknowledged_write(marathon, directory):
    """The first deployment makes one master with three sentinels. In the second each task is replaced, one at a time, in the order of the
    dependencies, by the pace that the definitions set; everybody leaves at SIGTERM, with status 0."""
    marathon.deploy(definition("host/group.json", directory))
    wait_for_one_master(marathon, directory)
    before = [task for app in marathon.apps.values() for task in app.tasks]
    assert len(before) == 8
    with Client(ByRecord(directory.client, directory.path("master")), "by-record") as one, \
            Client(ByWatchedSentinels(directory), "by-sentinel") as other:
        marathon.deploy(next_version(definition("host/group.json", directory, paced=[REDIS])))
        master = wait_for_one_master(marathon, directory)
        for client in (one, other):
            client.writes_at(SimpleNamespace(name="the new master", address=master))
    for client in (one, other):
        client.check(SimpleNamespace(client=client_of(master)))
        assert client.longest_pause < 20, "a master has handed over, or the sentinels knew whom to choose: no cold start"
    after = [task for app in marathon.apps.values() for task in app.tasks]
    assert len(after) == 8 and not set(before) & set(after)
    assert [task.process.popen.returncode for task in before] == [0] * 8
    assert [len(app.history) for app in marathon.apps.values()] == [6, 6, 4], "nobody had to be started twice"


@pytest.mark.parametrize("file, password", [("bridge/group.json", None), ("bridge/group-secrets.json", PASSWORD)])
def test_bridge_networking(marathon, directory, file, password):
    """Each container has an address of its own, which nobody is told: others reach the host's ports, which Marathon has chosen."""
    marathon.deploy(definition(file, directory))
    master = wait_for_one_master(marathon, directory, password)
    assert client_of(master, password).set("key", "value")
    for member in directory.members().values():
        with urllib.request.urlopen("http://{}:{}/liveness".format(*member["http"].split()), timeout=5) as answer:
            assert answer.status == 200, "the port of HTTP that others reach"
    if password:
        with pytest.raises(redis.AuthenticationError):
            client_of(master).get("key")
        assert not any(password in task.process.log() for name in marathon.apps for task in marathon.tasks(name))


def test_a_persistent_volume_keeps_the_data_when_all_tasks_crash(marathon, directory):
    """Each comes back on its agent with its data, on other ports and with another sandbox."""
    marathon.deploy(definition("host/redis-persistent.json", directory))
    tasks = marathon.tasks(REDIS)
    wait_until(lambda: client_of(directory.record()).set("key", "value"), 10, "the master takes writes")
    wait_until(lambda: all(client_of(address).get("key") for address in first_addresses(tasks)), 10, "all have it")
    for task in tasks:
        task.process.signal(signal.SIGKILL)
    def is_back():
        now = marathon.tasks(REDIS)
        assert len(now) == 3 and not set(now) & set(tasks)
        return all(client_of(address).get("key") == "value" for address in first_addresses(now))
    wait_until(is_back, 40, "all are back with the data")
    wait_until(lambda: client_of(directory.record()).set("key", "other"), 40, "there is a master")


def write_through(balancer, key):
    """Each time over a new connection, and more often than there are nodes: none leads to a replica."""
    wait_until(lambda: all(client_of(balancer.address).set(key, "value") for _ in range(6)), 20, "writes through the balancer")


def test_marathon_lb_sends_clients_to_the_master_by_the_labels(marathon, workplace, network, directory):
    """Also to the next one, when this one is asked to stop."""
    group = definition("host/group.json", directory)
    marathon.deploy(group)
    first, tasks = wait_for_one_master(marathon, directory), marathon.tasks(REDIS)
    balancer = Balancer(workplace, apps_of(group)[0], tasks, network.NEAR)
    write_through(balancer, "before")
    assert client_of(first).get("before")
    next(task for task in tasks if task.addresses()[0] == first).stop()
    wait_until(lambda: directory.record() != first, 20, "another one is master")
    write_through(balancer, "after")
    assert client_of(directory.record()).mget("before", "after") == ["value", "value"]


# --- a task that does not do what it should; a watcher that waits for its ZooKeeper is the smallest ---

@pytest.fixture
def lonely_watcher():
    app, = apps_of(hurried(adapted(read("host/watcher.json"), "127.0.0.1:9", INTERFACE)))
    return app


def wait_until_alive(marathon):
    """All instances, whether they are ready or not."""
    def look():
        tasks = marathon.tasks(WATCHER)
        return tasks if len(tasks) == 2 and all(task.healthy for task in tasks) else None
    return wait_until(look, 20, "both watchers are healthy")


def test_a_task_that_crashes_is_started_again_and_waits_longer_each_time(marathon, lonely_watcher):
    marathon.want({**lonely_watcher, "backoffSeconds": 0.2})
    for delay in (0.2, 0.4, 0.8):
        task = wait_until_alive(marathon)[-1]
        task.process.signal(signal.SIGKILL)
        wait_until(lambda: task not in marathon.tasks(WATCHER), 10, "it has ended")
        wait_until_alive(marathon)
        assert marathon.apps[WATCHER].history[-1].started_at >= task.ended_at + delay


def test_a_task_that_fails_its_health_checks_is_stopped_and_killed_after_its_time(marathon, lonely_watcher):
    """It stands still: no answer, and no SIGTERM reaches it."""
    check = {**lonely_watcher["healthChecks"][0], "timeoutSeconds": 0.3}
    marathon.want({**lonely_watcher, "healthChecks": [check], "taskKillGracePeriodSeconds": 1})
    task, other = wait_until_alive(marathon)
    task.process.signal(signal.SIGSTOP)
    wait_until(lambda: task.ended_at, 30, "it has ended")
    assert task.failures == check["maxConsecutiveFailures"] == 3 and task.killed and task.ended_at >= task.asked_at + 1
    assert other in wait_until_alive(marathon), "the healthy one goes on"
