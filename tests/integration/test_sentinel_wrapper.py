"""sentinel-wrapper: sentinels that find their master, are found by clients, and leave nothing behind."""

import json
import os
import re
import signal
import stat

import redis

from support.cluster import LONE_CONF
from support.data import fill
from support.processes import process_is_alive
from support.sentinel import Sentinel, start_sentinels, wait_until_all_ready, watched
from support.wait import stays_true, wait_until
from support.zookeeper import SETTINGS

# Seconds, of which somebody is listed who is gone: the session timeout of the tests, two ticks of ZooKeeper, which looks at each for
# sessions that have ended, and one for what else a busy machine has to do.
LONGEST_ENTRY = 2 + 2 * SETTINGS["tickTime"] / 1000 + 1
NODE_PASSWORD, SENTINEL_PASSWORD = 'node "pass" word', "sentinel pass word"


def test_sentinels_that_start_before_any_node_wait_and_then_agree(cluster, directory):
    """Behaviour 2 and 4: no sentinel process and no entry before there is a verified master."""
    sentinels = start_sentinels(cluster)
    for sentinel in sentinels:
        sentinel.wait_until_doing("never had a master")
        assert sentinel.sentinel_pid is None and sentinel.get("/liveness")[0] == 200
        assert sentinel.get("/readiness")[0] == 503 and sentinel.get("/health")[0] == 503
    assert directory.sentinels() == set() and directory.children("sentinel-ids") == []
    master, _ = cluster.start(3, conf=LONE_CONF)
    wait_until_all_ready(sentinels, directory)
    assert {sentinel.names() for sentinel in sentinels} == {master.address}
    ids = {sentinel.id() for sentinel in sentinels}
    assert ids == set(directory.children("sentinel-ids")) and len(ids) == 3
    for sentinel in sentinels:
        others, replicas = sentinel.knows()
        assert others == {one.address for one in sentinels if one is not sentinel}


def test_gives_up_with_status_3_when_there_is_no_master_in_time(cluster, directory):
    sentinel, = start_sentinels(cluster, 1, MASTER_TIMEOUT="1s")
    assert sentinel.process.wait_for_exit(15) == 3
    assert "MASTER_TIMEOUT" in sentinel.log()
    assert directory.children("sentinel-ids") == [] and sentinel.left_in_run() == []


def test_a_dead_master_is_replaced_and_all_sentinels_agree(cluster, directory):
    """P3, P4."""
    master, replicas, sentinels = watched(cluster)
    master.kill()
    wait_until(lambda: {one.names() for one in sentinels} <= {one.address for one in replicas}, 20, "all agree on a new one")
    new, _ = cluster.wait_until_healthy()
    assert {one.names() for one in sentinels} == {new.address} and new in replicas
    assert directory.term() == 2
    wait_until_all_ready(sentinels, directory)


def test_sigterm_deregisters_first_then_drains_then_stops_the_sentinel(cluster, directory):
    """Behaviour 4: the entry goes while the sentinel still answers; the id goes back to the pool."""
    _, _, sentinels = watched(cluster, count=2, sentinels=2, DRAIN="1s")
    leaving, staying = sentinels
    own_id, pid = leaving.id(), leaving.sentinel_pid
    leaving.terminate()
    wait_until(lambda: directory.sentinels() == {staying.address}, 5, "clients are sent elsewhere")
    assert leaving.client.ping() and process_is_alive(pid)
    assert leaving.process.wait_for_exit(10) == 0
    assert not process_is_alive(pid) and leaving.left_in_run() == []
    assert directory.children(f"sentinel-ids/{own_id}") == []
    leaving.move().start()
    wait_until_all_ready(sentinels, directory)
    assert leaving.id() == own_id, "it is the same sentinel for the others, at a new address"
    wait_until(lambda: staying.knows()[0] == {leaving.address}, 20, "the old address is forgotten")


def test_a_sentinel_that_dies_takes_its_wrapper_along_and_leaves_no_entry(cluster, directory):
    _, _, (sentinel,) = watched(cluster, count=1, sentinels=1, SENTINEL_QUORUM="1")
    own_id = sentinel.id()
    os.kill(sentinel.sentinel_pid, signal.SIGKILL)
    assert sentinel.process.wait_for_exit(10) == 128 + signal.SIGKILL
    assert directory.sentinels() == set() and directory.children(f"sentinel-ids/{own_id}") == []
    sentinel.move().start()
    wait_until_all_ready([sentinel], directory)
    assert sentinel.id() == own_id, "nobody votes under it any more, so it is free at once"


def test_a_wrapper_that_is_killed_takes_its_sentinel_along(cluster, directory):
    """P6: and its entry ends with the session."""
    _, _, (sentinel,) = watched(cluster, count=1, sentinels=1, SENTINEL_QUORUM="1")
    sentinel.kill()
    wait_until(lambda: directory.sentinels() == set(), LONGEST_ENTRY, "the entry ends with the session")


def test_a_wrapper_whose_session_has_expired_registers_again_under_the_same_name(cluster, directory):
    """Its sentinel goes on while the wrapper is frozen, and answers at its address: so its id is not free for another one."""
    one = {"SENTINEL_QUORUM": "1", "GHOST_TIMEOUT": "1s"}
    _, _, (sentinel,) = watched(cluster, count=1, sentinels=1, **one)
    names, own_id, pid = directory.children("sentinels"), sentinel.id(), sentinel.sentinel_pid
    sentinel.process.signal(signal.SIGSTOP)
    wait_until(lambda: directory.sentinels() == set(), 20, "the session has expired")
    newcomer, = start_sentinels(cluster, 1, **one)
    wait_until(lambda: directory.sentinels() == {newcomer.address}, 20, "another one has started")
    sentinel.process.signal(signal.SIGCONT)
    wait_until(lambda: set(names) <= set(directory.children("sentinels")), 20, "it is back")
    assert "stood still" in sentinel.log()
    wait_until_all_ready([sentinel, newcomer], directory)
    assert (sentinel.id(), sentinel.sentinel_pid) == (own_id, pid) and newcomer.id() != own_id


def test_passwords_of_nodes_and_of_sentinels(cluster, directory, workplace):
    """The nodes ask the sentinels, the sentinels watch the nodes and each other; no secret gets anywhere."""
    both = {"REDIS_PASSWORD": NODE_PASSWORD, "SENTINEL_PASSWORD": SENTINEL_PASSWORD}
    master, replicas, sentinels = watched(cluster, nodes_know=both, **both)
    for node in (master, *replicas):
        wait_until(lambda: all(one["can_act"] for one in node.status()["sentinels"]), 15, f"the sentinels answer {node.name}")
    generated = sentinels[0].run / "sentinel.conf"
    assert stat.S_IMODE(generated.stat().st_mode) == 0o600
    master.kill()
    wait_until(lambda: {one.names() for one in sentinels} <= {one.address for one in replicas}, 20, "the sentinels have failed over")
    cluster.wait_until_healthy()
    assert stat.S_IMODE(generated.stat().st_mode) == 0o600, "redis-sentinel has written it anew"
    seen = [one.log() for one in sentinels] + [str(directory.everything())] + [one.get("/status")[1] for one in sentinels]
    for text in seen:
        assert not re.search(f"{re.escape(NODE_PASSWORD)}|{SENTINEL_PASSWORD}", text)
    with_none = sentinels[0].client
    with_none.connection_pool.connection_kwargs["password"] = None
    try:
        with_none.ping()
        raise AssertionError("it lets in who has no password")
    except redis.AuthenticationError:
        pass


def frozen_pair(cluster):
    """A master and its replica, whose wrappers stand still and correct nothing; and how both are named in the record."""
    master, (replica,) = cluster.start(2, conf=LONE_CONF)
    wait_until(lambda: replica.get("/replica")[0] == 200, 10, "nothing is about to change")
    for node in cluster.nodes:
        wait_until(lambda: node.client.pubsub_channels("redis-zk:*"), 5, f"{node.name} proves to whom it belongs")
        node.process.signal(signal.SIGSTOP)
    return master, "{} {}".format(*replica.address)


def names_after_a_start(cluster, master, reason):
    sentinel, = start_sentinels(cluster, 1, SENTINEL_QUORUM="1")
    wait_until(lambda: sentinel.names() == master.address, 20, "it monitors the real one")
    assert reason in next(line for line in sentinel.log().splitlines() if "start the sentinel" in line)
    for node in cluster.nodes:
        node.process.signal(signal.SIGCONT)


def test_a_stale_record_is_followed_to_the_real_master(cluster, directory):
    """Behaviour 2: it names, in both places, a node that is a replica by now."""
    master, stale = frozen_pair(cluster)
    term = {**directory.json("term"), "master": stale}
    directory.write("master", stale)
    directory.write("term", json.dumps(term))
    names_after_a_start(cluster, master, "because the node that is named as master follows it")


def test_an_edited_name_beside_the_term_misleads_nobody(cluster, directory):
    """Behaviour 2: the name is for clients, and anybody may have changed it."""
    master, stale = frozen_pair(cluster)
    directory.write("master", stale)
    names_after_a_start(cluster, master, "because the term names it, the name beside it does not")


def test_the_file_of_the_user_is_read_and_never_written(cluster, directory, workplace):
    conf = workplace.directory / "sentinel.conf"
    text = ("sentinel monitor mymaster 10.9.9.9 1 1\nsentinel down-after-milliseconds mymaster 2500\nport 1\n"
            "sentinel known-replica mymaster 10.9.9.8 1\nsentinel myid " + "a" * 40 + "\nsentinel sentinel-user joe\n")
    conf.write_text(text)
    conf.chmod(0o400)
    master, _, (sentinel,) = watched(cluster, count=1, sentinels=1, SENTINEL_CONF=conf, SENTINEL_QUORUM="1", DOWN_AFTER=None)
    assert conf.read_text() == text
    seen = sentinel.client.sentinel_master("mymaster")
    assert (seen["ip"], seen["port"], seen["num-slaves"]) == (*master.address, 0)
    assert seen["down-after-milliseconds"] == 2500 and sentinel.id() != "a" * 40
    for sentence in ("sentinel myid is left out", "sentinel sentinel-user is left out", "port 1 (line 3", "sentinel monitor is left out"):
        assert sentence in sentinel.log()


def test_wrong_values_end_with_status_2_and_a_sentence_each(workplace, zookeeper, directory, cluster):
    sentinel, = start_sentinels(cluster, 1, DOWN_AFTER="100ms", SENTINEL_QUORUM="0", SENTINEL_SERVER="no-such-server",
                                DRAIN="soon", REDIS_USERNAME="joe")
    assert sentinel.process.wait_for_exit(10) == 2
    for name in ("DOWN_AFTER", "SENTINEL_QUORUM", "SENTINEL_SERVER", "DRAIN", "REDIS_USERNAME"):
        assert name in sentinel.log()
    assert "again and again" in sentinel.log() and directory.everything() == {}


def test_check_says_that_all_is_well(cluster, directory):
    cluster.start(1, conf=LONE_CONF)
    sentinel, = start_sentinels(cluster, 1, CHECK="yes")
    assert sentinel.process.wait_for_exit(20) == 0, sentinel.log()
    assert "ok: configuration: the sentinel takes it" in sentinel.log()
    assert directory.sentinels() == set() and sentinel.left_in_run() == []


def test_thirty_restarts_on_other_ports_leave_three_sentinels_and_a_fail_over_that_works(cluster, directory):
    """Behaviour 6 and 7: redeployments, one after another, some planned and some by -9. GHOST_TIMEOUT is 1 s: with the default of 60 s
    four quick SIGKILLs of one sentinel can leave no quorum for a minute, since each is followed by a new id (README, Limits)."""
    master, replicas, sentinels = watched(cluster, GHOST_TIMEOUT="1s")
    for number in range(30):
        moving = sentinels[number % 3]
        moving.stop() if number % 4 else moving.kill()
        moving.move().start()
        wait_until(moving.is_ready, 40, f"{moving.name} is ready again after restart {number + 1}")
    for one in sentinels:
        wait_until(lambda: one.knows()[0] == {other.address for other in sentinels if other is not one}, 60,
                   f"{one.name} knows exactly the two others")
    assert directory.sentinels() == {one.address for one in sentinels}
    master.kill()
    wait_until(lambda: {one.names() for one in sentinels} <= {one.address for one in replicas}, 20, "the sentinels have failed over")
    cluster.wait_until_healthy()


def test_all_sentinels_are_replaced_at_once(cluster, directory):
    master, replicas, sentinels = watched(cluster, GHOST_TIMEOUT="1s")
    for one in sentinels:
        one.kill()
    for one in sentinels:
        one.move().start()
    wait_until_all_ready(sentinels, directory, seconds=60)
    assert {one.names() for one in sentinels} == {master.address}
    master.kill()
    wait_until(lambda: {one.names() for one in sentinels} <= {one.address for one in replicas}, 20, "the sentinels have failed over")
    cluster.wait_until_healthy()


def test_all_nodes_and_sentinels_die_and_come_back_on_other_ports(cluster, directory):
    """P4."""
    master, replicas, sentinels = watched(cluster)
    written = fill(master.client, "x")
    cluster.wait_until_same_data(written)
    for one in sentinels:
        one.process.kill()
    cluster.kill_all()
    for one in sentinels:
        one.move().start()
    for node in cluster.nodes:
        node.move().start()
    cluster.wait_until_healthy(seconds=60)
    wait_until_all_ready(sentinels, directory, seconds=60)
    new, _ = cluster.wait_until_healthy()
    assert {one.names() for one in sentinels} == {new.address}
    cluster.wait_until_same_data(written)


def test_all_nodes_move_while_sentinels_that_have_failed_over_live_on(cluster, directory):
    """Behaviour 5, P4: a sentinel that holds on to the dead master, and has a config epoch, drags back whoever was told of the new one
    without. So one wrapper is enough to correct all: the others stand still."""
    master, replicas, sentinels = watched(cluster)
    master.kill()
    wait_until(lambda: {one.names() for one in sentinels} <= {one.address for one in replicas}, 20, "the sentinels have failed over")
    cluster.wait_until_healthy()
    # One whose promoted node dies before it has told the other replicas never ends its fail-over.
    wait_until(lambda: all(one.client.sentinel_master("mymaster")["flags"] == "master" for one in sentinels), 20, "it has ended")
    assert all(int(one.client.sentinel_master("mymaster")["config-epoch"]) >= 1 for one in sentinels)
    pids = [one.sentinel_pid for one in sentinels]
    cluster.kill_all()
    for one in sentinels[1:]:
        one.process.signal(signal.SIGSTOP)
    for node in cluster.nodes:
        node.move().start()
    new, _ = cluster.wait_until_healthy(seconds=60)
    wait_until(lambda: {one.names() for one in sentinels} == {new.address}, 30, "all name the new master")
    stays_true(lambda: {one.names() for one in sentinels} == {new.address}, 5, "nobody is dragged back")
    for one in sentinels[1:]:
        one.process.signal(signal.SIGCONT)
    wait_until(lambda: directory.sentinels() == {one.address for one in sentinels}, 20, "all are registered again")
    wait_until_all_ready(sentinels, directory)
    assert [one.sentinel_pid for one in sentinels] == pids, "clients keep their connections"
    wait_until(lambda: all(one.ask("CKQUORUM", "mymaster").startswith("OK") for one in sentinels), 20, "they could agree")
    wait_until(lambda: sum(not one["is_sdown"] for one in sentinels[0].client.sentinel_slaves("mymaster")) == 2, 30, "it knows both")
    new.kill()
    wait_until(lambda: {one.names() for one in sentinels} <= {one.address for one in cluster.nodes if one is not new}, 30, "failed over")
    cluster.wait_until_healthy()


class OnAReadOnlyRoot(Sentinel):
    """Nothing but its run-time directory can be written, as in a hardened container."""

    def command(self):
        script = 'mount --bind "$RUN_DIR" "$RUN_DIR" && mount -o remount,ro,bind / && exec "$@"'
        return ["unshare", "--mount", "--", "sh", "-c", script, "sh", *super().command()]


def test_a_read_only_root_file_system_is_enough(cluster, directory):
    master, _ = cluster.start(1, conf=LONE_CONF)
    sentinel = OnAReadOnlyRoot(cluster.workplace, cluster.zk_hosts, directory.root, "on-a-read-only-root", SENTINEL_QUORUM="1")
    wait_until_all_ready([sentinel.start()], directory)
    assert sentinel.names() == master.address
    assert sentinel.ask("SET", "mymaster", "quorum", "1") == "OK", "it can write its configuration"
    assert sentinel.stop() == 0


def test_sentinels_stay_with_a_successor_whose_wrapper_is_frozen_and_has_lost_its_session(cluster, directory):
    """It is master and cannot say on its channel to whom it belongs, for Sentinel has cut its listener; nor is it registered. But it
    lets in who replicates in our name. No stranger: nobody leaves the list, and 15 s are more than two looks at the settled pace."""
    master, (chosen,), sentinels = watched(cluster, count=2)
    os.kill(chosen.wrapper_pid, signal.SIGSTOP)
    master.kill()
    wait_until(lambda: {one.names() for one in sentinels} == {chosen.address}, 30, "the sentinels have chosen it")
    wait_until(lambda: directory.children("members") == [], 20, "its session has expired")
    everybody = {one.address for one in sentinels}
    stays_true(lambda: directory.sentinels() == everybody, 15, "all sentinels are registered")
    assert {one.names() for one in sentinels} == {chosen.address}
    assert not any("belongs to another cluster" in one.log() for one in sentinels)
    os.kill(chosen.wrapper_pid, signal.SIGCONT)
    wait_until(lambda: directory.record() == chosen.address, 30, "it is recorded")
