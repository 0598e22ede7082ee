"""Behaviour 2, the guard against a storm: a node whose redis crashes within a minute of its promotion three times steps back."""

from support.cluster import LONE_CONF
from support.data import fill
from support.sentinel import settled, watched
from support.wait import wait_until


def crash(node):
    """Kill -9 of its redis, and a scheduler that starts the wrapper again on the same data."""
    node.kill_redis()
    assert node.process.wait_for_exit(10) == 128 + 9
    node.start()


def early_crashes(node):
    return node.status()["early_crashes"]


def metric(node, name):
    lines = [line.split() for line in node.get("/metrics")[1].splitlines()]
    return next(float(line[1]) for line in lines if line and line[0] == name)


def priority(node):
    return node.client.info("replication")["slave_priority"]


def test_sentinels_choose_another_one_while_there_is_one(cluster):
    """On real sentinels: they hear of its priority, and of the end of it."""
    cluster.defaults.update(HANDOVER_TIMEOUT="8s", HTTP_TOKEN="secret")
    _, _, sentinels = watched(cluster, 2, DOWN_AFTER="2s", FAILOVER_TIMEOUT="6s")
    node = cluster.add(conf=LONE_CONF + "replica-priority 10\n").start()
    for _ in range(3):
        master = wait_until(lambda: settled(cluster, sentinels), 60, "all is well")
        if master is not node:
            wait_until(lambda: master.status()["hand_over"]["possible"], 20, "it has heard that the sentinels are ready for it")
            assert master.post("/handover", "secret")[0] == 202
            wait_until(lambda: settled(cluster, sentinels) is node, 30, "the preferred one leads, and the others have all that it has")
        crash(node)
    master = wait_until(lambda: settled_but(node, cluster, sentinels), 60, "another one leads, and the third is offered")
    assert early_crashes(node)["count"] == 3
    third = next(it for it in cluster.nodes if it not in (master, node))
    master.kill()
    assert wait_until(lambda: third.is_master() and third.accepts_writes(), 30, "the third one leads")
    wait_until(lambda: priority(node) == 10 and node.follows(third), 20, "nobody else is left to be offered")
    wait_until(lambda: heard_of(node, sentinels, 10), 30, "the sentinels have heard of it")
    third.kill()
    assert wait_until(lambda: node.is_master() and node.accepts_writes(), 30, "it leads, as the last one")


def heard_of(node, sentinels, its_priority):
    known = [one for it in sentinels for one in it.client.sentinel_slaves("mymaster") if one["port"] == node.port]
    return len(known) == len(sentinels) and all(one["slave-priority"] == its_priority for one in known)


def settled_but(node, cluster, sentinels):
    """It follows, and the sentinels know that they must not choose it; the third they may."""
    master = cluster.healthy()
    assert master is not node
    third = next(it for it in cluster.nodes if it not in (master, node))
    assert heard_of(node, sentinels, 0) and heard_of(third, sentinels, 100)
    return master


def stormy(cluster):
    """A node whose redis has crashed three times, when there was nobody else, and two others; all with the same data."""
    node = cluster.add(conf=LONE_CONF).start()
    cluster.wait_until_healthy()
    written = fill(node.client, "first")
    for count in (1, 2, 3):
        crash(node)
        assert cluster.wait_until_healthy() == (node, []), "alone it leads, however often it crashes"
        wait_until(lambda: early_crashes(node)["count"] == count, 5, f"{count} crashes count")
    assert node.state_file()["early_crashes"]["count"] == 3
    others = [cluster.add(conf=LONE_CONF).start() for _ in range(2)]
    assert cluster.wait_until_healthy()[0] is node, "who leads goes on"
    cluster.wait_until_same_data(written)
    wait_until(lambda: all(other.claim() and other.claim() >= node.claim() for other in others), 10, "they have all of it")
    return node, others, written


def test_a_node_whose_redis_crashes_after_each_promotion_steps_back_until_nobody_else_is_left(cluster, directory):
    """P2, P4, P7."""
    node, others, written = stormy(cluster)
    assert not early_crashes(node)["steps_back"]
    crash(node)
    master, _ = cluster.wait_until_healthy()
    assert master in others, "it is the recorded master with all of the data, and leaves it to others"
    cluster.wait_until_same_data(written)
    third = others[1 - others.index(master)]
    wait_until(lambda: priority(third) == 100, 10, f"{third.name} is offered to the sentinels")
    assert priority(node) == 0
    assert early_crashes(node)["count"] == 4 and early_crashes(node)["steps_back"]
    assert 0 < early_crashes(node)["seconds_left"] <= 600
    assert "redis has crashed 4 times within a minute of its promotion, and another node can lead" in node.status()["why"]
    assert "this node steps back (replica-priority 0) for" in node.log()
    assert metric(node, "redis_zk_steps_back") == 1 and metric(node, "redis_zk_early_crashes") == 4
    entries = directory.members()
    assert [entries[directory.member_at(it.address)].get("crashes_early") for it in (node, third)] == [True, None]

    master.kill()
    assert cluster.wait_until_healthy()[0] is third, "it is not elected"
    wait_until(lambda: priority(node) == 100, 10, "nobody else could follow this master")
    third.kill()
    assert cluster.wait_until_healthy()[0] is node, "nobody else could lead"
    cluster.wait_until_same_data(written)
    wait_until(lambda: "this node steps back no longer: no other node could lead" in node.log(), 5, "the log says so")
    assert node.log().count("this node steps back (replica-priority 0)") == 1
