"""What was promised, checked on what clients were told. Nothing here asks a server, so made-up stories can be judged as well."""

from collections import Counter
from dataclasses import dataclass

from support.writers import interleaved

# A redis-server that was frozen takes what its clients have sent before its wrapper has had one turn (README, Limits).
WAKING = 0.25


@dataclass(frozen=True)
class Promise:
    """What is to be kept in a round."""

    no_write_lost: bool = False  # planned stops alone: not even one without WAIT
    no_kept_write_lost: bool = True  # one node at most was missing at any moment
    one_master: bool = True  # one host at most was hurt at any moment


@dataclass
class Found:
    """What became of a round: the sentences about what was broken, and what the table shows."""

    broken: list
    acknowledged: int = 0
    kept: int = 0
    lost: int = 0
    kept_lost: int = 0
    overlaps: int = 0


def missing(writes, has):
    """Those that are not there. `has` says of each client which numbers are."""
    return [write for write in writes if write.number not in has.get(write.client, ())]


def two_masters(writes, earlier=(), woken=()):
    """A sentence for each node that took writes while another one did. `earlier` are writes of the round before: they tell since when a
    master of then took writes, and were judged by themselves. `woken` are (host, port, when) of redis-servers that went on after they
    had stood still; what they answered just then is left out."""
    known = crossing(earlier, woken)
    found = {one: others - known.get(one, Counter()) for one, others in crossing([*earlier, *writes], woken).items()}
    return [f"while {name(one)} took writes, so did {', '.join(f'{name(other)} ({count} of them)' for other, count in others.items())}"
            for one, others in found.items() if others]


def crossing(writes, woken):
    """tenure -> how many writes of which other tenures were taken meanwhile."""
    awake = [write for write in writes if not any(write.tenure[:2] == (host, port) and when <= write.answered <= when + WAKING
                                                  for host, port, when in woken)]
    found = interleaved([(write.sent, write.answered, write.tenure) for write in awake])
    return {one: Counter(others) for one, others in found.items()}


def disagreement(opinions):
    """`opinions` is who -> whom it takes for the master. None, or a sentence that says who says what."""
    if len(set(opinions.values())) == 1 and None not in opinions.values():
        return None
    return "; ".join(f"{who} says {whom}" for who, whom in sorted(opinions.items()))


def name(tenure):
    host, port, replication_id = tenure
    return f"{host}:{port} as {replication_id[:6]}"


def judge(writes, has, promise, earlier=(), woken=()):
    kept = [write for write in writes if write.is_kept]
    lost, kept_lost = missing(writes, has), missing(kept, has)
    overlaps = two_masters(writes, earlier, woken)
    broken = []
    if promise.no_write_lost and lost:
        broken.append(f"{len(lost)} of {len(writes)} acknowledged writes were lost in a planned stop: {examples(lost)}")
    if promise.no_kept_write_lost and kept_lost:
        broken.append(f"{len(kept_lost)} of {len(kept)} writes acknowledged under WAIT 1 are lost: {examples(kept_lost)}")
    if promise.one_master:
        broken += overlaps
    return Found(broken, len(writes), len(kept), len(lost), len(kept_lost), len(overlaps))


def examples(writes):
    first, last = min(writes, key=lambda write: write.answered), max(writes, key=lambda write: write.answered)
    some = f"{first.client} {first.number}, sent {first.sent:.3f}, taken by {name(first.tenure)} at {first.answered:.3f}"
    return some if first is last else f"from {some} to {last.client} {last.number} at {last.answered:.3f} by {name(last.tenure)}"
