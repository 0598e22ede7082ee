"""Behaviour 1 and 3: a node that loads takes its time and says so; the lineage file beside the data is a lower bound of what is on
the disk (P2)."""

from support.cluster import LONE_CONF
from support.data import fill
from support.wait import stays_true, wait_until

SLOW_LOAD = LONE_CONF + "key-load-delay 100\nloading-process-events-interval-bytes 1024\n"
SLOW_REWRITE = LONE_CONF + "rdb-key-save-delay 100\n"


def loaded_slowly(cluster, node, keys=30000):
    """Stops the node, whose data then take about 4 s to load, and starts it again."""
    fill(node.client, "many", keys)
    node.client.bgrewriteaof()
    wait_until(lambda: "Background AOF rewrite finished successfully" in node.log(), 20, "the AOF is compact")
    node.stop()
    cluster.write_conf(SLOW_LOAD, f"{node.name}.conf")
    node.start()
    wait_until(lambda: node.status()["role"] == "loading", 10, "it loads")


def test_progress_of_loading_is_shown_and_logged_and_nobody_gives_up(cluster):
    """P7: percent and seconds left."""
    node, _ = cluster.start(1, conf=LONE_CONF)
    loaded_slowly(cluster, node)
    first = wait_until(lambda: node.status()["loading"], 10, "/status has the progress")
    wait_until(lambda: node.status()["loading"]["percent"] > first["percent"] + 5, 10, "the percentage grows")
    assert node.status()["loading"]["seconds_left"] >= 0
    assert node.get("/liveness")[0] == 200 and node.get("/readiness")[0] == 503 and node.get("/master")[0] == 503
    node.wait_until_doing("load", "%")
    assert cluster.wait_until_healthy(seconds=30)[0] is node
    assert node.status()["loading"] is None and node.client.dbsize() >= 30000
    assert any("load" in line and "%" in line for line in node.log().splitlines() if "redis-server: " not in line)


def test_a_loading_node_that_may_be_the_freshest_is_waited_for(cluster):
    """P2: its data are not there yet, but its lineage is known."""
    master, (replica,) = cluster.start(2, conf=LONE_CONF, COLD_START_WAIT="30s")
    cluster.wait_until_same_data()
    replica.kill()
    loaded_slowly(cluster, master)
    replica.start()
    wait_until(replica.role, 10, "its redis answers")
    stays_true(lambda: not replica.is_master(), 1, "it waits")
    assert cluster.wait_until_healthy(seconds=30)[0] is master
    cluster.wait_until_same_data()


def test_a_node_that_loads_its_masters_data_serves_no_reads_and_shows_its_progress(cluster):
    """P7: GET answers LOADING during that part of a full synchronisation, so /health must not send readers there."""
    master, _ = cluster.start(1, conf=LONE_CONF)
    fill(master.client, "many", 30000)
    node = cluster.add(conf=SLOW_LOAD).start()
    first = wait_until(lambda: node.status()["role"] == "replica" and node.status()["loading"], 15, "/status has the progress")
    code, body = node.get("/health")
    assert code == 503 and "loading" in body and "%" in body, body
    assert node.get("/liveness")[0] == 200
    wait_until(lambda: node.status()["loading"]["percent"] > first["percent"] + 5, 10, "the percentage grows")
    cluster.wait_until_healthy(seconds=30)
    wait_until(lambda: node.get("/health")[0] == 200 and node.status()["loading"] is None, 5, "it serves reads")


def test_a_stop_while_loading_ends_at_once(cluster):
    node, _ = cluster.start(1, conf=LONE_CONF)
    loaded_slowly(cluster, node)
    assert node.stop(seconds=5) == 0


def test_the_state_file_follows_the_offset_and_lives_with_the_data(cluster, directory):
    master, (replica,) = cluster.start(2, conf=LONE_CONF)
    fill(master.client, "some")
    for node in (master, replica):
        offset = master.client.info("replication")["master_repl_offset"]
        wait_until(lambda: node.claim()[1] >= offset, 5, f"the state file of {node.name} follows")
        state = node.state_file()
        assert state["term"] == 1 and state["node"] == node.status()["id"]
        assert state["cluster"] == directory.json("term")["cluster"]
    master.kill()
    wait_until(lambda: replica.is_master() and replica.claim()[0] == 2, 20, "a change of role is noted")


def test_the_state_file_claims_nothing_that_a_kill_would_take_away(cluster):
    """P2: after a full sync the new data are in memory; on the disk they are when the AOF has been rewritten (3 s here). The file
    may not speak of them earlier, for a kill brings the old data back."""
    master, _ = cluster.start(1, conf=LONE_CONF)
    fill(master.client, "many", 30000)
    node = cluster.add(conf=SLOW_REWRITE).start()
    wait_until(lambda: node.follows(master) and node.client.info("persistence")["aof_rewrite_in_progress"], 15, "it rewrites", 0.01)
    claims = []

    def rewritten():
        rewriting = node.client.info("persistence")["aof_rewrite_in_progress"]
        claims.append(node.claim())
        return not node.client.info("persistence")["aof_rewrite_in_progress"] or not rewriting
    wait_until(rewritten, 20, "the AOF is rewritten")
    assert len(claims) > 5 and not any(claims[:-1]), claims
    wait_until(node.claim, 5, "now it claims them")


def test_a_replica_killed_during_its_first_sync_is_not_promoted(cluster):
    """P2: it has nothing on the disk yet, although it once had everything in memory."""
    master, _ = cluster.start(1, conf=LONE_CONF)
    written = fill(master.client, "many", 30000)
    node = cluster.add(conf=SLOW_REWRITE).start()
    wait_until(lambda: node.follows(master) and node.client.info("persistence")["aof_rewrite_in_progress"], 15, "it rewrites", 0.01)
    cluster.kill_all()
    node.start()
    node.wait_until_doing("ACCEPT_DATA_LOSS", seconds=15)
    master.start()
    assert cluster.wait_until_healthy()[0] is master
    cluster.wait_until_same_data(written)
