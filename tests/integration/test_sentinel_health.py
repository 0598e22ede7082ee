"""What sentinel-wrapper says about itself over HTTP: who is sent home by a scheduler, and who is only waited for."""

import json
import os
import signal

from support.sentinel import start_sentinels, watched
from support.wait import stays_true, wait_until


def answers(sentinel):
    return tuple(sentinel.get(path)[0] for path in ("/health", "/liveness", "/readiness"))


def wait_until_not_ready(sentinel, *words, seconds=15):
    """It lives, answers, and has a reason with these words not to be ready."""
    def look():
        code, body = sentinel.get("/readiness")
        assert code == 503 and all(word in json.loads(body)["error"] for word in words), body
        return True
    wait_until(look, seconds, f"{sentinel.name} is not ready: {words}")
    assert answers(sentinel) == (200, 200, 503) and sentinel.status()["ready"] is False


def test_a_sentinel_whose_master_is_dead_lives_and_is_not_ready_until_there_is_another(cluster):
    """No replica is there, so nobody can be promoted, and the name of the dead one stays in the reason."""
    master, _, sentinels = watched(cluster, count=1, sentinels=2)
    master.kill()
    for sentinel in sentinels:
        wait_until_not_ready(sentinel, "{}:{} is down".format(*master.address))
    master.start()
    for sentinel in sentinels:
        wait_until(lambda: answers(sentinel) == (200, 200, 200), 30, f"{sentinel.name} is ready again")


def test_a_sentinel_that_could_not_agree_with_anybody_is_not_ready(cluster, directory):
    """Two of three are killed. One that comes back takes one of their identities: two can agree."""
    _, _, (left, *others) = watched(cluster, count=2, sentinels=3, GHOST_TIMEOUT="2s")
    for other in others:
        other.kill()
    wait_until_not_ready(left, "CKQUORUM")
    assert left.status()["has_quorum"] is False and left.status()["master_up"] is True
    others[0].move().start()
    wait_until(lambda: answers(left) == (200, 200, 200), 30, "two of three are enough")


def test_a_sentinel_whose_entry_was_removed_by_somebody_puts_it_back(cluster, directory):
    """Without it clients do not find it."""
    _, _, (sentinel,) = watched(cluster, count=1, sentinels=1, SENTINEL_QUORUM="1")
    entry, = directory.children("sentinels")
    directory.client.delete(directory.path(f"sentinels/{entry}"))
    wait_until(lambda: directory.sentinels() == {sentinel.address}, 10, "it registers again")
    wait_until(lambda: answers(sentinel) == (200, 200, 200), 10, "it is ready")


def test_a_sentinel_that_hangs_is_neither_healthy_nor_alive_nor_in_the_list(cluster, directory):
    """After 10 s of silence; and all is well when it goes on."""
    _, _, (sentinel,) = watched(cluster, count=1, sentinels=1, SENTINEL_QUORUM="1")
    os.kill(sentinel.sentinel_pid, signal.SIGSTOP)
    wait_until(lambda: answers(sentinel) == (503, 503, 503), 25, "it says that its sentinel hangs")
    assert "does not answer" in sentinel.get("/liveness")[1]
    wait_until(lambda: directory.sentinels() == set(), 5, "clients are sent elsewhere")
    os.kill(sentinel.sentinel_pid, signal.SIGCONT)
    wait_until(lambda: answers(sentinel) == (200, 200, 200), 45, "it is ready again")  # Sentinel itself does nothing for 30 s
    assert directory.sentinels() == {sentinel.address}


def test_a_sentinel_that_waits_for_a_first_master_is_alive_and_nothing_else(cluster):
    sentinel, = start_sentinels(cluster, 1)
    sentinel.wait_until_doing("never had a master")
    stays_true(lambda: answers(sentinel) == (503, 200, 503), 2, "it waits")
