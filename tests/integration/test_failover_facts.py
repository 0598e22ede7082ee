"""What redis-sentinel does when the node that it has just promoted dies before the other replicas follow it. No wrapper takes part:
these are the facts on which the bound of common/core/opinion.h rests, and what sentinel-wrapper does when it has passed.

Found on 7.0.15 (sentinelFailoverDetectEnd of sentinel.c returns while the promoted node is s_down). Each other step of a fail-over
has a time-out of its own, and the next one is begun 2 x failover-timeout after the last (sentinelStartFailoverIfNeeded).

    what                                                          what becomes of the fail-over
    ------------------------------------------------------------  -----------------------------------------------------------------
    the promoted node is dead                                     it does not end; clients are told its address all the time
    the promoted node is back                                     it ends, and that node is the master
    a hello of a larger epoch and another address                 it ends at once
    a hello of a larger epoch and the address that is watched     the epoch is taken, and nothing else happens
    SENTINEL REMOVE and MONITOR                                   it is forgotten
"""

import signal

from support.sentinel_group import Group
from support.wait import stays_true, wait_until

# In seconds. It ends by its own time-out when that passes before the death is noticed. Our bound is DOWN_AFTER + 2 * FAILOVER_TIMEOUT.
DOWN_AFTER, FAILOVER_TIMEOUT = 2, 8
LONGER_THAN_THE_BOUND = 20
STRANGER = "c" * 40


class Stuck:
    """A fail-over whose promoted node has died before the other replica was in sync with it: that one stood still meanwhile."""

    def __init__(self, workplace):
        self.group = Group(workplace, "a", sentinels=1, quorum=1, down_after_ms=1000 * DOWN_AFTER,
                           lines=(f"sentinel failover-timeout mymaster {1000 * FAILOVER_TIMEOUT}",))
        self.sentinel, = self.group.sentinels
        self.promoted, late = self.group.replicas
        late.client.config_set("replica-priority", 0)
        wait_until(lambda: self.sentinel.knows(1, 0), 30, "only one of them may be promoted")
        late.process.signal(signal.SIGSTOP)
        wait_until(lambda: self.sentinel.client.execute_command("SENTINEL FAILOVER mymaster"), 20,
                   "it finds a replica that has answered lately enough")
        wait_until(lambda: self.sentinel.names() == self.address, 10, "it is promoted", interval=0.005)
        self.promoted.process.kill()
        late.process.signal(signal.SIGCONT)
        wait_until(lambda: self.is_down(), 10, "its death is noticed")

    @property
    def address(self):
        return self.promoted.host, self.promoted.port

    def is_down(self):
        known = self.sentinel.client.sentinel_slaves("mymaster")
        return any(one["port"] == self.promoted.port and "s_down" in one["flags"] for one in known)

    def is_failing_over(self):
        return "failover_in_progress" in self.sentinel.client.sentinel_master("mymaster")["flags"]

    def hears(self, epoch, master):
        hello = ("127.0.0.1", 1, STRANGER, epoch, "mymaster", *master, epoch)
        assert self.sentinel.client.execute_command("PUBLISH", "__sentinel__:hello", ",".join(map(str, hello))) == 1

    def config_epoch(self):
        return int(self.sentinel.client.sentinel_master("mymaster")["config-epoch"])


def test_a_fail_over_does_not_end_while_the_promoted_node_is_dead(workplace):
    stuck = Stuck(workplace)
    stays_true(lambda: stuck.is_failing_over() and stuck.sentinel.names() == stuck.address, LONGER_THAN_THE_BOUND, "it does not end")
    stuck.promoted.start()
    wait_until(lambda: not stuck.is_failing_over(), 10, "it ends when that node is back")
    assert stuck.sentinel.names() == stuck.address


def test_a_hello_of_a_larger_epoch_ends_it_unless_it_names_the_master_that_is_watched(workplace):
    stuck = Stuck(workplace)
    stuck.hears(7, stuck.group.address)
    assert stuck.config_epoch() == 7 and stuck.is_failing_over() and stuck.sentinel.names() == stuck.address
    other = stuck.group.replicas[1]
    stuck.hears(8, (other.host, other.port))
    assert stuck.config_epoch() == 8 and not stuck.is_failing_over() and stuck.sentinel.names() == (other.host, other.port)


def test_a_sentinel_that_is_told_to_monitor_anew_forgets_it(workplace):
    stuck = Stuck(workplace)
    stuck.sentinel.client.execute_command("SENTINEL REMOVE mymaster")
    stuck.sentinel.client.execute_command("SENTINEL", "MONITOR", "mymaster", *stuck.group.address, 1)
    assert not stuck.is_failing_over() and stuck.sentinel.names() == stuck.group.address
