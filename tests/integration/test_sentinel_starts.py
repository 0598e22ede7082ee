"""How sentinels and nodes begin: in every order, and sentinels that cannot."""

import itertools

import pytest

from support.cluster import LONE_CONF, Cluster
from support.directory import Directory
from support.sentinel import start_sentinels, wait_until_all_ready, watched
from support.wait import wait_until

# Three nodes and three sentinels: who is which does not matter before one is there.
ORDERS = sorted({"".join(order) for order in itertools.permutations("NNNSSS")})
AT_ONCE = 4


class Beginning:
    """A cluster of its own that is started in this order, each when the one before runs, not when it is ready."""

    def __init__(self, order, cluster):
        self.order, self.workplace = order, cluster.workplace
        directory = Directory(cluster.directory.client, f"{cluster.directory.root}-{order}")
        self.cluster, self.sentinels = Cluster(cluster.workplace, cluster.zk_hosts, directory), []

    def start_next(self, kind):
        if kind == "N":
            started = self.cluster.add(name=f"{self.order}-{len(self.cluster.nodes) + 1}", conf=LONE_CONF).start()
        else:
            started, = start_sentinels(self.cluster, 1)
            self.sentinels.append(started)
        wait_until(started.is_running, 5, "it runs")

    def ends_well(self):
        directory = self.cluster.directory
        wait_until_all_ready(self.sentinels, directory, seconds=60)
        master, _ = self.cluster.wait_until_healthy()
        assert {one.names() for one in self.sentinels} == {master.address} and directory.term() == 1
        assert {one.id() for one in self.sentinels} == set(directory.children("sentinel-ids"))
        for part in (*self.sentinels, *self.cluster.nodes):
            part.remove()


@pytest.mark.parametrize("orders", [ORDERS[first:first + AT_ONCE] for first in range(0, len(ORDERS), AT_ONCE)], ids="-".join)
def test_nodes_and_sentinels_find_each_other_in_every_order(cluster, orders):
    """P4: all twenty, four clusters at a time."""
    beginnings = [Beginning(order, cluster) for order in orders]
    for step in range(len(orders[0])):
        for beginning in beginnings:
            beginning.start_next(beginning.order[step])
    for beginning in beginnings:
        beginning.ends_well()


def a_server(cluster, name, text):
    """A script that is asked for its version as a redis-sentinel is, and does this otherwise."""
    script = cluster.workplace.directory / name
    script.write_text(f'#!/bin/sh\n[ "$1" = --version ] && exec redis-sentinel --version\n{text}\n')
    script.chmod(0o700)
    return script


def test_a_server_or_configuration_that_does_not_work_is_refused_before_anybody_looks_for_a_master(cluster, directory):
    """P8, behaviours 1 and 3. There is no master here, and nothing was ever written: no id was taken. Two do not let the wrapper in."""
    closed, chatty = cluster.workplace.directory / "closed.conf", cluster.workplace.directory / "chatty.conf"
    closed.write_text("user default off\n")
    chatty.write_text("loglevel chatty\n")
    endings = {"exit status 0": {"SENTINEL_SERVER": a_server(cluster, "true-sentinel", "exit 0")},
               "did not answer within 10000 ms": {"SENTINEL_SERVER": a_server(cluster, "mute-sentinel", "exec sleep 1000")},
               "NOAUTH": {"SENTINEL_CONF": closed}, "WRONGPASS": {"SENTINEL_CONF": closed, "SENTINEL_PASSWORD": "secret"},
               "loglevel chatty": {"SENTINEL_CONF": chatty}}
    sentinels = {said: start_sentinels(cluster, 1, **settings)[0] for said, settings in endings.items()}
    for said, sentinel in sentinels.items():
        assert sentinel.process.wait_for_exit(30) == 2, sentinel.log()
        assert said in sentinel.log() and "secret" not in sentinel.log()
        assert not sentinel.run.exists() or sentinel.left_in_run() == []
    assert directory.everything() == {}


def test_a_sentinel_that_never_answers_its_wrapper_ends_with_a_sentence(cluster, directory):
    """Behaviour 4: the wrapper would wait for the PONG for ever, and the scheduler would see nothing. It has worked when it was tried.
    Its id is free at once."""
    cluster.start(1, conf=LONE_CONF)
    mute = a_server(cluster, "mute-sentinel", '[ -e "$0.tried" ] && exec sleep 1000\ntouch "$0.tried"; exec redis-sentinel "$@"')
    sentinel, = start_sentinels(cluster, 1, SENTINEL_SERVER=mute)
    assert sentinel.process.wait_for_exit(60) == 1
    assert "was started 30 s ago and has never answered" in sentinel.log() and "redis.sock: No such file" in sentinel.log()
    ids = directory.children("sentinel-ids")
    assert [directory.json(f"sentinel-ids/{one}")["state"] for one in ids] == ["released"]
    assert directory.sentinels() == set()


def removed(sentinel):
    """What /metrics says was removed, by kind."""
    lines = [line.split() for line in sentinel.get("/metrics")[1].splitlines() if line.startswith("redis_zk_removed_total")]
    return {name.split('"')[1]: float(value) for name, value in lines}


def test_all_whom_a_reset_has_removed_are_counted(cluster, directory):
    """Behaviour 7: two replicas and one sentinel that are gone for good. The RESET for the first replica removes the second one as well,
    whose time has not come yet."""
    master, (early, late), sentinels = watched(cluster, count=3, GHOST_TIMEOUT="2s")
    gone = sentinels.pop()
    early.process.kill()
    wait_until(lambda: directory.member_at(early.address) is None, 20, "its time as a ghost begins")
    late.process.kill()
    for one in sentinels:
        wait_until(lambda: removed(one).get("replica") == 2, 60, f"{one.name} has counted the replicas", interval=0.3)
    gone.process.kill()
    for one in sentinels:
        wait_until(lambda: removed(one) == {"replica": 2, "sentinel": 1}, 60, f"{one.name} has counted", interval=0.3)
    for one in sentinels:
        others = {other.address for other in sentinels if other is not one}
        wait_until(lambda: one.knows() == (others, set()), 20, f"{one.name} knows nobody else")
        assert removed(one) == {"replica": 2, "sentinel": 1}
