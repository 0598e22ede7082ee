"""What each image is, and how a container of it starts, is asked for its health, and stops."""

import itertools
import re
import signal

import pytest

from containers.container import DEVICES, KINDS, TEMPORARY, USER
from containers.store import BASE, EXECUTABLES
from support.node import REPOSITORY
from support.processes import children_of
from support.wait import wait_until

LARGEST = 40e6  # bytes above the base
CONFIGURATION = {"redis-wrapper": ("REDIS_CONF", "redis.conf"), "sentinel-wrapper": ("SENTINEL_CONF", "sentinel.conf")}
PLACES = {"redis-wrapper": {"/var/lib/redis-zk", "/run/redis-zk"}, "sentinel-wrapper": {"/run/redis-zk"}, "watcher": set()}

every_image = pytest.mark.parametrize("name", EXECUTABLES)


def dockerfile(name):
    return (REPOSITORY / name / "Dockerfile").read_text()


@pytest.fixture
def create(images, workplace, zookeeper, directory):
    """A container of an image, not started yet."""
    numbers = itertools.count(1)

    def create(name, **options):
        return KINDS[name](images[name], workplace, zookeeper.hosts, directory.root, f"{name}-{next(numbers)}",
                           temporary=TEMPORARY[name], **options)
    return create


@pytest.fixture
def run(create):
    """A container that answers."""
    def run(name, **options):
        one = create(name, **options).start()
        wait_until(lambda: one.get("/liveness")[0] == 200, 15, f"{name} answers")
        return one
    return run


def status_of(pid):
    with open(f"/proc/{pid}/status") as lines:
        return {name: value.split() for name, value in (line.split(":", 1) for line in lines)}


def test_the_build_stage_is_one_text():
    """A cache of layers then builds the executables once for all images."""
    stages = {dockerfile(name).split("\nFROM ")[1] for name in EXECUTABLES}
    assert len(stages) == 1 and stages.pop().startswith("debian:bookworm-slim AS build\n")


@every_image
def test_an_image_says_what_it_is_and_how_it_starts(images, name):
    config = images[name].config
    assert config["Entrypoint"] == [f"/usr/local/bin/{name}"] and not config["Cmd"], "in exec form: no shell between"
    assert config["User"] == f"{USER}:{USER}", "in digits: an engine sees that it is not root"
    assert config["Healthcheck"]["Test"] == ["CMD", "health-check", f"/usr/local/bin/{name}"]
    assert set(config["Volumes"] or {}) == PLACES[name] - {"/run/redis-zk"}
    labels = {key.removeprefix("org.opencontainers.image."): value for key, value in config["Labels"].items()}
    version = re.search(r"project\(redis_zk VERSION (\S+)", (REPOSITORY / "CMakeLists.txt").read_text())[1]
    assert (labels["title"], labels["version"], labels["licenses"], labels["base.name"]) == (name, version, "Apache-2.0", BASE)
    assert labels["description"] and labels["revision"]


@pytest.mark.parametrize("name", CONFIGURATION)
def test_the_configuration_is_the_example_at_the_documented_path(images, name):
    option, file = CONFIGURATION[name]
    path = f"/etc/redis-zk/{file}"
    assert images[name].environment[option] == path and path in dockerfile(name).split("FROM")[0]
    inside = images[name].root / path.lstrip("/")
    assert inside.read_text() == (REPOSITORY / "conf" / file).read_text() and inside.stat().st_mode & 0o777 == 0o644


@every_image
def test_an_image_has_only_what_it_needs_to_run(images, name):
    """No compiler, nothing of this machine, and 40 MB above the base at most. The sizes are printed at the end."""
    root = images[name].root
    programs = {path.name for path in root.glob("usr/*bin/*")} | {path.name for path in root.glob("usr/local/bin/*")}
    assert not programs & {"g++", "cmake", "ninja", "ccache"} and programs >= {name, "health-check"}
    assert not programs & (set(EXECUTABLES) - {name}), "one executable for an image"
    for left in ("var/lib/apt/lists", "var/cache/apt/archives", "etc/apt/sources.list.d", "source", "staging", "root/.cache"):
        assert not [path for path in root.glob(f"{left}/**/*") if path.is_file() and path.stat().st_size], left
    assert images[name].above_base <= LARGEST


@every_image
def test_a_container_is_pid_1_without_root_and_writes_only_where_it_must(run, name):
    one = run(name)
    for pid in [one.wrapper_pid, *children_of(one.wrapper_pid)]:
        status = status_of(pid)
        assert set(status["Uid"]) == set(status["Gid"]) == {str(USER)} and not status["Groups"], status
        assert all(int(status[kind][0], 16) == 0 for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"))
    assert status_of(one.wrapper_pid)["NSpid"][-1] == "1" and status_of(one.wrapper_pid)["Name"] == [name[:15]]
    found = one.execute("find", "/", "-path", "/proc", "-prune", "-o", "(", "-type", "d", "-o", "-type", "f", ")", "-writable",
                        "-print").stdout.split()
    elsewhere = {path for path in found if not any(path.startswith(place) for place in PLACES[name])}
    assert elsewhere == {f"/dev/{device}" for device in DEVICES} and set(found) >= PLACES[name]


@every_image
def test_a_container_stops_with_0_when_it_is_asked_to(run, name):
    assert run(name).stop() == 0


@every_image
def test_the_health_check_passes_while_it_works_and_fails_while_it_does_not(run, name):
    one = run(name)
    assert one.health() == (0, "")
    one.signal(signal.SIGSTOP)
    status, said = one.health()
    assert status == 1 and f"no answer from 127.0.0.1:{one.http_port}" in said
    one.signal(signal.SIGCONT)
    wait_until(lambda: one.health() == (0, ""), 10, "it is healthy again")


def test_the_health_check_fails_when_redis_hangs(run):
    """Its wrapper answers, and says so."""
    one = run("redis-wrapper")
    wait_until(one.role, 10, "redis answers")
    one.freeze_redis()
    wait_until(lambda: one.health()[0] == 1, 20, "the health check fails", interval=0.2)
    assert " says HTTP/1." in one.health()[1]
    one.thaw_redis()
    wait_until(lambda: one.health() == (0, ""), 20, "it is healthy again", interval=0.2)


def test_the_health_check_finds_the_api_on_ipv6(run):
    one = run("watcher", host="::1")
    assert one.health() == (0, "")


def test_the_health_check_says_when_there_is_nobody_to_ask(create):
    one = create("redis-wrapper", HTTP_PORT="off").start()
    wait_until(lambda: one.redis_pid, 15, "redis runs")
    assert one.health() == (1, "health-check: /usr/local/bin/redis-wrapper has no HTTP API: set HTTP_PORT, or start the container "
                               "without health check")
    said = one.execute("health-check", "/usr/local/bin/watcher")
    assert (said.returncode, said.stderr) == (1, "health-check: /usr/local/bin/watcher does not run\n")


def test_a_cluster_of_containers_has_a_master_that_all_name(run, directory):
    """On one host, as with host networking: two nodes, a sentinel and a watcher."""
    nodes = [run("redis-wrapper"), run("redis-wrapper")]
    sentinel, watcher = run("sentinel-wrapper", SENTINEL_QUORUM="1"), run("watcher")
    master = wait_until(lambda: next((node for node in nodes if node.is_master() and node.accepts_writes()), None), 30, "a master")
    wait_until(lambda: directory.record() == master.address, 10, "the record names it")
    wait_until(lambda: sentinel.names() == master.address and sentinel.is_ready(), 30, "the sentinel names it")
    wait_until(watcher.is_ready, 20, "the watcher is ready")
    assert watcher.json("/master.json")["port"] == master.port
    assert all(one.health() == (0, "") for one in (*nodes, sentinel, watcher))
