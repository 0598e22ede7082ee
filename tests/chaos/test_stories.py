"""What a seed makes, without playing it."""

import random
from itertools import islice

from chaos.faults import Cut, Fault
from chaos.stories import Story, single, stories


def told(seed, count=60):
    return list(islice(stories(seed), count))


def test_the_same_seed_tells_the_same_stories():
    assert list(map(str, told(7))) == list(map(str, told(7))) != list(map(str, told(8)))
    assert [story.steps[0][2] for story in told(7)] == [story.steps[0][2] for story in told(7)]


def test_each_kind_of_fault_comes_alone_once_before_any_comes_again():
    count = len(single(random.Random(1)))
    faults = [story.faults[0] for story in told(3, 2 * count) if story.title == "alone"][:count]
    assert {type(fault).__name__ for fault in faults} == {"Cut", "Kill", "Freeze", "Stop", "LoseHost", "FreezeHost", "HandOver", "DiskFull",
                                                            "KillAll", "StopAll", "RollingRestart"}
    assert {fault.kind for fault in faults if isinstance(fault, Cut)} == set(Cut.WHAT)
    assert len({id(fault) for fault in faults}) == count


def test_what_is_struck_is_healed():
    for story in told(5):
        struck = [fault for what, fault, _ in story.steps if what == "strike"]
        assert sorted(map(id, struck)) == sorted(id(fault) for what, fault, _ in story.steps if what == "heal")


class Watched(Fault):
    """Hurts nobody but a host of this name, and a node that is there."""

    def __init__(self, host, is_planned=False, is_node=True):
        super().__init__(None)
        self.host, self.is_planned, self.is_node = host, is_planned, is_node

    def strike(self, site):
        self.hosts = {self.host}
        self.nodes = self.hosts if self.is_node else set()

    def heal(self, site):
        pass


class NoSite:
    def hold(self, seconds):
        pass


def played(*steps):
    story = Story(1, "in a row", [fault for what, fault in steps if what == "strike"], [(*step, 0) for step in steps])
    return story.play(NoSite())


def test_one_after_the_other_is_promised_and_two_at_once_are_not():
    a, b, also_a = Watched("a"), Watched("b"), Watched("a")
    for promise in (played(("strike", a), ("heal", a), ("strike", b), ("heal", b)),
                    played(("strike", a), ("strike", also_a), ("heal", a), ("heal", also_a))):
        assert promise.no_kept_write_lost and promise.one_master
    promise = played(("strike", a), ("strike", b), ("heal", a), ("heal", b))
    assert not promise.no_kept_write_lost and not promise.one_master


def test_what_is_no_node_loses_no_write():
    node, others = Watched("a"), [Watched(host, is_node=False) for host in "bcd"]
    promise = played(("strike", node), *(("strike", one) for one in others), ("heal", node), *(("heal", one) for one in others))
    assert promise.no_kept_write_lost and not promise.one_master


def test_a_frozen_wrapper_promises_one_master_only_when_it_is_alone():
    frozen, other = Watched("a"), Watched("a")
    frozen.freezes_a_wrapper = True
    assert played(("strike", frozen), ("heal", frozen)).one_master
    assert not played(("strike", frozen), ("strike", other), ("heal", other), ("heal", frozen)).one_master


def test_only_planned_stops_promise_every_write():
    assert played(("strike", stop := Watched("a", is_planned=True)), ("heal", stop)).no_write_lost
    assert not played(("strike", crash := Watched("a")), ("heal", crash)).no_write_lost
