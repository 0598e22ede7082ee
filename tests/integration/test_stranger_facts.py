"""What redis-server and redis-sentinel do when a node of another cluster, whose master has the same name, gets an address that they
know. No wrapper takes part: these are the dangers against which redis-wrapper and sentinel-wrapper have to protect a cluster. If a
newer server changes one of them, this file says so.

Found on 7.0.15, one master, two replicas, three sentinels, `down-after` 1 s unless said otherwise:

    what                                                          how long until, and what it costs
    ------------------------------------------------------------  -----------------------------------------------------------------
    a stranger at an address they know, the sentinels have mixed  1 to 2 s
    ... and it belongs to a larger config epoch: clients are sent 1 s: both groups name the stranger's master
    ... and it does not: it has been told to follow our master    14 to 17 s; its data are gone
    a stranger at the address of our master within `down-after`   0.7 s: our replicas have its data and lost ours

A user and a password of the cluster's own for replication keep its replicas from taking the stranger's data; for the sentinels they
keep nobody from anything.
"""

import pytest

from support.plain_redis import PlainRedis
from support.plain_sentinel import PlainSentinel
from support.sentinel_group import Group, fail_over, identity, others_of
from support.wait import stays_true, wait_until

OWN_USER = {"user": "of-cluster-a on >secret-of-a ~* &* +@all"}  # besides the default user, who needs no password
OWN_LINES = ("sentinel auth-user mymaster of-cluster-a", "sentinel auth-pass mymaster secret-of-a")


def have_mixed(one, other):
    return all(group.ids() - {identity(sentinel)} <= {known["runid"] for known in others_of(sentinel)}
               for sentinel in one.sentinels + other.sentinels for group in (one, other))


def stranger_at(group, address_of, **settings):
    """A master with one key of its own, at an address that the group knows."""
    stranger = PlainRedis(group.workplace, "stranger", **settings)
    stranger.port = address_of.port
    stranger.start().client.set("of-stranger", 1)
    return stranger


@pytest.mark.parametrize("settings, lines", [({}, ()), (OWN_USER, OWN_LINES)], ids=["without-password", "with-a-user-of-its-own"])
def test_a_foreign_replica_at_a_known_address_brings_its_sentinels_and_its_master(workplace, settings, lines):
    """P3: the group with the smaller config epoch obeys the other one within a second. A user that the stranger does not know is
    no protection: the sentinel does not look at the answer to AUTH and goes on as the default user."""
    ours = Group(workplace, "a", settings=settings, lines=lines)
    theirs = Group(workplace, "b")
    fail_over(theirs)
    ours.loses(ours.replicas[0])
    stranger = PlainRedis(workplace, "stranger")
    stranger.port = ours.replicas[0].port
    stranger.start().client.execute_command("REPLICAOF", *theirs.address)
    wait_until(lambda: ours.sentinels[0].names() == theirs.address, 15, "our sentinel sends clients to their master")
    wait_until(lambda: have_mixed(ours, theirs), 15, "the two groups are one")
    wait_until(lambda: ours.master.info("replication")["role"] == "slave", 40, "our master is told to follow theirs")


@pytest.mark.parametrize("settings, lines", [({}, ()), (OWN_USER, OWN_LINES)], ids=["without-password", "with-a-user-of-its-own"])
def test_a_foreign_master_at_the_address_of_our_dead_replica_is_told_to_follow_ours(workplace, settings, lines):
    """P2: its data are wiped, some 15 s later."""
    group = Group(workplace, "a", settings=settings, lines=lines)
    group.loses(group.replicas[0])
    stranger = stranger_at(group, group.replicas[0])
    wait_until(lambda: stranger.client.exists("of-a"), 40, "it has our data")
    assert not stranger.client.exists("of-stranger")


def test_a_master_name_of_its_own_keeps_the_sentinels_apart_but_not_the_nodes(workplace):
    """A hello about a master that a sentinel does not know is ignored."""
    ours = Group(workplace, "a")
    ours.loses(ours.replicas[0])
    stranger = stranger_at(ours, ours.replicas[0])
    other = [PlainSentinel(workplace, f"other-{number}", (stranger.host, stranger.port), master_name="other").start() for number in (1, 2)]
    for sentinel in other:
        wait_until(lambda: len(sentinel.client.sentinel_sentinels("other")) == 1, 10, "the others know each other")
    wait_until(lambda: stranger.client.exists("of-a"), 40, "it is told to follow our master all the same")
    assert all(len(others_of(sentinel)) == 2 for sentinel in ours.sentinels)


def test_a_default_user_who_may_not_change_the_role_keeps_foreign_sentinels_from_it(workplace):
    group = Group(workplace, "a")
    group.loses(group.replicas[0])
    stranger = stranger_at(group, group.replicas[0], user="default on nopass ~* &* +@all -replicaof -slaveof")
    wait_until(lambda: "+convert-to-slave" in group.sentinels[0].process.log(), 40, "a sentinel tries it")
    stays_true(lambda: stranger.info("replication")["role"] == "master" and stranger.client.get("of-stranger"), 2, "it stays master")


def test_replicas_take_the_data_of_a_stranger_at_their_masters_address(workplace):
    """P2: nobody notices that it is another one, since it was back within `down-after`."""
    group = Group(workplace, "a", down_after_ms=10000)
    group.master.kill()
    stranger = stranger_at(group, group.master)
    for replica in group.replicas:
        wait_until(lambda: replica.client.exists("of-stranger") and not replica.client.exists("of-a"), 15, "its data are gone")
    assert all(sentinel.names() == (stranger.host, stranger.port) for sentinel in group.sentinels)


@pytest.mark.parametrize("user", [{"masteruser": "of-cluster-a", "masterauth": "secret-of-a"}, {"masterauth": "secret-of-a"}],
                         ids=["user-and-password", "password-alone"])
def test_a_replica_takes_no_data_from_a_master_that_refuses_its_password(workplace, user):
    """P2: although everybody else may do everything there."""
    stranger, replica = PlainRedis(workplace, "stranger").start(), PlainRedis(workplace, "replica", **user).start()
    replica.client.set("of-a", 1)
    replica.client.execute_command("REPLICAOF", stranger.host, stranger.port)
    wait_until(lambda: replica.process.log().count("Unable to AUTH to MASTER") >= 2, 10, "it tries and does not go on")
    assert replica.client.get("of-a") == "1" and replica.info("replication")["master_link_status"] == "down"
    stranger.client.execute_command("ACL", "SETUSER", "of-cluster-a", "on", ">secret-of-a", "~*", "+@all")
    if "masteruser" in user:
        wait_until(lambda: replica.info("replication")["master_link_status"] == "up", 10, "with that user it goes on")


def test_the_name_default_is_no_protection(workplace):
    """A user without a password takes any."""
    stranger = PlainRedis(workplace, "stranger").start()
    replica = PlainRedis(workplace, "replica", masteruser="default", masterauth="secret-of-a").start()
    replica.follow(stranger)


def test_a_stranger_that_asks_everybody_for_a_password_is_down(workplace):
    """NOAUTH is no valid answer to PING: such a stranger at the address of our dead master does not keep it from being replaced."""
    group = Group(workplace, "a", down_after_ms=1500)
    group.master.kill()
    stranger = PlainRedis(workplace, "stranger", requirepass="secret-of-b")
    stranger.port = group.master.port
    stranger.start(wait=False)
    wait_until(lambda: group.sentinels[0].names() != group.address, 30, "the dead master is replaced")
    assert all(replica.client.exists("of-a") for replica in group.replicas)


def test_a_stranger_without_a_password_at_our_masters_address_stops_every_fail_over(workplace):
    """Behaviour 5, P4: the replicas refuse it, so nothing is lost. But it answers PING, so it is up: only a wrapper can help."""
    group = Group(workplace, "a", settings={**OWN_USER, "masteruser": "of-cluster-a", "masterauth": "secret-of-a"}, lines=OWN_LINES,
                  down_after_ms=3000)
    group.master.kill()
    stranger_at(group, group.master)
    for replica in group.replicas:
        wait_until(lambda: "Unable to AUTH to MASTER" in replica.process.log(), 10, "the replica refuses")
    stays_true(lambda: all(sentinel.names() == group.address for sentinel in group.sentinels), 6, "twice down-after has passed")
    assert all(replica.client.exists("of-a") for replica in group.replicas)
    assert all("+sdown master" not in sentinel.process.log() for sentinel in group.sentinels)
