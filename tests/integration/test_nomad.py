"""nomad/redis-zk.nomad: made of blocks that Nomad knows, its parts fit together, and the executables take what it says to them."""

import re

import pytest

from support import options
from support.nomad_job import as_list, labelled, mistakes, read, with_variables
from support.node import REPOSITORY

PATH = REPOSITORY / "nomad/redis-zk.nomad"
TEXT = PATH.read_text()
FILE = read(with_variables(TEXT, read(TEXT)))
JOB = labelled(FILE["job"])["redis-zk"]
GROUPS = labelled(JOB["group"])
EXECUTABLES = {"nodes": "redis-wrapper", "sentinels": "sentinel-wrapper", "watchers": "watcher"}

# A client of Nomad allows no more, unless it is configured [developer.hashicorp.com/nomad/docs/configuration/client].
MAX_KILL_TIMEOUT = 30

# What an image has at this place [redis-wrapper/Dockerfile and others], and what Nomad mounts into a container
# [developer.hashicorp.com/nomad/docs/concepts/filesystem]. All else is read-only.
WRITABLE = ("/alloc/", "/local/", "/secrets/")

each_group = pytest.mark.parametrize("name", EXECUTABLES)


def task(name):
    only, = labelled(GROUPS[name]["task"]).items()
    return only


def environment(name):
    return task(name)[1]["env"]


def with_addresses(name):
    """As Nomad fills in the addresses and ports of the group."""
    ports = labelled(GROUPS[name]["network"]["port"])
    values = {f"NOMAD_IP_{port}": "10.0.0.7" for port in ports} | {
        f"NOMAD_PORT_{port}": str(20000 + number) for number, port in enumerate(ports)}
    return {variable: re.sub(r"\$\{(\w+)\}", lambda found: values[found[1]], value)
            for variable, value in environment(name).items()}


def test_the_job_is_made_of_blocks_that_nomad_knows():
    assert list(mistakes(FILE)) == []
    assert {name: task(name)[0] for name in GROUPS} == EXECUTABLES
    assert re.findall(r"\$\{var\.", str(FILE)) == [], "each variable has a default"


@pytest.mark.parametrize("before, after, said", [
    ("kill_timeout", "kill_time_out", "has no kill_time_out"), ('"25s"', '"25"', "'25' is no duration"),
    ("count = 3", 'count = "3"', "'3' is not a int"), ("readonly_rootfs", "read_only_rootfs", "has no read_only_rootfs"),
    ('ephemeral_disk {', 'disk {', "has no disk"),
])
def test_a_mistake_would_be_found(before, after, said):
    """The comparison itself."""
    assert before in TEXT
    found = list(mistakes(read(TEXT.replace(before, after))))
    assert any(said in mistake for mistake in found), found


@each_group
def test_the_image_is_that_of_the_executable_and_runs_with_nothing_to_spare(name):
    executable, block = task(name)
    assert block["driver"] == "docker" and block["user"] == "10001:10001"
    assert block["config"]["image"] == f"redis-zk/{executable}:0.1.0"
    assert block["config"]["network_mode"] == "host", "so the ports of Nomad are those of the task"
    assert block["config"]["readonly_rootfs"] is True and block["config"]["cap_drop"] == ["ALL"]


@each_group
def test_all_variables_are_options_and_secrets_come_as_files(name):
    names = set(environment(name))
    assert names - set(options.defaults(EXECUTABLES[name])) == set()
    assert names & options.secrets(EXECUTABLES[name]) == set()
    assert {"ZK_HOSTS", "BIND_IP", "REDIS_PASSWORD_FILE"} <= names


@each_group
def test_the_executable_takes_the_values(name, tmp_path, zookeeper):
    """--check, with places and addresses of this machine."""
    said = options.check(EXECUTABLES[name], with_addresses(name), tmp_path, zookeeper)
    assert said.returncode == 0 and "mistake" not in said.stdout, said


@each_group
def test_services_and_checks_ask_ports_on_which_the_executable_listens(name):
    variables = environment(name)
    service = GROUPS[name]["service"]
    assert variables["PORT0"] == "${NOMAD_PORT_%s}" % service["port"]
    assert variables["BIND_IP"] == "${NOMAD_IP_%s}" % service["port"]
    assert variables.get("HTTP_PORT", variables["PORT0"]) == "${NOMAD_PORT_http_api}"
    alive, ready = as_list(service["check"])
    for check, path in ((alive, "/liveness"), (ready, "/readiness")):
        assert (check["type"], check["port"], check["path"]) == ("http", "http_api", path)
        assert options.seconds(check["timeout"]) <= options.seconds(check["interval"])
    assert "check_restart" in alive and "check_restart" not in ready, "a replica that is not in sync is no reason to restart it"


@each_group
def test_a_task_has_more_time_to_stop_than_it_needs_and_not_more_than_a_client_allows(name):
    executable, block = task(name)
    given = options.seconds(block["kill_timeout"])
    assert options.time_to_stop(executable, environment(name)) < given <= MAX_KILL_TIMEOUT
    assert block["kill_signal"] == "SIGTERM"


@each_group
def test_what_the_executable_writes_to_can_be_written(name):
    mounts = [mount["target"] for mount in as_list(task(name)[1]["config"].get("mount", []))]
    for variable in ("DATA_DIR", "RUN_DIR"):
        if variable in environment(name):
            place = environment(name)[variable]
            assert place in mounts or place.startswith(WRITABLE), variable
    if "DATA_DIR" in environment(name):
        assert environment(name)["DATA_DIR"].startswith("/alloc/data"), "which ephemeral_disk keeps"
        assert GROUPS[name]["ephemeral_disk"]["sticky"] and GROUPS[name]["ephemeral_disk"]["migrate"]


@each_group
def test_the_password_is_a_file_that_only_the_user_of_the_task_reads(name):
    template = task(name)[1]["template"]
    assert "/" + template["destination"] == environment(name)["REDIS_PASSWORD_FILE"]
    assert (template["perms"], template["uid"], template["gid"]) == ("600", 10001, 10001)
    assert template["change_mode"] == "noop", "a restart of all at once"
    path, item = re.search(r'nomadVar "([\w/-]+)" \}\}\{\{ \.(\w+) \}\}', template["data"].replace("\\", "")).groups()
    assert f"nomad var put {path} {item}=@FILE" in TEXT, "how to make it is told"


def test_updates_and_drains_leave_a_majority():
    for strategy in (JOB["update"], JOB["migrate"]):
        assert strategy["max_parallel"] == 1 and strategy["health_check"] == "checks"
    assert options.seconds(JOB["update"]["progress_deadline"]) > options.seconds(JOB["update"]["healthy_deadline"])
    assert int(environment("sentinels")["SENTINEL_QUORUM"]) == GROUPS["sentinels"]["count"] // 2 + 1
    for name, group in GROUPS.items():
        assert group["constraint"] == {"operator": "distinct_hosts", "value": "true"}, name
        assert group["restart"]["mode"] == "delay", "a group that has failed for good is not started again where its data are"
