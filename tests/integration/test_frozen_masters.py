"""P1 for a master that was frozen: with its redis, and replaced meanwhile; and its wrapper alone, when nothing happened."""

import os
import signal

import redis

from support.cluster import LONE_CONF
from support.frozen import LONGEST_TO_CLOSE, QuickWriter, freeze_until_replaced, wake
from support.processes import process_is_alive
from support.sentinel import watched
from support.wait import stays_true, wait_until

LONGEST_TO_OPEN_AGAIN = 1.5  # a session that has ended meanwhile costs a pause, a new one, and a new entry


def point_to(node, master):
    """As sentinelSendSlaveOf() in sentinel.c does it, 7.0.15."""
    with node.client.pipeline(transaction=True) as transaction:
        transaction.execute_command("REPLICAOF", master.host, master.port)
        transaction.execute_command("CLIENT", "KILL", "TYPE", "normal")
        try:
            transaction.execute()
        except redis.ConnectionError:
            pass  # it cuts this client too


def test_a_master_that_was_frozen_whole_and_replaced_takes_writes_only_until_its_wrapper_has_woken_up(cluster):
    """P1: its session has ended, so it takes up to a second until the record is read. It does not wait for that."""
    master, replicas = cluster.start(2, conf=LONE_CONF, COLD_START_WAIT="2s", ZK_SESSION_TIMEOUT="4s")
    with QuickWriter(master) as writer:
        wait_until(lambda: writer.answers, 5, "it writes")
        new = freeze_until_replaced(cluster, master, replicas)
        woken_at = wake(master)
        wait_until(lambda: master.follows(new), 10, "the old master follows the new one")
    taken = writer.taken_since(woken_at)
    print(f"{len(taken)} writes were taken, the last {max(taken, default=0) * 1000:.1f} ms after it was woken up")
    assert not taken or max(taken) < LONGEST_TO_CLOSE, f"{len(taken)} writes, the last after {max(taken):.3f} s"
    assert "this process stood still, and another node may have been made master" in master.log()
    assert cluster.wait_until_healthy()[0] is new


def test_a_redis_that_was_frozen_alone_and_replaced_takes_no_write_when_it_wakes_up(cluster):
    """P1: what its clients have sent it meanwhile would be written before any word of its wrapper, so that kills it."""
    master, replicas, _ = watched(cluster, DOWN_AFTER="2s")
    pid = master.redis_pid
    with QuickWriter(master) as writer:
        wait_until(lambda: writer.answers, 5, "it writes")
        master.freeze_redis()
        new = wait_until(lambda: next((node for node in replicas if node.is_master() and node.accepts_writes()), None), 30,
                         "another one is master")
        wait_until(lambda: not process_is_alive(pid), 3, "it is ended, long before ten seconds have passed")
    assert "kill redis, because it does not answer, and the record names another master" in master.log()
    assert master.process.wait_for_exit(10) == 128 + signal.SIGKILL
    master.start()
    assert cluster.wait_until_healthy()[0] is new


def test_a_master_that_a_sentinel_points_to_the_former_one_keeps_the_newer_data(cluster):
    """P2: sentinels that have not heard of the election turn the new master into a replica of the former one as soon as that is
    awake again, with this command. Its wrapper is still frozen, so nobody but the new master itself can refuse. It cannot be opened
    either: the former one takes writes."""
    former, replicas = cluster.start(2, conf=LONE_CONF, COLD_START_WAIT="2s", ZK_SESSION_TIMEOUT="4s")
    former.client.set("known", "to both")
    new = freeze_until_replaced(cluster, former, replicas)
    new.client.set("newer", "write")
    os.kill(former.redis_pid, signal.SIGCONT)
    wait_until(lambda: former.client.get("known") == "to both", 5, "the former master answers")
    point_to(new, former)
    stays_true(lambda: new.client.get("newer") == "write", 3, "its data are kept")
    os.kill(former.wrapper_pid, signal.SIGCONT)
    assert cluster.wait_until_healthy()[0] is new
    assert [node.client.get("newer") for node in cluster.nodes] == ["write"] * 2


def test_a_master_whose_wrapper_was_frozen_beyond_its_session_takes_writes_again_at_once(cluster, directory):
    """P1 has its price: nobody has replaced it, and it knows that only when all was read again."""
    master, _ = cluster.start(2, conf=LONE_CONF, ZK_SESSION_TIMEOUT="4s")
    with QuickWriter(master) as writer:
        os.kill(master.wrapper_pid, signal.SIGSTOP)
        wait_until(lambda: directory.member_at(master.address) is None, 10, "its session expires")
        assert not writer.refused_since(0), "redis goes on"
        os.kill(master.wrapper_pid, signal.SIGCONT)
        wait_until(lambda: writer.refused_since(0), 5, "it is closed")
        wait_until(master.accepts_writes, 10, "it takes writes again")
    refused = writer.refused_since(0)
    print(f"refused for {(max(refused) - min(refused)) * 1000:.1f} ms")
    assert max(refused) - min(refused) < LONGEST_TO_OPEN_AGAIN
    assert cluster.wait_until_healthy()[0] is master and directory.term() == 1


def test_a_master_whose_wrapper_was_frozen_for_a_moment_refuses_no_write(cluster, directory):
    """It has stood still for more than a third of the session timeout, and reads everything again; its session cannot have ended."""
    master, _ = cluster.start(2, conf=LONE_CONF, ZK_SESSION_TIMEOUT="10s")
    with QuickWriter(master) as writer:
        os.kill(master.wrapper_pid, signal.SIGSTOP)
        stays_true(master.is_master, 4.4, "redis goes on")
        os.kill(master.wrapper_pid, signal.SIGCONT)
        master.process.wait_for_log("this process stood still")
        stays_true(master.is_master, 1, "nothing changes")
    assert not writer.refused_since(0)
    assert cluster.wait_until_healthy()[0] is master and directory.term() == 1
