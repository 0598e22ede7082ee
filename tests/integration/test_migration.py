"""docs/migration.md, typed as it stands there, with clients that write meanwhile."""

import re

import pytest

from support.discovery import ByRecord, BySentinel
from support.documents import blocks_in
from support.migration import HOSTS, NEW_SENTINELS, PAGE, Migration, text_of
from support.processes import free_port
from support.wait import stays_true, wait_until


@pytest.fixture
def begin(workplace, network):
    """A network of its own, in which the ports of the page are free."""
    moves = []

    def make(**options):
        moves.append(Migration(workplace, **options))
        return moves[-1]
    yield make
    for one in moves:
        one.close()


def anywhere(move):
    """For clients: all sentinels, old and new."""
    return BySentinel([*move.former.sentinels, *NEW_SENTINELS])


def leave_what_redis_zk_leaves(move):
    """Living sentinels; more dead ones; one at whose address a redis-server answers by now; and an old name. The number of the dead."""
    living = [text_of(one) for one in move.former.sentinels]
    dead = [f"127.0.0.1:{free_port()}" for _ in range(4)] + [text_of(move.former.replica)]
    for number, address in enumerate(living + dead):
        move.directory.write(f"sentinels/{number:08x}-0d3c-4a54-9a44-7b6d1d6c3d51", address.replace(":", " "))
    move.directory.write("master", f"127.0.0.1 {free_port()}")
    return len(dead)


def prepare_from_redis_zk(move, ghosts):
    """As somebody does who reads what is printed."""
    look, dead, write_the_truth = blocks_in(PAGE, "Prepare: from redis-zk")
    seen = move.terminal.run(look)
    entries = re.findall(r"^(\S+) \S+:\d+ names ?(.*)$", seen, re.MULTILINE)
    named = f"{move.former.master.host} {move.former.master.port}"
    to_delete = [entry for entry, answer in entries if answer != named]
    assert seen.splitlines()[-1] == "master" and (len(entries), len(to_delete)) == (ghosts + 3, ghosts), seen
    move.terminal.set(dead, DEAD=" ".join(to_delete))
    assert move.terminal.run(write_the_truth).split() == named.split()


def prepare_from_plain_sentinel(move):
    seen = move.terminal.run(blocks_in(PAGE, "Prepare: from plain Sentinel")[0])
    assert re.search(rf"^master\n(.*\n)*{move.former.master.host} {move.former.master.port}\n(old-\S+ \S+\n){{3}}$", seen), seen


def go_back_after_the_hand_over(move, new, client):
    """The old master takes over again, as a replica that has everything."""
    address, server, take_back = blocks_in(PAGE, "Going back")[2:]
    old = move.former.master
    move.terminal.set(address, NEW=text_of(new))
    move.programs["old", "master"] = move.terminal.start("old-master-again", server)
    wait_until(lambda: old.client.info("replication")["master_link_status"] == "up", 20, "the link of the old master is up")
    move.stop("watcher", HOSTS[:1])
    move.stop("sentinel")
    move.stop("node", [host for host in HOSTS if host != new.host])
    assert move.terminal.run(take_back).split() == ["OK"]
    count = len(client.acknowledged)
    stays_true(lambda: len(client.acknowledged) == count, 0.3, "no write is taken that the old master lacks, however slow we are")
    move.stop("node", [new.host])
    for sentinel in move.former.sentinels:
        sentinel.start()


def test_a_cluster_that_redis_zk_has_left_is_taken_over_and_given_back(begin):
    """A stale name, and dead sentinels that are most of the list: no outage of the running master, no acknowledged write lost."""
    move = begin(password="secret-of-the-cluster")
    ghosts = leave_what_redis_zk_leaves(move)
    with move.steady_client(anywhere(move), "by-sentinel") as by_sentinel:
        prepare_from_redis_zk(move, ghosts)
        with move.steady_client(ByRecord(move.client, "/redis/master"), "by-record") as by_record:
            move.start_the_nodes()
            move.replace_the_sentinels()
            move.replace_the_rest()
            assert move.former.is_untouched() and by_sentinel.failures + by_record.failures == []
            move.hand_over()
            new = move.check()
            for client in (by_sentinel, by_record):
                client.writes_at(new)
        by_record.check(new)  # the other one still writes
        go_back_after_the_hand_over(move, new, by_sentinel)
        by_sentinel.writes_at(move.former.master)
    for client in (by_sentinel, by_record):
        print(f"{client.key}: {len(client.acknowledged)} writes, longest pause {client.longest_pause:.2f} s")
        client.check(move.former.master)


def go_back_before_the_hand_over(move):
    reset, delete = blocks_in(PAGE, "Going back")[:2]
    move.stop("watcher", HOSTS[:1])
    move.stop("sentinel")
    for one in (*move.former.sentinels, move.former.replica):
        one.start()
    move.stop("node")
    assert move.terminal.run(reset).split() == ["1"] * 3
    for sentinel in move.former.sentinels:
        wait_until(lambda: sentinel.names() == move.former.master.address, 10, f"{sentinel.name} names the old master")
        assert not {one["ip"] for one in sentinel.client.sentinel_slaves("mymaster")} & set(HOSTS)
    move.terminal.run(delete)
    assert not move.client.exists("/redis")


def test_a_plain_cluster_moves_in_goes_back_and_is_taken_over_when_its_master_dies(begin):
    """Until step 8 nobody notices; and the death of the old master meanwhile makes a new node the master."""
    move = begin()
    with move.steady_client(anywhere(move), "by-sentinel") as client:
        prepare_from_plain_sentinel(move)
        move.start_the_nodes()
        move.replace_the_sentinels()
        move.replace_the_rest()
        go_back_before_the_hand_over(move)
        assert move.former.is_untouched() and client.failures == []
        prepare_from_plain_sentinel(move)
        move.start_the_nodes()
        move.replace_the_sentinels()
        move.former.master.kill()
        new = move.check()
        client.writes_at(new)
