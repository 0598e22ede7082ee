"""watcher on real servers: the record is true soon after a fail-over, whatever breaks. The nodes write the record themselves when they
can, so most of these tests take ZooKeeper away from them; who wrote a record stands in its term document."""

import signal
import time

import pytest

from support.cluster import Cluster
from support.directory import Directory
from support.plain_sentinel import PlainSentinel
from support.sentinel import watched
from support.wait import stays_true, wait_until
from support.watcher import Watcher, start_watchers, wait_until_all_listen
from support.watcher_group import Group
from support.zookeeper import ZooKeeper


@pytest.fixture
def group(workplace, cluster, zookeeper):
    return Group(workplace, cluster, zookeeper)


def test_the_record_is_right_after_the_death_of_the_master(group, directory):
    """P3. Whoever is faster writes it, and only once."""
    group.lose_the_master(is_written_by_nodes=True)
    group.wait_until_recorded()
    new, _ = group.wait_until_healthy()
    assert new.address == directory.record() and directory.term() == 2 and directory.history() == [1, 2]
    for watcher in group.watchers:
        wait_until(lambda: (seen := watcher.json("/status"))["master_verified"] and seen["term"] == 2
                   and not [one for one in seen["disagreements"] if "dead" not in one], 10, f"{watcher.name} agrees")


def test_a_watcher_records_the_new_master_when_its_wrapper_cannot(group, directory):
    """Two watchers write it once."""
    recorded_at = []
    directory.client.DataWatch(directory.path("master"), lambda *_: recorded_at.append(time.monotonic()))
    group.lose_the_master()
    wait_until(group.named, 15, "the sentinels have failed over", interval=0.001)
    named_at = time.monotonic()
    new = group.wait_until_recorded()
    assert group.writer() == "watcher" and directory.term() == 2 and directory.history() == [1, 2]
    took = recorded_at[-1] - named_at
    print(f"recorded {1000 * took:.0f} ms after the first sentinel named it")
    assert took < 5, "a bound against a hang; bench/failover measures"
    assert directory.json("term")["config_epoch"] == 1
    change = directory.json("history/2")
    began_at = int(new.client.info("replication")["second_repl_offset"]) - 1
    assert change["lineage"] == {"term": 1, "offset": began_at} and change["lost_bytes"] == 0
    assert change["freshest_known"]["term"] == 1
    assert 500 < change["steps_ms"]["without_master"] < 15_000, "it includes DOWN_AFTER"
    assert 0 <= change["steps_ms"]["promoted_until_published"] < 5_000
    wait_until(lambda: sum(len(watcher.publications()) for watcher in group.watchers) == 1, 5, "one of them has written it")
    for watcher in group.watchers:
        assert " warning " not in watcher.log().split("+odown")[-1], "to be overtaken is no fault"
    assert group.wait_until_healthy()[0] is new
    assert directory.term() == 2, "the node finds the record, and agrees"


def test_all_watchers_dead_during_a_fail_over_repair_the_record_when_they_are_back(group, directory):
    for watcher in group.watchers:
        watcher.process.kill()
    group.lose_the_master()
    wait_until(group.named, 15, "the sentinels have failed over")
    assert directory.record() == group.master.address, "nobody can write"
    group.watchers[0].start()
    group.wait_until_recorded(5)
    assert group.writer() == "watcher"


def test_a_fail_over_without_zookeeper_is_recorded_when_it_is_back(workplace):
    zookeeper = ZooKeeper(workplace).start()
    client = zookeeper.client(session_timeout=30)
    directory = Directory(client, "/redis")
    group = Group(workplace, Cluster(workplace, zookeeper.hosts, directory), zookeeper, watchers=1)
    group.link.cut()  # for the nodes it does not come back
    zookeeper.kill()
    group.master.kill()
    wait_until(group.named, 15, "the sentinels have failed over")
    zookeeper.start()
    group.wait_until_recorded(20)
    assert group.writer() == "watcher"
    client.stop()
    client.close()


@pytest.mark.parametrize("since", ["before a fail-over", "during a fail-over"])
def test_a_watcher_takes_another_sentinel_when_its_own_hangs(workplace, cluster, zookeeper, since):
    """The record is right within 3 s all the same."""
    group = Group(workplace, cluster, zookeeper, watchers=1)
    watcher, directory = group.watchers[0], cluster.directory
    if since == "during a fail-over":
        group.lose_the_master()
        wait_until(lambda: [one for one in group.sentinels if one.client.sentinel_master("mymaster")["is_sdown"]], 20, "it is down",
                   interval=0.01)
    address = watcher.json("/status")["listening"]["sentinel"]
    chosen = next(one for one in group.sentinels if "{}:{}".format(*one.address) == address)
    others = [one for one in group.sentinels if one is not chosen]

    def named_by_all():
        named = {one.names() for one in others}
        return len(named) == 1 and named - {group.master.address}
    try:
        chosen.process.signal(signal.SIGSTOP)
        chosen.signal_child(signal.SIGSTOP)
        assert directory.record() == group.master.address, "it hangs before the record has changed"
        if since == "before a fail-over":
            group.lose_the_master()
        # If they had voted for the one that hangs they try again after twice FAILOVER_TIMEOUT.
        new, = wait_until(named_by_all, 60, "the others have failed over", interval=0.01)
        named_at = time.monotonic()
        wait_until(lambda: directory.record() == new, 3, "the record names whom they name", interval=0.01)
        print(f"recorded {1000 * (time.monotonic() - named_at):.0f} ms after they named it")
        assert group.wait_until_recorded(0).address == new and group.writer() == "watcher"
        wait_until(lambda: watcher.listens_to() != chosen.address, 5, "it listens to another sentinel")
    finally:
        chosen.signal_child(signal.SIGCONT)
        chosen.process.signal(signal.SIGCONT)


def test_a_watcher_takes_another_sentinel_when_its_own_could_not_agree_with_the_others(cluster):
    """CKQUORUM fails: such a sentinel begins no fail-over. What each says of it is in the status."""
    _, _, sentinels = watched(cluster, SENTINEL_QUORUM="2")
    watcher, = start_watchers(cluster, 1)
    wait_until_all_listen([watcher])
    chosen = next(sentinel for sentinel in sentinels if sentinel.address == watcher.listens_to())

    def quorums():
        return {(one["host"], one["port"]): one["has_quorum"] for one in watcher.json("/status")["sentinels"]}
    assert quorums() == {sentinel.address: True for sentinel in sentinels}
    assert chosen.ask("SET", "mymaster", "quorum", "9") == "OK"
    wait_until(lambda: watcher.listens_to() != chosen.address, 20, "it listens to another sentinel")
    assert "says that it has no quorum" in watcher.log()
    assert quorums() == {sentinel.address: sentinel is not chosen for sentinel in sentinels}
    assert watcher.is_ready() and watcher.json("/status")["listening"]["sentinel"] == "{}:{}".format(*watcher.listens_to())
    heard = watcher.listens_to()
    chosen.ask("SET", "mymaster", "quorum", "2")
    wait_until(lambda: quorums()[chosen.address], 20, "it could agree again")
    assert watcher.listens_to() == heard, "that is no reason to leave the other"


def test_a_record_that_somebody_has_removed_is_restored_though_two_of_three_sentinels_hang(workplace, cluster, zookeeper, directory):
    """They stay registered. Whoever is restored needs no majority. "Since when" it is master does not change."""
    group = Group(workplace, cluster, zookeeper, watchers=1, ZK_SESSION_TIMEOUT="30s")
    group.link.cut()
    since = group.watchers[0].json("/status")["since"]
    hanging = group.sentinels[1:]
    for sentinel in hanging:
        sentinel.process.signal(signal.SIGSTOP)
        sentinel.signal_child(signal.SIGSTOP)
    try:
        wait_until(lambda: sum(one["answered"] for one in group.watchers[0].json("/status")["sentinels"]) == 1, 20, "one answers")
        directory.client.delete(directory.path("master"))
        wait_until(lambda: directory.record() == group.master.address, 15, "the record is restored")
        assert len(directory.sentinels()) == 3
    finally:
        for sentinel in hanging:
            sentinel.signal_child(signal.SIGCONT)
            sentinel.process.signal(signal.SIGCONT)
    assert group.writer() == "watcher" and directory.term() == 2
    wait_until(lambda: (seen := group.watchers[0].json("/status"))["term"] == 2 and seen["since"] == since, 10, "the status agrees")


@pytest.mark.parametrize("what", ["deleted", "emptied"])
def test_a_record_that_somebody_has_removed_is_restored(group, directory, what):
    """P3: in a larger term, by a watcher while the master's wrapper cannot."""
    group.link.cut()
    if what == "deleted":
        directory.client.delete(directory.path("master"))
    else:
        directory.write("master", "")
    wait_until(lambda: directory.record() == group.master.address, 10, "the record is restored")
    assert group.writer() == "watcher" and directory.term() == 2
    assert group.wait_until_healthy()[0] is group.master


def test_a_record_that_names_a_replica_is_repaired_without_any_event(group, directory):
    group.link.cut()
    directory.write("master", "{} {}".format(*group.replicas[0].address))
    wait_until(lambda: directory.record() == group.master.address, 15, "the record is repaired")
    assert group.writer() == "watcher" and directory.term() == 2


def test_a_sentinel_with_an_old_opinion_cannot_spoil_the_record(group, workplace, directory):
    """It has never heard of the fail-over, and in the end it is the only one that answers."""
    old = group.master.address
    group.lose_the_master()
    late = PlainSentinel(workplace, "late", old).start()  # at a dead master it finds nobody
    new = group.wait_until_recorded()
    directory.register_sentinel(late)
    assert late.names() == old
    for sentinel in group.sentinels:
        sentinel.kill()
    group.watchers[1].process.kill()
    group.watchers[1].start()
    stays_true(lambda: directory.record() == new.address and directory.term() == 2, 5, "the record names the new master")


def test_a_sentinel_that_was_cut_off_with_the_former_master_cannot_spoil_the_record(workplace, cluster, zookeeper, directory):
    """P3. The node that it still names lives, is registered, closed, and calls itself a master for a moment."""
    master, _, sentinels = watched(cluster, nodes_know={"ZK_SESSION_TIMEOUT": "30s"}, DOWN_AFTER="2s")
    user = ["on", ">of-late", "~*", "&*", "+@all"]
    for node in cluster.nodes:
        node.client.execute_command("ACL", "SETUSER", "late", *user)
    late = PlainSentinel(workplace, "late", master.address, quorum=3, password="of-late", lines=["sentinel auth-user mymaster late"]).start()
    wait_until(lambda: late.knows(2, 3), 30, "it knows everybody")
    directory.register_sentinel(late)
    watcher, = start_watchers(cluster, 1)
    wait_until_all_listen([watcher])
    # From now on no node tells it anything, and no sentinel either.
    late.client.execute_command("ACL", "SETUSER", "default", "-publish")
    for node in cluster.nodes:
        node.client.execute_command("ACL", "SETUSER", "late", "resetchannels", "-@all")
    wait_until(lambda: sentinels[0].ask("FAILOVER", "mymaster"), 20, "a replica may be promoted", interval=0.3)
    wait_until(lambda: directory.record() != master.address, 20, "the record names the new master")
    new, _ = cluster.wait_until_healthy(30)
    term = directory.term()
    for sentinel in sentinels:
        sentinel.kill()
    wait_until(lambda: directory.sentinels() == {(late.host, late.port)}, 20, "it is the only one")
    master.process.signal(signal.SIGSTOP)
    try:
        master.client.execute_command("REPLICAOF", "NO", "ONE")
        assert late.names() == master.address and master.is_master() and master.is_fenced() and directory.member_at(master.address)
        stays_true(lambda: directory.record() == new.address and directory.term() == term, 8, "the record names the new master")
        assert master.is_master()
    finally:
        master.process.signal(signal.SIGCONT)


def test_a_watcher_counts_how_long_it_may_stand_still_by_the_session_timeout_that_was_granted(workplace):
    zookeeper = ZooKeeper(workplace, maxSessionTimeout=3000).start()
    watcher = Watcher(workplace, zookeeper.hosts, "/redis", "watcher", ZK_SESSION_TIMEOUT="60s").start()
    watcher.process.wait_for_log("session")
    wait_until(lambda: watcher.json("/status")["zookeeper"]["timeout_ms"] == 3000, 15, "the session is granted")
    watcher.process.signal(signal.SIGSTOP)
    time.sleep(2.5)  # for longer than a third of that
    watcher.process.signal(signal.SIGCONT)
    watcher.process.wait_for_log("stood still")


def test_a_watcher_that_was_frozen_during_a_fail_over_changes_nothing_afterwards(group, directory):
    frozen, other = group.watchers
    frozen.process.signal(signal.SIGSTOP)
    group.lose_the_master()
    new = group.wait_until_recorded()
    frozen.process.signal(signal.SIGCONT)
    frozen.process.wait_for_log("stood still")
    wait_until(frozen.is_ready, 10, "it has looked at everything again")
    stays_true(lambda: directory.record() == new.address and directory.term() == 2, 3, "the record names the new master")
    assert other.publications() and not frozen.publications()


def test_a_watcher_leaves_nothing_behind_and_ends_with_status_0(group, directory):
    before = directory.everything()
    for watcher in group.watchers:
        assert watcher.stop() == 0
    after = directory.everything()
    assert set(before) == set(after)
