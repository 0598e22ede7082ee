"""What a dataset says about itself after a restart, and what a parked, fenced, syncing or loading server does. No wrapper takes
part: these are the facts of redis-server on which redis-wrapper/core/decide.cc rests (promise P2). If a newer server changes one
of them, this file says so.

Found on 7.0.15, restarted parked ("complete" = every acknowledged write is there):

    persistence  stop      was                           data after restart           replid   master/slave_repl_offset
    -----------  --------  ----------------------------  ---------------------------  -------  ------------------------
    none         any       master                        none                         new      0 / 1
    none         any       replica                       those of its last full sync  kept     those of that full sync
    rdb          SIGTERM   master with replica, replica  complete                     kept     kept
    rdb          SIGTERM   master without replica        complete                     new      0 / 1
    rdb          kill -9   master with replica, replica  those of the last save       kept     those of the last save
    rdb          kill -9   master without replica        those of the last save       new      0 / 1
    aof, both    any       any                           complete                     new      0 / 1

"none" is a surprise: a replica stores the file that a full sync sends, even with `save ""`, and loads it after a restart. It then
has old data under the id of the living cluster. And a master without replicas has offset 0 for ever, whatever is written.
"""

import signal

import pytest
import redis

from support.data import fill, wait_until_written
from support.plain_redis import NOBODY, REFUSE_WRITES, PlainRedis
from support.wait import stays_true, wait_until

PERSISTENCE = {"none": {}, "rdb": {"save": "3600 1"}, "aof": {"appendonly": "yes"},
               "both": {"save": "3600 1", "appendonly": "yes"}}
NOTHING_RESTORED = (0, 1)  # (master_repl_offset, slave_repl_offset)


def position(node):
    info = node.info("replication")
    return info["master_replid"], info["master_repl_offset"], info.get("slave_repl_offset", info["master_repl_offset"])


def save(node):
    node.client.bgsave()
    wait_until(lambda: node.info("persistence")["rdb_bgsave_in_progress"] == 0, 10, "the save ends")


def is_rewriting(node):
    info = node.info("persistence")
    return info["aof_rewrite_in_progress"] or info["aof_rewrite_scheduled"]


def written_by(was, workplace, persistence):
    """A node with its past: 10 keys before its replication begins, 10 until the last save, 10 after it. Returns the node, the
    position at the save, and the position at the end."""
    node, other = PlainRedis(workplace, "node", **PERSISTENCE[persistence]).start(), None
    if was != "master without replica":
        other = PlainRedis(workplace, "other").start()
    master, replica = (other, node) if was == "replica" else (node, other)
    positions = []
    for part in range(3):
        for number in range(10):
            master.client.set(f"{part}:{number}", "value")
        if replica:
            if part == 0:
                replica.follow(master)
                wait_until(lambda: not is_rewriting(replica), 10, "the AOF has what the full sync brought (see (c) below)")
            wait_until(lambda: replica.caught_up_with(master), 10, "the replica has everything")
        if part == 1 and "save" in PERSISTENCE[persistence]:
            save(node)
        positions.append(position(node))
    wait_until_written(node.client)
    return node, positions


@pytest.mark.parametrize("was", ["master with replica", "master without replica", "replica"])
@pytest.mark.parametrize("stop", ["stop", "kill"])
@pytest.mark.parametrize("persistence", PERSISTENCE)
def test_what_a_restarted_dataset_says_about_itself(workplace, persistence, stop, was):
    """P2: when the own claim of the lineage state file may be believed."""
    node, (at_sync, at_save, at_end) = written_by(was, workplace, persistence)
    getattr(node, stop)()
    node.parked().start()
    replid, *offsets = position(node)
    keys = node.client.dbsize()

    if persistence in ("aof", "both"):
        assert keys == 30 and replid != at_end[0] and tuple(offsets) == NOTHING_RESTORED
    elif persistence == "rdb":
        end, saved = (at_end, 30) if stop == "stop" else (at_save, 20)
        assert keys == saved
        if was == "master without replica":
            assert replid != end[0] and tuple(offsets) == NOTHING_RESTORED
        else:
            assert (replid, *offsets) == end
    elif was == "replica":
        assert keys == 10 and replid == at_end[0] and offsets[0] == offsets[1] < at_end[1]
    else:
        assert keys == 0 and replid != at_end[0] and tuple(offsets) == NOTHING_RESTORED


@pytest.mark.parametrize("setting", [{"repl_diskless_load": "swapdb"}, {"rdb_del_sync_files": "yes"}])
def test_without_any_file_of_the_sync_a_replica_without_persistence_restarts_empty(workplace, setting):
    master, node = PlainRedis(workplace, "master").start(), PlainRedis(workplace, "node", **setting).start()
    fill(master.client, "some")
    node.follow(master)
    node.kill()
    node.parked().start()
    assert node.client.dbsize() == 0 and position(node)[1:] == NOTHING_RESTORED


def test_a_master_without_replicas_has_offset_0_whatever_is_written(workplace):
    """P2: offsets rank nodes only within a term in which there was replication."""
    node = PlainRedis(workplace).start()
    fill(node.client, "some")
    assert position(node)[1] == 0


def test_a_master_that_is_parked_and_comes_back_as_replica_needs_no_full_sync(workplace):
    """Replication id and offset survive REPLICAOF 127.0.0.1 0; the promoted one keeps the offset and the old id as second id."""
    old, new = PlainRedis(workplace, "old").start(), PlainRedis(workplace, "new").start()
    new.follow(old)
    fill(old.client, "some")
    wait_until(lambda: new.caught_up_with(old), 10, "the replica has everything")
    before = position(old)
    old.client.execute_command("REPLICAOF", *NOBODY)
    assert position(old) == before
    assert new.info("replication")["master_link_status"] == "up", "the link to a parked master stays up"
    new.client.execute_command("REPLICAOF", "NO", "ONE")
    assert new.info("replication")["master_replid2"] == before[0] and position(new)[1] == before[1]
    old.follow(new)
    assert (new.info("stats")["sync_full"], new.info("stats")["sync_partial_ok"]) == (0, 1)


# --- (a) parked ---

def test_parked_is_accepted_in_the_file_and_as_command_and_logs_three_lines_a_second(workplace):
    """Behaviour 5: these are the lines that the wrapper holds back."""
    node = PlainRedis(workplace).parked().start()
    assert node.client.execute_command("ROLE") == ["slave", "127.0.0.1", 0, "connect", -1]
    assert node.client.execute_command("REPLICAOF", "::1", "0") == "OK"
    assert node.client.execute_command("REPLICAOF", *NOBODY) == "OK"
    with pytest.raises(redis.ResponseError, match="Invalid master port"):
        node.client.execute_command("REPLICAOF", "127.0.0.1", "65536")
    for line in ("* Connecting to MASTER 127.0.0.1:0", "* MASTER <-> REPLICA sync started",
                 "# Error condition on socket for SYNC: Connection refused"):
        wait_until(lambda: node.process.log().count(line) >= 3, 10, f"{line} is repeated")


def test_a_parked_server_refuses_writes_at_once_on_every_connection(workplace):
    """Nothing hangs: a connected writer, a new one and one that is blocked all get an error."""
    node = PlainRedis(workplace).start()
    writer = redis.Redis(node.host, node.port, socket_timeout=2, single_connection_client=True)
    writer.set("key", 1)
    blocked = node.client.connection_pool.get_connection("BLPOP")
    blocked.send_command("BLPOP", "list", 0)
    node.client.execute_command("REPLICAOF", *NOBODY)
    with pytest.raises(redis.ReadOnlyError):
        writer.set("key", 2)
    with pytest.raises(redis.ResponseError, match="UNBLOCKED"):
        blocked.read_response()
    assert writer.get("key") == b"1"


def test_a_fresh_node_that_follows_a_parked_one_keeps_its_data(workplace):
    parked, node = PlainRedis(workplace, "parked").parked().start(), PlainRedis(workplace, "node").start()
    node.client.set("mine", 1)
    node.client.execute_command("REPLICAOF", parked.host, parked.port)
    wait_until(lambda: "NOMASTERLINK" in node.process.log(), 10, "the parked one declines to serve")
    assert node.info("replication")["master_link_status"] == "down" and node.client.get("mine") == "1"


# --- (b) fence ---

def test_a_fenced_master_refuses_writes_and_replicates_until_it_is_opened(workplace):
    master = PlainRedis(workplace, "master", repl_ping_replica_period=1).start()
    replica = PlainRedis(workplace, "replica").start()
    replica.follow(master)
    writer = redis.Redis(master.host, master.port, socket_timeout=2, single_connection_client=True)
    assert writer.set("key", 1)
    master.config_set("min-replicas-to-write", REFUSE_WRITES)
    for write in (lambda: writer.set("key", 2), lambda: writer.flushall(), lambda: writer.eval("redis.call('del','key')", 0)):
        with pytest.raises(redis.ResponseError, match="NOREPLICAS"):
            write()
    assert writer.publish("channel", "sentinel's hello") == 0
    offset = position(master)[1]
    wait_until(lambda: position(replica)[1] > offset, 15, "replication goes on")
    master.config_set("min-replicas-to-write", 0)
    assert writer.set("key", 3)


def test_a_replica_that_is_promoted_fenced_takes_no_write(workplace):
    """P1: how a node is promoted before the record has been written."""
    node = PlainRedis(workplace).parked().start()
    node.client.execute_command("REPLICAOF", "NO", "ONE")
    assert node.info("replication")["role"] == "master"
    with pytest.raises(redis.ResponseError, match="NOREPLICAS"):
        node.client.set("key", 1)


def test_a_max_lag_of_0_turns_the_fence_off(workplace):
    """P1: hence a fence sets min-replicas-max-lag as well, whatever the user's file says."""
    node = PlainRedis(workplace, min_replicas_to_write=REFUSE_WRITES, min_replicas_max_lag=0).start()
    assert node.client.set("key", 1)


# --- (c) full sync with AOF ---

def syncing_with_old_data(workplace):
    """A replica with AOF, in the moment in which its full sync has ended and the rewrite of its AOF (1.2 s) has not."""
    master, node = PlainRedis(workplace, "master").start(), PlainRedis(workplace, "node", appendonly="yes").start()
    node.client.set("old", 1)
    for start in range(0, 20000, 2000):
        master.client.mset({f"new:{number}": 1 for number in range(start, start + 2000)})
    node.config_set("rdb-key-save-delay", 60)  # microseconds
    node.client.execute_command("REPLICAOF", master.host, master.port)
    info = wait_until(lambda: (info := node.info("everything"))["master_link_status"] == "up" and info, 15, "in sync", 0.005)
    assert (info["aof_enabled"], info["aof_rewrite_in_progress"]) == (1, 1), "the first look that shows the link shows the rewrite"
    return node


def test_kill_9_between_full_sync_and_the_end_of_the_aof_rewrite_brings_the_old_data_back(workplace):
    """P2: the state file may name the new lineage only when aof_rewrite_in_progress is 0 again."""
    node = syncing_with_old_data(workplace)
    assert node.client.dbsize() == 20000
    node.kill()
    node.configure(rdb_key_save_delay=0)
    node.parked().start()
    assert node.client.keys() == ["old"]


def test_kill_9_after_the_aof_rewrite_keeps_the_new_data(workplace):
    node = syncing_with_old_data(workplace)
    wait_until(lambda: not is_rewriting(node), 20, "the rewrite ends")
    node.kill()
    node.configure(rdb_key_save_delay=0)
    node.parked().start(wait=False)
    wait_until(lambda: node.client.dbsize() == 20000, 10, "the new data are there")


def test_sigterm_before_the_end_of_the_aof_rewrite_is_refused_and_not_retried(workplace):
    """Behaviour 5: so the wrapper asks again until STOP_TIMEOUT."""
    node = syncing_with_old_data(workplace)
    node.process.signal(signal.SIGTERM)
    node.process.wait_for_log("Writing initial AOF, can't exit.")
    wait_until(lambda: not is_rewriting(node), 20, "the rewrite ends")
    stays_true(node.process.is_running, 0.5, "it still runs")
    node.stop()


# --- (d), (e), (f): what may be asked when ---

def loading(workplace):
    """A parked server that needs seconds to load its AOF."""
    node = PlainRedis(workplace, appendonly="yes").start()
    for start in range(0, 40000, 4000):
        node.client.mset({f"{number}": "value" for number in range(start, start + 4000)})
    node.client.bgrewriteaof()
    wait_until(lambda: "Background AOF rewrite finished successfully" in node.process.log(), 20, "the rewrite ends")
    node.stop()
    node.configure(key_load_delay=100, loading_process_events_interval_bytes=1024)
    node.parked().start(wait=False)
    wait_until(lambda: node.info("persistence")["loading"] == 1, 10, "it loads")
    return node


def test_what_a_loading_server_answers(workplace):
    node = loading(workplace)
    first = node.info("persistence")["loading_loaded_perc"]
    wait_until(lambda: node.info("persistence")["loading_loaded_perc"] > first + 1, 20, "the percentage grows")
    assert node.info("persistence")["loading_eta_seconds"] >= 0
    client = node.client
    assert client.pubsub_numsub("x") == [("x", 0)]
    assert client.execute_command("ROLE") == ["slave", "127.0.0.1", 0, "connect", -1]
    assert node.config_set("replica-priority", 7) and node.config_set("min-replicas-to-write", 1)
    for command in (["PING"], ["GET", "1"], ["REPLICAOF", "NO", "ONE"], ["REPLICAOF", *NOBODY]):
        with pytest.raises(redis.BusyLoadingError):
            client.execute_command(*command)


def test_a_parked_server_that_serves_no_stale_data_can_still_be_led(workplace):
    node = PlainRedis(workplace, replica_serve_stale_data="no").parked().start_without_ping()
    client = node.client
    for command in (["PING"], ["GET", "x"]):
        with pytest.raises(redis.ResponseError, match="MASTERDOWN"):
            client.execute_command(*command)
    assert client.pubsub_numsub("x") == [("x", 0)]
    assert client.execute_command("ROLE")[0] == "slave" and client.info()["role"] == "slave"
    assert node.config_set("replica-priority", 7)
    assert client.execute_command("REPLICAOF", "NO", "ONE") == "OK" and client.ping()


def test_priority_and_fence_can_be_set_on_a_replica_and_its_clients_get_readonly(workplace):
    node = PlainRedis(workplace).parked().start()
    for name, value in (("replica-priority", 7), ("slave-priority", 8), ("min-replicas-to-write", 1),
                        ("min-replicas-max-lag", 3)):
        assert node.config_set(name, value)
    assert node.info("replication")["slave_priority"] == 8
    with pytest.raises(redis.ReadOnlyError):
        node.client.set("key", 1)
