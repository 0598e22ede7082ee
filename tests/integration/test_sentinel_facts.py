"""What redis-sentinel does when sentinels move, and when it is told to forget. No wrapper takes part: these are the facts on which
sentinel-wrapper and common/zk/identity_pool.h rest. If a newer server changes one of them, this file says so.

Found on 7.0.15, one master, two replicas, three sentinels, `down-after` 1 s. Sentinels know each other through a channel of the
nodes, in which each says hello every 2 s; INFO of a node is asked for every 10 s.

    what                                                          how long until, and what it costs
    ------------------------------------------------------------  -----------------------------------------------------------------
    a sentinel comes back elsewhere, the others know it           1 to 2.2 s; under a new id it is one more than before
    the same at its old address under a new id                    the old one is forgotten at once: no ghost
    SENTINEL RESET, all other sentinels are known again           1.6 to 2 s
    SENTINEL RESET, the replicas are known again                  up to 10 s: until then this sentinel can promote nobody
    SENTINEL REMOVE and MONITOR, all sentinels are known again    0.8 to 1.3 s
    SENTINEL REMOVE and MONITOR, the replicas are known again     0.1 s
    ... of another master, the others have a config epoch         1.3 s: it names their master again, be it dead
    a sentinel started with another master and a larger epoch     2.2 s: all others name its master
    a hello of that master and epoch, published to one sentinel   at once, and forgets nobody; the others in 2.2 s
"""

import time

import pytest
import redis

from support.plain_sentinel import PlainSentinel
from support.sentinel_group import Group, fail_over, identity, others_of, replicas_of
from support.wait import wait_until

SHORT_ROUNDS = ("sentinel failover-timeout mymaster 2000",)  # an election that nobody wins is repeated 4 s later


def config_epoch(sentinel):
    return int(sentinel.client.sentinel_master(sentinel.master_name)["config-epoch"])


def kept_epochs(sentinel):
    """(current-epoch, leader-epoch): in which round it is, and in which it has voted last, as its file says."""
    lines = [line.split() for line in sentinel.conf.read_text().splitlines()]
    found = {words[1]: int(words[-1]) for words in lines if len(words) > 2 and words[1].endswith("-epoch")}
    return found["current-epoch"], found.get("leader-epoch")


def has_quorum(sentinel):
    try:
        return sentinel.client.execute_command("SENTINEL CKQUORUM mymaster").startswith("OK")
    except redis.ResponseError as error:
        assert "NOQUORUM" in str(error)
        return False


def knows_address(sentinel, port):
    return any(other["port"] == port for other in others_of(sentinel))


def moved(group, times, kill, lines=()):
    """The last sentinel is restarted on other ports, as a scheduler does it: with nothing but its configuration."""
    sentinel = group.sentinels.pop()
    for number in range(times):
        sentinel.kill() if kill else sentinel.stop()
        sentinel = group.sentinel(f"moved-{number}", lines)
        for other in group.sentinels:
            wait_until(lambda: knows_address(other, sentinel.port), 10, f"{other.name} knows the address of {sentinel.name}")
        wait_until(lambda: sentinel.knows(2, 2), 10, f"{sentinel.name} knows the living")
    return sentinel


# --- sentinels that move ---

def test_a_sentinel_restarted_under_new_ids_takes_the_majority_from_the_others(workplace):
    """Behaviour 6, the comparison. After four restarts the two others know six, so that four votes are needed. Only the newest
    sentinel does not know the ghosts; when it dies together with the master, nobody can win an election any more."""
    group = Group(workplace, "a", lines=SHORT_ROUNDS)
    newest = moved(group, times=4, kill=False)
    for sentinel in group.sentinels:
        assert len(others_of(sentinel)) == 6
        wait_until(lambda: not has_quorum(sentinel), 10, "three of seven are no majority")
    assert has_quorum(newest) and len(others_of(newest)) == 2
    newest.kill()
    group.master.kill()
    for sentinel in group.sentinels:
        wait_until(lambda: sentinel.process.log().count("+try-failover") >= 2, 40, f"{sentinel.name} tries again and again")
        assert "-failover-abort-not-elected" in sentinel.process.log() and "+elected-leader" not in sentinel.process.log()
        assert sentinel.names() == group.address, "the dead master is never replaced"


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_a_sentinel_restarted_under_one_id_stays_one(workplace, kill):
    """Behaviour 6: the same six times, and two of three can still replace a dead master."""
    group = Group(workplace, "a", lines=SHORT_ROUNDS)
    own = identity(group.sentinels[-1])
    newest = moved(group, times=6, kill=kill, lines=(f"sentinel myid {own}",))
    for sentinel in group.sentinels:
        assert len(others_of(sentinel)) == 2
        wait_until(lambda: has_quorum(sentinel), 10, "CKQUORUM is content")
    newest.kill()
    group.master.kill()
    for sentinel in group.sentinels:
        wait_until(lambda: sentinel.names() != group.address, 30, "the dead master is replaced")


def test_a_new_id_at_a_known_address_replaces_the_old_one(workplace):
    """So where ports do not change there are no ghosts."""
    group = Group(workplace, "a")
    old = group.sentinels.pop()
    old_id = identity(old)
    old.kill()
    new = PlainSentinel(workplace, "at-the-same-address", group.address)
    new.conf.write_text(new.conf.read_text().replace(f"port {new.port}", f"port {old.port}"))
    new.port = old.port
    new.start()
    for sentinel in group.sentinels:
        wait_until(lambda: identity(new) in {one["runid"] for one in others_of(sentinel)}, 10, "the new one is known")
        assert old_id not in {one["runid"] for one in others_of(sentinel)} and len(others_of(sentinel)) == 2


def test_a_sentinel_believes_what_its_first_file_says_about_votes(workplace):
    """Behaviour 6: two votes under one id in one round could make two leaders. A fresh sentinel learns the others' round with the
    first hello and votes in it, whatever a former life under its id has done. The file can keep it from that."""
    group = Group(workplace, "a")
    voter = group.sentinel("voter", ("sentinel current-epoch 7", "sentinel leader-epoch mymaster 7"))
    assert kept_epochs(voter) == (7, 7)
    for sentinel in group.sentinels:
        wait_until(lambda: kept_epochs(sentinel)[0] == 7, 10, f"{sentinel.name} is in the same round")
    fresh = group.sentinel("fresh")
    wait_until(lambda: kept_epochs(fresh) == (7, 0), 10, "a fresh sentinel learns the round, but of no vote")
    candidate = "c" * 40
    def vote(sentinel, epoch):
        return sentinel.client.execute_command("SENTINEL", "IS-MASTER-DOWN-BY-ADDR", *group.address, epoch, candidate)[1]
    assert vote(fresh, 7) == candidate
    assert vote(voter, 7) != candidate and vote(voter, 8) == candidate


# --- what makes a sentinel forget ---

def wait_for_info(sentinel):
    """It asks its master for the next INFO 10 s after the last one."""
    def has_just_come():
        return sentinel.client.sentinel_master("mymaster")["info-refresh"] < 4000
    wait_until(has_just_come, 15, "the next INFO is some seconds away")


def forgotten_and_found(sentinel, forget):
    """Seconds until it knows two sentinels again, and two replicas."""
    forget()
    start, seen = time.monotonic(), {}
    def look():
        for what, known in (("sentinels", others_of(sentinel)), ("replicas", replicas_of(sentinel))):
            if len(known) == 2:
                seen.setdefault(what, time.monotonic() - start)
        return len(seen) == 2
    wait_until(look, 30, "everybody is found again")
    return seen


def test_reset_leaves_a_sentinel_without_replicas_until_its_next_info(workplace):
    """Behaviour 7: it keeps the epochs, the quorum and the settings, and forgets the dead. But for up to 10 s it cannot promote
    anybody."""
    group = Group(workplace, "a", down_after_ms=1500)
    fail_over(group)
    sentinel = group.sentinels[1]
    before = config_epoch(sentinel), kept_epochs(sentinel)
    assert before == (1, (1, 0))
    wait_until(lambda: sentinel.knows(2, 2), 30, "the old master is a replica")
    wait_for_info(sentinel)
    seen = forgotten_and_found(sentinel, lambda: sentinel.client.execute_command("SENTINEL RESET mymaster"))
    assert (config_epoch(sentinel), kept_epochs(sentinel)) == before
    assert sentinel.client.sentinel_master("mymaster")["down-after-milliseconds"] == 1500
    assert seen["sentinels"] < 6 and seen["replicas"] > 4, seen


def test_nobody_replaces_a_master_that_dies_right_after_a_reset_of_all(workplace):
    """Behaviour 7: hence one at a time, and the next one only when this one knows all replicas again."""
    group = Group(workplace, "a", lines=SHORT_ROUNDS)
    for sentinel in group.sentinels:
        wait_for_info(sentinel)
        sentinel.client.execute_command("SENTINEL RESET mymaster")
    for sentinel in group.sentinels:
        wait_until(lambda: len(others_of(sentinel)) == 2, 10, "the sentinels know each other again")
        assert replicas_of(sentinel) == []
    group.master.kill()
    def gave_up():
        return any("-failover-abort-no-good-slave" in sentinel.process.log() for sentinel in group.sentinels)
    wait_until(gave_up, 30, "one of them is elected and finds nobody to promote")
    assert all(sentinel.names() == group.address for sentinel in group.sentinels)


def test_remove_and_monitor_finds_everybody_at_once_and_forgets_the_config_epoch(workplace):
    """Behaviours 5 and 7: much faster than RESET. What is lost: all settings (say them again), and the config epoch together with
    the memory of the last vote until the others' hello brings the epoch back; so never while a fail-over runs."""
    group = Group(workplace, "a", down_after_ms=1500)
    fail_over(group)
    sentinel = group.sentinels[0]
    wait_until(lambda: sentinel.knows(2, 2), 30, "the old master is a replica")
    assert config_epoch(sentinel) == 1 and kept_epochs(sentinel) == (1, 1)
    seen_epochs = []
    def again():
        sentinel.client.execute_command("SENTINEL REMOVE mymaster")
        assert sentinel.client.sentinel_get_master_addr_by_name("mymaster") is None
        sentinel.client.execute_command("SENTINEL", "MONITOR", "mymaster", *group.address, 2)
        seen_epochs.append(config_epoch(sentinel))
    seen = forgotten_and_found(sentinel, again)
    assert sentinel.client.sentinel_master("mymaster")["down-after-milliseconds"] == 30000, "the setting is lost"
    assert seen["sentinels"] < 6 and seen["replicas"] < 6, seen
    assert seen_epochs == [0] and kept_epochs(sentinel) == (1, 0)
    wait_until(lambda: config_epoch(sentinel) == 1, 6, "the others bring the config epoch back")


def test_who_is_told_to_monitor_an_old_master_is_corrected_by_the_others(workplace):
    """Behaviour 5: a re-monitored sentinel does not pull the others with it, its config epoch is 0."""
    group = Group(workplace, "a")
    old = fail_over(group)
    sentinel = group.sentinels[1]
    sentinel.client.execute_command("SENTINEL REMOVE mymaster")
    sentinel.client.execute_command("SENTINEL", "MONITOR", "mymaster", *old, 2)
    wait_until(lambda: sentinel.names() == group.address, 10, "it names the master of the larger epoch")
    assert all(other.names() == group.address for other in group.sentinels)


def test_a_sentinel_started_with_a_larger_config_epoch_brings_its_master_to_the_others(workplace):
    """Behaviour 5: no command sets the epoch, the file does. One restart, under the same id, corrects all sentinels, and these keep
    everything that they know."""
    group = Group(workplace, "a")
    chosen, one = group.replicas[0], group.sentinels.pop()
    own = identity(one)
    one.kill()
    chosen.client.execute_command("REPLICAOF", "NO", "ONE")
    lines = (f"sentinel myid {own}", "sentinel current-epoch 9", "sentinel config-epoch mymaster 9")
    PlainSentinel(workplace, "a-corrected", (chosen.host, chosen.port), lines=lines).start()
    for sentinel in group.sentinels:
        wait_until(lambda: sentinel.names() == (chosen.host, chosen.port), 10, "it names the other master")
        assert config_epoch(sentinel) == 9 and len(replicas_of(sentinel)) == 2 and len(others_of(sentinel)) == 2


def test_a_sentinel_takes_a_hello_from_anybody_who_speaks_in_the_name_of_one_that_it_knows(workplace):
    """Behaviour 5: so a sentinel can be corrected without a restart. It keeps its settings and everybody that it knows, and brings
    the others along."""
    group = Group(workplace, "a", down_after_ms=1500)
    fail_over(group)
    one, known = group.sentinels[0], others_of(group.sentinels[0])[0]
    chosen = next(replica for replica in group.replicas if (replica.host, replica.port) != group.address)
    chosen.client.execute_command("REPLICAOF", "NO", "ONE")
    hello = (known["ip"], known["port"], known["runid"], 7, "mymaster", chosen.host, chosen.port, 7)
    assert one.client.execute_command("PUBLISH", "__sentinel__:hello", ",".join(map(str, hello))) == 1
    assert one.names() == (chosen.host, chosen.port) and config_epoch(one) == 7 and kept_epochs(one)[0] == 7
    assert one.client.sentinel_master("mymaster")["down-after-milliseconds"] == 1500
    for sentinel in group.sentinels:
        wait_until(lambda: sentinel.names() == (chosen.host, chosen.port), 10, "it names the other master")
        assert config_epoch(sentinel) == 7 and len(others_of(sentinel)) == 2 and len(replicas_of(sentinel)) >= 2
    assert {one["runid"] for one in others_of(one)} <= group.ids()


def test_a_sentinel_tells_its_last_vote_without_giving_one(workplace):
    """Behaviour 6: the largest of them is where a fresh sentinel under an old id must not vote again."""
    group = Group(workplace, "a")
    one = group.sentinels[0]
    def last_vote(asked, epoch):
        return asked.client.execute_command("SENTINEL", "IS-MASTER-DOWN-BY-ADDR", *group.address, epoch, "c" * 40)[1:]
    assert last_vote(one, 0) == ["*", 0]
    assert last_vote(one, 5) == ["c" * 40, 5]
    assert last_vote(one, 0) == ["c" * 40, 5] and kept_epochs(one) == (5, 5)


def test_a_sentinel_that_follows_forgets_for_whom_it_has_voted_and_not_in_which_epoch(workplace):
    """Watcher, behaviour 2: its answer is no vote any more, but that it names the new master is."""
    group = Group(workplace, "a")
    one, known, chosen = group.sentinels[0], others_of(group.sentinels[0])[0], group.replicas[0]
    def last_vote(master, epoch):
        return one.client.execute_command("SENTINEL", "IS-MASTER-DOWN-BY-ADDR", *master, epoch, "c" * 40)[1:]
    assert last_vote(group.address, 5) == ["c" * 40, 5]
    chosen.client.execute_command("REPLICAOF", "NO", "ONE")
    hello = (known["ip"], known["port"], known["runid"], 6, "mymaster", chosen.host, chosen.port, 6)
    assert one.client.execute_command("PUBLISH", "__sentinel__:hello", ",".join(map(str, hello))) == 1
    assert one.names() == (chosen.host, chosen.port)
    assert last_vote(one.names(), 0) == ["*", 5]


def test_set_forgets_nothing(workplace):
    group = Group(workplace, "a")
    sentinel = group.sentinels[0]
    sentinel.client.execute_command("SENTINEL SET mymaster quorum 3 down-after-milliseconds 2000 failover-timeout 7000")
    assert sentinel.knows(2, 2)
    known = sentinel.client.sentinel_master("mymaster")
    assert (known["quorum"], known["down-after-milliseconds"], known["failover-timeout"]) == (3, 2000, 7000)
