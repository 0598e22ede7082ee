"""docker-compose.yml: what stands in it exists, and it runs."""

import re
import subprocess

import pytest

from containers import compose
from containers.container import RUN
from support.directory import Directory
from support.network import Network
from support.node import REPOSITORY
from support.wait import wait_until
from support.zookeeper import ZooKeeper


def options_of(image):
    """The variables that its executable knows."""
    said = subprocess.run(["chroot", image.root, *image.config["Entrypoint"], "--help"], capture_output=True, text=True, check=True).stdout
    names = re.findall(r"^  --\S+(?: [A-Z]+)? +([A-Z][A-Z0-9_]+)(\[_FILE\])? ", said, re.MULTILINE)
    return {name for name, _ in names} | {f"{name}_FILE" for name, file in names if file}


def test_it_has_what_a_cluster_needs():
    executables = [compose.executable(service) for service in compose.services().values()]
    assert {name: executables.count(name) for name in executables} == {"redis-wrapper": 3, "sentinel-wrapper": 3, "watcher": 2}
    for name, service in compose.services().items():
        assert (REPOSITORY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
        assert set(service) <= compose.KNOWN and compose.HARDENED.items() <= service.items(), name
        assert service["stop_grace_period"] == "30s" and service["image"] == f"redis-zk/{compose.executable(service)}"


def test_what_it_names_is_declared_and_no_volume_has_two_owners():
    file = compose.read()
    volumes = [line.split(":")[0] for service in file["services"].values() for line in service.get("volumes", [])]
    assert sorted(volumes) == sorted(file["volumes"])
    assert {network for service in file["services"].values() for network in service["networks"]} == set(file["networks"])


def test_it_sets_only_options_that_exist(images):
    for name, service in compose.services().items():
        image = images[compose.executable(service)]
        assert set(service["environment"]) | set(image.environment) - {"PATH", "PORT1"} <= options_of(image), name


def test_each_writable_place_of_an_image_is_given(images):
    """The root is read-only, so what is missing here could not be written."""
    for name, service in compose.services().items():
        image = images[compose.executable(service)]
        assert set(compose.pairs(service.get("volumes")).values()) == set(image.config["Volumes"] or {}), name
        assert compose.pairs(service.get("tmpfs")) == (RUN if "RUN_DIR" in image.environment else {}), name


@pytest.fixture
def network():
    with Network(len(compose.services()), "eth0") as network:
        yield network


@pytest.fixture
def zookeeper_of_the_file(workplace, network):
    """Debian's, at the port that the file names."""
    server = ZooKeeper(workplace, host=network.NEAR)
    server.port = 2181
    return server.start()


def test_it_runs_and_a_dead_master_is_replaced(images, workplace, network, zookeeper_of_the_file):
    """And the command with which it asks ZooKeeper for its health is answered."""
    client = zookeeper_of_the_file.client()
    directory = Directory(client, "/redis")
    composed = compose.Composed(images, workplace, network, zookeeper_of_the_file, directory).start()
    nodes, sentinels, watchers = (composed.of(name) for name in ("redis-wrapper", "sentinel-wrapper", "watcher"))
    master = wait_until(lambda: next((node for node in nodes if node.is_master() and node.accepts_writes()), None), 30, "a master")
    wait_until(lambda: all(part.is_ready() for part in (*sentinels, *watchers)), 60, "all are ready")
    assert directory.sentinels() == {sentinel.address for sentinel in sentinels}
    for part in composed.parts.values():
        assert part.health() == (0, ""), part.name

    master.kill()
    others = [node for node in nodes if node is not master]
    successor = wait_until(lambda: next((node for node in others if node.is_master() and node.accepts_writes()), None), 30, "a successor")
    wait_until(lambda: directory.record() == successor.address, 20, "the record names it")
    assert [part.stop(30) for part in composed.parts.values() if part is not master] == [0] * 7
    client.stop()
    client.close()


def test_the_health_check_of_zookeeper_is_true_only_while_it_serves(zookeeper):
    """Its address in the file is that of the image, so the port is put in place of that."""
    form, *command = compose.read()["services"]["zookeeper"]["healthcheck"]["test"]
    ask = [word.replace("/2181", f"/{zookeeper.port}") for word in command]
    assert form == "CMD" and subprocess.run(ask, timeout=60).returncode == 0
    nobody = [word.replace("/2181", "/1") for word in command]
    assert subprocess.run(nobody, stderr=subprocess.DEVNULL, timeout=60).returncode != 0
