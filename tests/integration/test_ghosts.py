"""Behaviour 7 of sentinel-wrapper: a replica and a sentinel that are gone for good are forgotten, by one sentinel at a time."""

import re
from datetime import datetime

from support.sentinel import watched
from support.wait import stays_true, wait_until

# The lines of a log, with their time.
RESET = r"(\S+)Z \w+ +reset the sentinel, because (.*)"
FOUND = r"(\S+)Z \w+ +(.*because everybody living is found again)"


def said(sentinels, pattern):
    """(when, by whom, what), in order."""
    return sorted((datetime.fromisoformat(at), sentinel.name, text)
                  for sentinel in sentinels for at, text in re.findall(pattern, sentinel.log()))


def test_ghosts_are_forgotten_by_one_sentinel_at_a_time_and_everybody_living_is_known_afterwards(cluster, directory):
    """A replica and a sentinel are lost for good. Whoever has forgotten them finds the others again before the next one forgets,
    so there are always enough that could agree; and a fail-over works afterwards."""
    master, (lost_replica, replica), (lost_sentinel, *living) = watched(cluster, count=3, sentinels=4, GHOST_TIMEOUT="2s")
    lost_id = lost_sentinel.id()
    lost_replica.kill(), lost_sentinel.kill()
    for one in living:
        others = {other.address for other in living if other is not one}
        wait_until(lambda: one.knows() == (others, {replica.address}), 60, f"{one.name} knows exactly the living")
    wait_until(lambda: not directory.children("ghost-lock"), 30, "nobody has anything to forget any more")
    resets, found = said(living, RESET), said(living, FOUND)
    stays_true(lambda: said(living, RESET) == resets, 3, "that is all")
    assert {name for _, name, _ in resets} == {one.name for one in living}
    gone = "; ".join(text for _, _, text in resets)
    assert "{}:{}".format(*lost_replica.address) in gone and lost_id[:8] in gone
    assert not any("{}:{}".format(*one.address) in gone for one in (master, replica, *living))
    for (at, name, _), (next_at, next_name, _) in zip(resets, resets[1:]):
        assert next_name == name or any(at < when <= next_at and who == name for when, who, _ in found), (resets, found)
    wait_until(lambda: all(one.is_ready() for one in living), 30, "all are ready")
    master.kill()
    wait_until(lambda: {one.names() for one in living} == {replica.address}, 30, "the sentinels have failed over")
    assert cluster.wait_until_healthy()[0] is replica
