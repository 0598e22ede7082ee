"""Addresses of every kind, and passwords that appear nowhere."""

import os
import stat
from pathlib import Path

import pytest
import redis

from support.cluster import LONE_CONF, Cluster
from support.data import fill
from support.directory import Directory
from support.forwarder import Forwarder
from support.processes import free_port
from support.wait import wait_until
from support.zookeeper import ZooKeeper

PASSWORD = "very-secret-password-8151"
HTTP_TOKEN = "very-secret-token-9262"
ZK_PASSWORD = "very-secret-digest-7373"
PATHS = ("/master", "/primary", "/replica", "/health", "/liveness", "/readiness", "/status", "/metrics", "/")


def test_a_password_is_demanded_by_every_node_and_known_to_the_replicas(cluster):
    master, replicas = cluster.start(3, conf=LONE_CONF, REDIS_PASSWORD=PASSWORD)
    written = fill(master.client, "some")
    cluster.wait_until_same_data(written)
    for node in (master, *replicas):
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(node.host, node.port, socket_timeout=2).ping()


def test_a_user_with_a_password_is_used_for_everything(cluster):
    """The user is defined in the user's own redis.conf; the default user is off."""
    conf = LONE_CONF + f"user suite on >{PASSWORD} ~* &* +@all\nuser default off\n"
    master, _ = cluster.start(2, conf=conf, REDIS_USERNAME="suite", REDIS_PASSWORD=PASSWORD)
    cluster.wait_until_same_data(fill(master.client, "some"))


OWN, OF_OTHERS = 0, 12345


@pytest.mark.parametrize("mode, owner, warned", [(0o600, OWN, False), (0o644, OWN, True), (0o640, OWN, True),
                                                 (0o440, OF_OTHERS, False), (0o444, OF_OTHERS, True)])
def test_a_password_from_a_file_and_a_warning_when_others_can_read_it(cluster, workplace, mode, owner, warned):
    """A file of somebody else which our group may read was given to us so, as Kubernetes does it."""
    path = workplace.directory / "password"
    path.write_text(PASSWORD + "\n")
    path.chmod(mode)
    os.chown(path, owner, -1)
    node = cluster.add(conf=LONE_CONF, REDIS_PASSWORD_FILE=path).start()
    client = node.client
    client.connection_pool.connection_kwargs["password"] = PASSWORD
    wait_until(lambda: client.execute_command("ROLE")[0] == "master", 20, "the password of the file is the right one")
    assert (str(path) in node.log() and "read" in node.log()) == warned
    assert PASSWORD not in node.log()


def test_secrets_are_in_no_argument_list_no_log_no_answer_and_not_in_zookeeper(cluster, directory):
    """P8: neither the password of redis, nor the token, nor that of ZooKeeper; at the finest log level."""
    secrets = (PASSWORD, HTTP_TOKEN, ZK_PASSWORD)
    master, replicas = cluster.start(2, conf=LONE_CONF, REDIS_PASSWORD=PASSWORD, HTTP_TOKEN=HTTP_TOKEN,
                                     ZK_AUTH=f"digest:suite:{ZK_PASSWORD}", LOG_LEVEL="debug")
    cluster.wait_until_same_data(fill(master.client, "some"))
    arguments = [Path(f"/proc/{pid}/cmdline").read_bytes().decode() for node in (master, *replicas)
                 for pid in (node.wrapper_pid, node.redis_pid)]
    answers = [node.get(path)[1] for node in (master, *replicas) for path in PATHS]
    replicas[0].stop()  # the way out is a place for secrets as well
    logs = [node.log() for node in (master, *replicas)]
    znodes = [value.decode(errors="replace") for value in directory.everything().values()]
    for secret in secrets:
        for where, texts in (("arguments", arguments), ("http", answers), ("log", logs), ("zookeeper", znodes)):
            assert not any(secret in text for text in texts), f"{secret} is in {where}"


def test_what_holds_a_secret_on_the_disk_is_readable_by_its_owner_only(cluster):
    """Behaviour 1: the generated configuration is 0600, in RUN_DIR; and so it stays when Sentinel lets redis write it anew."""
    node, _ = cluster.start(1, conf=LONE_CONF, REDIS_PASSWORD=PASSWORD)
    node.client.config_rewrite()
    files = [path for top in (node.run, node.data) for path in top.rglob("*") if path.is_file()]
    holding = [path for path in files if PASSWORD.encode() in path.read_bytes()]
    assert holding, "the configuration is there"
    for path in holding:
        assert path.is_relative_to(node.run) and stat.S_IMODE(path.stat().st_mode) == 0o600, path
    sockets = [path for path in node.run.rglob("*") if path.is_socket()]
    assert sockets and all(stat.S_IMODE(os.stat(path).st_mode) & 0o077 == 0 or
                           stat.S_IMODE(os.stat(path.parent).st_mode) & 0o077 == 0 for path in sockets)


def test_ipv6_from_zookeeper_to_the_record(workplace):
    """The record has the address without brackets: "::1 6379"."""
    zookeeper = ZooKeeper(workplace, host="::1").start()
    client = zookeeper.client()
    cluster = Cluster(workplace, zookeeper.hosts, Directory(client, "/redis"))
    master, replicas = cluster.start(3, host="::1")
    assert cluster.directory.text("master") == f"::1 {master.port}"
    assert master.status()["address"] == f"[::1]:{master.port}"
    cluster.wait_until_writable()
    cluster.wait_until_same_data(fill(master.client, "some"))
    client.stop()


def test_bridge_mode_where_listening_and_announced_addresses_differ(cluster, workplace, directory):
    """A container's port mapping: everybody, the replicas too, comes through the forwarder."""
    for number in range(3):
        node = cluster.add(ANNOUNCE_IP="127.0.0.2", ANNOUNCE_PORT=free_port("127.0.0.2"))
        Forwarder(workplace, (node.host, node.port), *node.address)
        node.start()
    master, replicas = cluster.wait_until_healthy()
    assert directory.text("master") == f"127.0.0.2 {master.environment['ANNOUNCE_PORT']}"
    cluster.wait_until_writable()
    cluster.wait_until_same_data(fill(master.client, "some"))
    seen = {(one["ip"], one["port"]) for name, one in master.client.info("replication").items() if name.startswith("slave") and name[5:].isdigit()}
    assert seen == {node.address for node in replicas}


def test_the_address_of_an_interface_is_taken_when_there_is_no_bind_ip(cluster, directory):
    """A loopback address only because it was asked for by name."""
    node = cluster.add(conf=LONE_CONF, BIND_IP=None, NET_IFACE="lo").start()
    cluster.wait_until_healthy()
    assert directory.record() == ("127.0.0.1", node.port)


def test_listening_everywhere_never_announces_everywhere(cluster, directory):
    node = cluster.add(conf=LONE_CONF, BIND_IP="0.0.0.0", ANNOUNCE_IP="127.0.0.1").start()
    cluster.wait_until_healthy()
    assert directory.record() == ("127.0.0.1", node.port)
