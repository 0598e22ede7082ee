"""What the clients of a node see when it loses its replica, or its role."""

import os
import signal
import socket
import time

import pytest
import redis

from support.cluster import LONE_CONF
from support.wait import wait_until

SUBSCRIBED = b"*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n"


# --- without a replica: the bound of P1 where nobody can tell the master that it was replaced ---

def kill(replica):
    replica.kill_redis()


def freeze(replica):
    """Its connection stays, and nothing comes over it."""
    for pid in (replica.redis_pid, replica.wrapper_pid):
        os.kill(pid, signal.SIGSTOP)


def refuses_writes(node):
    try:
        node.client.set("is-it-writable", node.name)
    except redis.ResponseError as error:
        return str(error).startswith("NOREPLICAS")
    return False


def speaks_of_no_replicas(node):
    return any("NOREPLICAS" in note and "min-replicas-to-write is 1 and 0 replicas" in note for note in node.status()["notes"])


@pytest.mark.parametrize("loses", [kill, freeze])
def test_a_master_that_loses_its_replica_refuses_writes_in_time_and_says_why(cluster, loses):
    """P1, P7: with the configuration as shipped, `min-replicas-max-lag 5`; redis looks once a second. It is still the master."""
    cluster.start(2)
    master = cluster.wait_until_writable()
    [replica] = [node for node in cluster.nodes if node is not master]
    # The wrapper looks at its redis now and then, and may have done so last before the replica was there.
    wait_until(lambda: not any("NOREPLICAS" in note for note in master.status()["notes"]), 3, "/status knows the replica")
    lost_at = time.monotonic()
    loses(replica)
    wait_until(lambda: refuses_writes(master), 20, "it refuses writes")
    assert time.monotonic() - lost_at < 9, "some 6 s, and what a busy machine takes"
    wait_until(lambda: speaks_of_no_replicas(master), 3, "/status says why")
    for path, code in (("/master", 200), ("/primary", 200), ("/health", 200), ("/liveness", 200), ("/readiness", 200), ("/replica", 503)):
        assert master.get(path)[0] == code, path
    status = master.status()
    assert (status["role"], status["fenced"], cluster.directory.record()) == ("master", False, master.address)
    replica.kill().start()
    wait_until(master.accepts_writes, 20, "with a replica it takes writes again")
    wait_until(lambda: not any("NOREPLICAS" in note for note in master.status()["notes"]), 3, "/status says nothing any more")


# --- with another role: pooled clients that do not ask would get READONLY for minutes ---

class IdleClient:
    """A connection that has had one answer and waits. `words` decides of which type redis takes it to be."""

    def __init__(self, node, words, answer):
        self.socket = socket.create_connection((node.host, node.port), timeout=5)
        self.socket.sendall(words)
        assert self.socket.recv(1000) == answer
        self.socket.settimeout(0)

    def is_cut(self):
        try:
            return self.socket.recv(1000) == b""
        except BlockingIOError:
            return False
        except ConnectionResetError:
            return True


def idle_clients(node):
    return {"normal": IdleClient(node, b"PING\r\n", b"+PONG\r\n"), "pubsub": IdleClient(node, b"SUBSCRIBE news\r\n", SUBSCRIBED)}


def wait_until_cut(clients):
    for kind, client in clients.items():
        wait_until(client.is_cut, 5, f"the {kind} client is cut")
        client.socket.close()


def test_idle_clients_of_a_master_that_was_replaced_are_cut(cluster):
    """P1: nobody but its wrapper is there to do it."""
    master, (replica,) = cluster.start(2, conf=LONE_CONF)
    clients = idle_clients(master)
    for pid in (master.wrapper_pid, server := master.redis_pid):
        os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: cluster.directory.record() == replica.address, 30, "it is replaced")
    for pid in (server, master.wrapper_pid):
        os.kill(pid, signal.SIGCONT)
    wait_until(lambda: master.follows(replica), 10, "it follows the new one")
    wait_until_cut(clients)


def test_idle_clients_of_a_replica_that_was_promoted_by_hand_are_cut_when_it_goes_back(cluster):
    """And of nobody else: the master's have nothing to fear."""
    master, (replica,) = cluster.start(2, conf=LONE_CONF)
    of_the_master = idle_clients(master)
    replica.client.execute_command("REPLICAOF", "NO", "ONE")
    clients = idle_clients(replica)
    wait_until(lambda: replica.follows(master), 10, "it follows the recorded master")
    wait_until_cut(clients)
    assert not any(client.is_cut() for client in of_the_master.values())


def test_idle_clients_of_a_node_that_goes_back_to_parked_are_cut(cluster, directory):
    """It has no data of the cluster, and there is no master: whoever made it one by hand is set right."""
    directory.write("term", '{"term":7,"master":"127.0.0.1 1","cluster":"c","node":"somebody","run_id":"r","by":"b","reason":"r","at":"t"}')
    node = cluster.add(conf=LONE_CONF, COLD_START_WAIT="60s").start()
    wait_until(lambda: node.status()["role"] == "parked", 10, "it is parked")
    node.client.execute_command("REPLICAOF", "NO", "ONE")
    clients = idle_clients(node)
    wait_until(lambda: node.role()[:3] == ("replica", "127.0.0.1", 0), 10, "it is parked again")
    wait_until_cut(clients)
