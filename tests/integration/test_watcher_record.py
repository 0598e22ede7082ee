"""watcher when somebody else lays hands on what is in ZooKeeper: all of it is deleted, the record is lost or garbage, or may not be
written. It heals what it can prove, says what it cannot do, and does not try again and again without a pause."""

import re

import pytest
from kazoo.exceptions import NoNodeError
from kazoo.security import OPEN_ACL_UNSAFE, make_acl

from support.wait import stays_true, wait_until
from support.watcher_group import Group

# Of a pause that is doubled from 0.1 to 0.3 s on: so many attempts fit into 8 s, and a few more before the first pause.
MOST_ATTEMPTS = 10


@pytest.fixture
def group(workplace, cluster, zookeeper):
    return Group(workplace, cluster, zookeeper, watchers=1)


def attempts(watcher):
    """How often it has sent a record to ZooKeeper, whatever came of it."""
    code, text = watcher.get("/metrics")
    found = re.search(r'^redis_zk_actions_total\{[^}]*"publish"[^}]*\} (\d+)', text, re.MULTILINE)
    return int(found.group(1)) if found else 0


def waits_for(watcher, words):
    return wait_until(lambda: words in watcher.json("/status")["doing"], 15, f"it says: {words}")


def wait_until_a_watcher_has_restored(group, seconds=30):
    wait_until(lambda: group.directory.record() == group.master.address, seconds, "the record is restored")
    assert group.writer() == "watcher"


def is_deleted_at_once(directory):
    """One by one somebody would always register anew in between. Refused when somebody has since it was listed."""
    def below(path):
        return [path, *(one for name in directory.client.get_children(path) for one in below(f"{path}/{name}"))]
    try:
        deletion = directory.client.transaction()
        for path in reversed(below(directory.root)):
            deletion.delete(path)
        return all(done is True for done in deletion.commit())
    except NoNodeError:
        return False


@pytest.mark.parametrize("who", ["a watcher", "whoever is first"])
def test_everything_below_the_root_is_deleted_while_all_run(group, directory, who):
    """P3, P4, P6: the registrations go as well, and come back."""
    watcher, = group.watchers
    if who == "a watcher":
        group.link.cut()
    wait_until(lambda: is_deleted_at_once(directory), 20, "everything is deleted", interval=0)
    if who == "a watcher":
        wait_until_a_watcher_has_restored(group)
        assert attempts(watcher) <= MOST_ATTEMPTS
    assert group.wait_until_healthy()[0] is group.master
    wait_until(lambda: directory.sentinels() == {one.address for one in group.sentinels}, 20, "the sentinels are registered again")
    wait_until(lambda: len(directory.members()) == 3, 20, "the nodes are, too")
    wait_until(lambda: watcher.is_ready() and watcher.json("/status")["disagreements"] == [], 20, "the watcher agrees")
    term, said = directory.term(), len(watcher.log())
    stays_true(lambda: directory.term() == term, 3, "nobody writes it again")
    assert len(watcher.log()) - said < 2000 and watcher.json("/status")["master_verified"]
    group.lose_the_master(is_written_by_nodes=True)
    group.wait_until_recorded(20)


@pytest.mark.parametrize("forbidden", ["term", "history"])
def test_a_record_that_may_not_be_written_is_said_and_tried_again_after_pauses(group, directory, forbidden):
    """P7, P8: somebody has changed the access (NOAUTH); as soon as he has changed it back the record is true."""
    watcher, = group.watchers
    group.link.cut()
    directory.client.set_acls(directory.path(forbidden), [make_acl("world", "anyone", read=True, admin=True)])
    before = attempts(watcher)
    directory.client.delete(directory.path("master"))
    watcher.process.wait_for_log("writing the record")
    waits_for(watcher, "ZooKeeper has not written the record; another attempt comes soon")
    stays_true(lambda: directory.record() is None and watcher.get("/liveness")[0] == 200, 8, "it is not written")
    sentences = [line for line in watcher.log().splitlines() if "writing the record" in line]
    assert directory.path() in sentences[0] and "not authenticated" in sentences[0], sentences
    assert 1 < attempts(watcher) - before <= MOST_ATTEMPTS, "it goes on trying, with pauses"
    assert len(sentences) <= MOST_ATTEMPTS
    directory.client.set_acls(directory.path(forbidden), OPEN_ACL_UNSAFE)
    wait_until_a_watcher_has_restored(group)


def test_a_record_that_is_lost_completely_is_left_to_the_master_by_a_watcher_that_never_saw_it(group, directory):
    """It cannot tell whose nodes these are. README says so."""
    watcher, = group.watchers
    group.link.cut()
    assert watcher.stop() == 0
    for name in ("master", "term"):
        directory.client.delete(directory.path(name))
    watcher.start()
    waits_for(watcher, "no record says yet which cluster this is")
    stays_true(lambda: directory.record() is None and directory.text("term") is None, 3, "nobody writes it")
    assert group.wait_until_healthy()[0] is group.master
    assert group.writer() != "watcher" and not watcher.publications()
    wait_until(lambda: watcher.json("/status")["master_verified"] and watcher.is_ready(), 15, "the watcher agrees")


def test_a_record_that_cannot_be_read_is_left_to_the_master(group, directory):
    """P8. README says so."""
    watcher, = group.watchers
    group.link.cut()
    directory.write("term", b"\x00{ garbage")
    waits_for(watcher, "the record cannot be read; only a master's own wrapper replaces it")
    stays_true(lambda: directory.text("term") == "\x00{ garbage", 3, "nobody replaces it")
    assert directory.path("term") in watcher.log() and "the record cannot be read" in watcher.json("/status")["disagreements"]
    assert group.wait_until_healthy()[0] is group.master
    wait_until(lambda: directory.term(), 10, "the term can be read again")
    assert group.writer() != "watcher" and not watcher.publications()
    assert "it replaces a record that could not be read" in directory.json("term")["reason"]
    wait_until(lambda: watcher.json("/status")["master_verified"] and watcher.is_ready(), 15, "the watcher agrees")
