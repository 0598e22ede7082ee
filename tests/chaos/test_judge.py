"""The judge finds what is broken: in made-up stories, and where plain Sentinel breaks it."""

import contextlib

from chaos.clients import Recorder, Write, by_sentinel
from chaos.judge import WAKING, Promise, disagreement, judge, two_masters
from chaos.run import Data
from support.plain_redis import NOBODY, PlainRedis
from support.sentinel_group import Group
from support.wait import wait_until

A, B = ("10.0.0.1", 6379, "first"), ("10.0.0.2", 6379, "second")
A_AGAIN = ("10.0.0.1", 6379, "third")


def taken(tenure, *moments, first=0, is_kept=False):
    """A write at each of these moments; it took a hundredth of a second."""
    return [Write("ann", first + number, moment, moment + 0.01, tenure, is_kept) for number, moment in enumerate(moments)]


def test_a_write_under_wait_that_is_not_there_is_a_broken_promise():
    found = judge(taken(A, 1, 2, 3, is_kept=True), {"ann": {0, 2}}, Promise())
    assert (found.kept, found.kept_lost) == (3, 1)
    assert found.broken == ["1 of 3 writes acknowledged under WAIT 1 are lost: ann 1, sent 2.000, taken by 10.0.0.1:6379 as first at 2.010"]


def test_all_writes_of_a_client_whose_list_is_gone_are_lost():
    assert judge(taken(A, 1, 2, is_kept=True), {}, Promise()).kept_lost == 2


def test_a_write_without_wait_may_be_lost_in_a_crash_and_not_in_a_planned_stop():
    writes = taken(A, 1, 2, 3)
    assert judge(writes, {"ann": {0, 1}}, Promise()).broken == []
    planned = judge(writes, {"ann": {0, 1}}, Promise(no_write_lost=True))
    assert planned.lost == 1 and "1 of 3 acknowledged writes were lost in a planned stop" in planned.broken[0]


def test_what_goes_beyond_the_promise_is_counted_and_not_judged():
    found = judge(taken(A, 1, is_kept=True) + taken(B, 2) + taken(A, 3), {}, Promise(no_kept_write_lost=False, one_master=False))
    assert (found.kept_lost, found.overlaps, found.broken) == (1, 1, [])


def test_two_nodes_that_take_writes_at_the_same_time_are_a_broken_promise():
    found = judge(taken(A, 1.0, 1.2, 1.4) + taken(B, 1.1, 1.3, 1.5, first=3), {"ann": set(range(6))}, Promise())
    assert found.broken == ["while 10.0.0.1:6379 as first took writes, so did 10.0.0.2:6379 as second (2 of them)",
                            "while 10.0.0.2:6379 as second took writes, so did 10.0.0.1:6379 as first (2 of them)"]


def test_one_late_write_of_a_former_master_is_enough():
    assert two_masters(taken(A, 1.0, 1.1) + taken(B, 2.0, 2.1) + taken(A, 2.2))


def test_the_writes_of_the_round_before_tell_since_when_a_master_took_any():
    assert judge(taken(B, 2.0, 2.1) + taken(A, 2.2, first=2), {"ann": {0, 1, 2}}, Promise()).broken == []
    assert judge(taken(B, 2.0, 2.1) + taken(A, 2.2, first=2), {"ann": {0, 1, 2}}, Promise(), earlier=taken(A, 1.0)).broken


def test_two_masters_of_the_round_before_are_not_found_again():
    earlier = taken(A, 1.0, 1.2) + taken(B, 1.1, 1.3, first=2)
    assert two_masters(earlier)
    assert not two_masters(taken(B, 2.0, 2.1, first=4), earlier)
    assert two_masters(taken(B, 2.0, first=4) + taken(A, 2.1, first=5), earlier)


def test_a_node_may_be_master_again_after_another_one():
    assert not two_masters(taken(A, 1.0, 1.1) + taken(B, 2.0, 2.1) + taken(A_AGAIN, 3.0, 3.1))


def test_writes_of_which_nobody_can_say_who_was_first_prove_nothing():
    """The one was sent before the other was answered: each may have been taken before the other."""
    late = Write("ann", 2, 1.1, 2.5, A)
    assert not two_masters([*taken(A, 1.0), late, *taken(B, 2.0, 2.1)])


def test_a_redis_that_wakes_up_has_a_moment_and_no_more():
    before, woken = taken(A, 1.0, 1.1) + taken(B, 5.0, 7.5), [(*A[:2], 7.0)]
    assert not two_masters(before + taken(A, 7.0), woken=woken)
    assert two_masters(before + taken(A, 7.0 + WAKING), woken=woken)
    assert two_masters(before + taken(A, 7.0), woken=[(*B[:2], 7.0)]), "another one woke up"


def test_everybody_has_to_name_the_same_master():
    assert disagreement({"the record": "a:1", "sentinel-1": "a:1"}) is None
    assert disagreement({"the record": "a:1", "sentinel-1": "b:1"}) == "sentinel-1 says b:1; the record says a:1"
    assert disagreement({"the record": None, "sentinel-1": None}), "nobody is not a master"


class Node:
    """What a node would answer."""

    name = "node"

    def __init__(self, *numbers):
        self.numbers = [str(number) for number in numbers]
        self.client = self

    def lrange(self, key, first, last):
        assert last == -1
        return self.numbers[first:]


class OneClient:
    name, key = "ann", "numbers-ann"


def test_what_all_nodes_had_may_not_be_changed_in_a_later_round():
    data = Data([OneClient])
    assert data.read(Node(0, 1, 2)) == {"ann": {0, 1, 2}}
    data.wait_until_everywhere([Node(0, 1, 2), Node(0, 1, 2)], taken(A, 1, 2))
    assert data.read(Node(0, 1, 3)) == {"ann": {3}} and data.rewritten(Promise()) == []
    for other in (Node(0, 2, 3), Node(0), Node()):
        data.read(other)
        assert data.rewritten(Promise()), other.numbers
    assert data.rewritten(Promise(no_kept_write_lost=False)) == []
    assert data.read(Node(0, 2, 3)) == {"ann": {0, 2, 3}}, "from there on it counts anew"


def test_who_is_promoted_again_takes_writes_in_another_tenure(workplace):
    redis = PlainRedis(workplace).start()
    with Recorder("ann", lambda _: lambda: (redis.host, redis.port)) as ann:
        redis.client.execute_command("REPLICAOF", *NOBODY)
        count = len(ann.writes)
        redis.client.execute_command("REPLICAOF", "NO", "ONE")
        wait_until(lambda: len(ann.writes) > count + 1, 20, "it takes writes again")
    assert ann.writes[0].tenure != ann.writes[-1].tenure and ann.writes[0].tenure[:2] == (redis.host, redis.port)


def test_plain_sentinel_has_two_masters_and_loses_writes(workplace):
    """The same clients and the same judge, where nothing closes the old master before the new one is open."""
    group = Group(workplace, "plain")
    with contextlib.ExitStack() as ends:
        first = ends.enter_context(Recorder("first", by_sentinel(group.sentinels)))
        wait_until(lambda: group.sentinels[0].client.execute_command("SENTINEL FAILOVER mymaster"), 30, "a fail-over begins", interval=0.3)
        new = wait_until(lambda: next(node for node in group.replicas if node.info("replication")["role"] == "master"), 20, "one is promoted")
        second = ends.enter_context(Recorder("second", lambda _: lambda: (new.host, new.port)))
        wait_until(lambda: first.at == second.at, 60, "the old one is none any more")
    has = Data([first, second]).read(new)
    found = judge(sorted(first.writes + second.writes, key=lambda write: write.sent), has, Promise(no_write_lost=True))
    assert found.lost > 0 and found.overlaps > 0 and len(found.broken) >= 2, found
