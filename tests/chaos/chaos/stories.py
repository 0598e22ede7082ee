"""Rounds of faults, made from a seed: the same seed tells the same stories."""

import random

from chaos.faults import (Cut, DiskFull, Freeze, FreezeHost, HandOver, Kill, KillAll, LoseHost, RollingRestart, Stop, StopAll,
                          Target)
from chaos.judge import Promise

LONG = (5.0, 9.0)  # longer than the sentinels wait before they replace a master
SHORT = (0.3, 2.0)


class Story:
    """`steps` are (what to do, with which fault, how long to wait then)."""

    def __init__(self, number, title, faults, steps):
        self.number, self.title, self.faults, self.steps = number, title, faults, steps

    def __str__(self):
        return f"{self.title}: " + ", ".join(str(fault) for fault in self.faults)

    def play(self, site):
        """What is to be kept then."""
        active, hosts, nodes = [], 0, 0
        for what, fault, seconds in self.steps:
            if what == "strike":
                fault.strike(site)
                active.append(fault)
                hosts = max(hosts, len(set().union(*(one.hosts for one in active))))
                nodes = max(nodes, len(set().union(*(one.nodes for one in active))))
            else:
                fault.heal(site)
                active.remove(fault)
            site.hold(seconds)
        return self.promise(hosts, nodes)

    def promise(self, hosts, nodes):
        """So many hosts were hurt at once, and so many nodes were missing, in the worst moment. A frozen wrapper cannot close its redis,
        so together with anything else it promises less (README, Limits)."""
        is_alone = len(self.faults) == 1 or not any(fault.freezes_a_wrapper for fault in self.faults)
        return Promise(no_write_lost=hosts <= 1 and all(fault.is_planned for fault in self.faults),
                       no_kept_write_lost=nodes <= 1, one_master=hosts <= 1 and is_alone)


def single(chance):
    """One of each kind of fault, in a random order."""
    number = lambda: chance.randrange(6)
    master, replica = Target("the master"), lambda: Target("a replica", number())
    sentinel, watcher = lambda: Target("a sentinel", number()), lambda: Target("a watcher", number())
    leader, server = Target("ZooKeeper's leader"), lambda: Target("a ZooKeeper server", number())
    moves = lambda: chance.random() < 0.25
    faults = [Cut(master, kind) for kind in ("all", "zookeeper", "sentinels", "deaf", "mute")]
    faults += [Cut(Target("the master", number()), "one"), Cut(replica(), "all"), Cut(sentinel(), chance.choice(["all", "deaf", "mute", "zookeeper"]))]
    faults += [Kill(master, "child"), Kill(master, moves=moves()), Kill(replica(), chance.choice(["child", "wrapper"]), moves()),
               Kill(sentinel(), chance.choice(["child", "wrapper"])), Kill(watcher()), Kill(leader), Kill(server())]
    faults += [Freeze(master, which) for which in ("child", "wrapper", "both")]
    faults += [Freeze(replica(), chance.choice(["child", "wrapper", "both"])), Freeze(sentinel(), chance.choice(["child", "wrapper", "both"])),
               Freeze(watcher()), Freeze(leader)]
    faults += [Stop(master), Stop(master, moves=True), Stop(replica(), moves()), Stop(sentinel()), Stop(watcher())]
    faults += [LoseHost(master), LoseHost(chance.choice([replica(), sentinel()])), FreezeHost(master), HandOver(master)]
    faults += [DiskFull(master), DiskFull(replica()), RollingRestart(), StopAll()]
    faults += [KillAll(kind) for kind in ("nodes", "sentinels", "watchers", "ZooKeeper servers")]
    chance.shuffle(faults)
    return faults


def stories(seed):
    """Without end. Each kind of fault comes alone once before any comes again; every third round has several."""
    deck = random.Random(f"{seed}")
    faults, number = [], 0
    while True:
        number += 1
        chance = random.Random(f"{seed} {number}")
        if number % 3 == 0:
            yield several(number, chance)
        else:
            faults = faults or single(deck)
            yield alone(number, faults.pop(), chance)


def lasts(chance):
    return chance.uniform(*(LONG if chance.random() < 0.7 else SHORT))


def alone(number, fault, chance):
    return Story(number, "alone", [fault], [("strike", fault, lasts(chance)), ("heal", fault, 0)])


def several(number, chance):
    """In a row: each is healed before the next one strikes, but nobody waits until all is well. Together: they overlap."""
    faults = [fault for fault in single(chance) if not isinstance(fault, RollingRestart)][:chance.choice([2, 2, 3])]
    if chance.random() < 0.5:
        steps = [step for fault in faults for step in (("strike", fault, lasts(chance)), ("heal", fault, chance.uniform(*SHORT)))]
        return Story(number, "in a row", faults, steps)
    steps = [("strike", fault, chance.uniform(*SHORT)) for fault in faults[:-1]] + [("strike", faults[-1], lasts(chance))]
    healed = chance.sample(faults, len(faults))
    return Story(number, "together", faults, steps + [("heal", fault, chance.uniform(*SHORT)) for fault in healed])
