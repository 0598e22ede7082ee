"""The definitions in marathon/ are of the form that Marathon publishes, and differ from each other only in what they are for. And the
checker that says so finds what is wrong."""

import copy

import pytest

from support.marathon.app import Backoff
from support.marathon.definitions import apps_of, files, in_order, read
from support.marathon.rules import mistakes

HOST, BRIDGE = read("host/redis.json"), read("bridge/redis.json")
GROUP, VOLUME = read("host/group.json"), read("host/redis-persistent.json")


# --- the files ---

@pytest.mark.parametrize("file", files())
def test_marathon_would_take_this_file(file):
    assert mistakes(read(file)) == []


@pytest.mark.parametrize("folder", ["host", "bridge"])
def test_a_group_has_the_apps_as_they_stand_alone_and_starts_the_nodes_first(folder):
    apps = {app["id"]: {name: value for name, value in app.items() if name != "dependencies"}
            for app in in_order(apps_of(read(f"{folder}/group.json")))}
    assert list(apps) == ["/redis-zk/redis", "/redis-zk/sentinel", "/redis-zk/watcher"]
    assert list(apps.values()) == [read(f"{folder}/{name}.json") for name in ("redis", "sentinel", "watcher")]


@pytest.mark.parametrize("folder", ["host", "bridge"])
def test_the_variant_with_secrets_differs_in_the_password_alone(folder):
    variant = read(f"{folder}/group-secrets.json")
    for app in apps_of(variant):
        assert app["env"].pop("REDIS_PASSWORD") == {"secret": "redis-password"}
        assert app.pop("secrets") == {"redis-password": {"source": "redis-zk/password"}}
    assert variant == read(f"{folder}/group.json")


@pytest.mark.parametrize("folder", ["host", "bridge"])
def test_the_variant_with_a_volume_keeps_the_data_in_it(folder):
    variant, plain = read(f"{folder}/redis-persistent.json"), read(f"{folder}/redis.json")
    volume, = variant["container"].pop("volumes")
    assert variant["env"]["DATA_DIR"] == f"/mnt/mesos/sandbox/{volume['containerPath']}"
    assert variant.pop("unreachableStrategy") == "disabled"
    assert variant.pop("disk") + volume["persistent"]["size"] >= plain.pop("disk")
    assert variant == plain


@pytest.mark.parametrize("app", [app for file in files() for app in apps_of(read(file))],
                         ids=[f"{file}-{app['id']}" for file in files() for app in apps_of(read(file))])
def test_a_task_is_looked_at_as_readme_says(app):
    """A role is never a health check: all replicas would be killed. Mesos looks at the loopback address. One is replaced at a time, so
    what is left of three can agree; and a node only when the sentinels have asked the last one, which they do every ten seconds."""
    health, readiness = app["healthChecks"][0], app["readinessChecks"][0]
    assert (health["protocol"], health["path"]) == ("MESOS_HTTP", "/liveness") and readiness["path"] == "/readiness"
    assert app["env"]["BIND_IP"] == "0.0.0.0"
    assert app["taskKillGracePeriodSeconds"] == 30 and "cmd" not in app
    assert app["constraints"] == [["hostname", "UNIQUE"]]
    strategy, count = app["upgradeStrategy"], app["instances"]
    assert strategy["maximumOverCapacity"] == 0 and count - 2 < count * strategy["minimumHealthCapacity"] <= count - 1
    assert health["delaySeconds"] > 11 or app["id"] != "/redis-zk/redis"


def test_a_crashing_task_waits_a_minute_at_most():
    """As the executor of test_marathon.py obeys the back-off."""
    backoff, delays = Backoff(HOST), []
    for _ in range(8):
        backoff.failed(backoff.failed_at + backoff.delay if delays else 0)
        delays.append(backoff.delay)
    assert delays == [1, 2, 4, 8, 16, 32, 60, 60]
    assert not backoff.is_over(backoff.failed_at + 59) and backoff.is_over(backoff.failed_at + 60)
    backoff.failed(backoff.failed_at + 121)
    assert backoff.delay == 1, "long enough without a failure"


# --- the checker ---

def changed(definition, path, value):
    """With this value at "healthChecks.0.path"; None takes it away, and a name that is not there is added."""
    copied = copy.deepcopy(definition)
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place = copied
    for part in way:
        place = place[part]
    if value is None:
        del place[last]
    elif isinstance(place, list) and last == len(place):
        place.append(value)
    else:
        place[last] = value
    return copied


DOCKER = changed(BRIDGE, "container.type", "DOCKER")
ROOT_VOLUME = {"type": "root", "size": 1, "constraints": [["path", "LIKE", "/mnt/.+"]]}
SECRET_VOLUME = [{"containerPath": "password", "secret": "redis-password"}]
NO_CAPACITY = {"minimumHealthCapacity": 0, "maximumOverCapacity": 0}
SECRETS = {"redis-password": {"source": "redis-zk/password"}}
MESOS_CHECK = {"protocol": "MESOS_TCP", "portIndex": 0}
READINESS = HOST["readinessChecks"][0]
BROKEN = [  # which definition, what is changed in it, and the one mistake that this is
    (HOST, "instancs", 3, "instancs: there is no such field"),
    (HOST, "id", None, "id: is missing"),
    (HOST, "id", "/Redis", "id: '/Redis' does not match"),
    (HOST, "id", "redis", "id: 'redis' is no absolute path"),
    (HOST, "instances", "3", "instances: '3' is no whole number"),
    (HOST, "instances", 2.5, "instances: 2.5 is no whole number"),
    (HOST, "instances", True, "instances: True is no whole number"),
    (HOST, "instances", -1, "instances: -1 is less than 0"),
    (HOST, "cpus", 0, "cpus: 0 is less than 0.001"),
    (HOST, "backoffFactor", 0.5, "backoffFactor: 0.5 is less than 1"),
    (HOST, "upgradeStrategy.minimumHealthCapacity", 60, "upgradeStrategy.minimumHealthCapacity: 60 is more than 1"),
    (HOST, "upgradeStrategy.maximumOverCapacity", None, "upgradeStrategy.maximumOverCapacity: is missing"),
    (HOST, "env.STOP_TIMEOUT", 10, "env.STOP_TIMEOUT: 10 is no text"),
    (HOST, "labels.HAPROXY_0_PORT", 16379, "labels.HAPROXY_0_PORT: 16379 is no text"),
    (HOST, "networks.0.mode", "bridge", "networks[0].mode: 'bridge' is none of"),
    (HOST, "networks.0.name", "eth0", "a host network has neither name nor labels"),
    (HOST, "networks.1", {"mode": "container/bridge"}, "a host or bridge network stands alone"),
    (BRIDGE, "networks.0.name", "docker0", "a bridge network has no name"),
    (HOST, "container.portMappings", [{"containerPort": 6379}], "container.portMappings: are not for host networking"),
    (BRIDGE, "portDefinitions", [{"port": 0}], "portDefinitions: are for host networking only"),
    (BRIDGE, "requirePorts", True, "requirePorts: is for host networking only"),
    (HOST, "portDefinitions.2", {"name": "redis", "port": 0}, "ports: a name stands there twice"),
    (HOST, "portDefinitions.1.port", 16379, "ports: a service port stands there twice"),
    (HOST, "portDefinitions.0.port", 70000, "portDefinitions[0].port: 70000 is more than 65535"),
    (HOST, "portDefinitions.0.name", "HTTP", "portDefinitions[0].name: 'HTTP' does not match"),
    (BRIDGE, "container.portMappings.0.port", 1, "container.portMappings[0].port: there is no such field"),
    (HOST, "container.type", "UCR", "container.type: 'UCR' is none of MESOS, DOCKER"),
    (HOST, "container.docker.image", "", "container.docker.image: '' is too short"),
    (HOST, "container.docker.privileged", True, "container.docker.privileged: is for DOCKER containers only"),
    (HOST, "container", {"type": "DOCKER"}, "container.docker: is missing"),
    (HOST, "container.docker.pullConfig", {"secret": "registry"}, "there is no secret registry"),
    (HOST, "cmd", "redis-wrapper", "cmd: begins without exec"),
    (changed(HOST, "cmd", "exec redis-wrapper"), "args", ["--check"], "cmd and args: only one"),
    (HOST, "container", None, "cmd, args, container: one of them is needed"),
    (DOCKER, "networks", [{"name": "one"}, {"name": "two"}], "networks: a DOCKER container has at most one"),
    (changed(DOCKER, "secrets", SECRETS), "container.docker.pullConfig", {"secret": "redis-password"}, "is for MESOS containers only"),
    (DOCKER, "gpus", 1, "gpus: are for the Mesos containerizer only"),
    (HOST, "healthChecks.0.protocol", "MESOS_TCP", "MESOS_TCP has no path"),
    (HOST, "healthChecks.0.protocol", "MESOS-HTTP", "healthChecks[0].protocol: 'MESOS-HTTP' is none of"),
    (HOST, "healthChecks.0.portName", "http-api", "healthChecks[0].portName: there is no such field"),
    (HOST, "healthChecks.0.portIndex", 2, "portIndex 2 is none of the ports"),
    (HOST, "healthChecks.0.port", 8080, "either port or portIndex"),
    (HOST, "healthChecks.0.command", {"value": "true"}, "a command goes with the protocol COMMAND"),
    (HOST, "healthChecks.0.gracePeriodSeconds", 5, "a gracePeriodSeconds below delaySeconds has no effect"),
    (HOST, "healthChecks.0.ignoreHttp1xx", True, "MESOS_HTTP does not know ignoreHttp1xx"),
    (HOST, "healthChecks.0.ipProtocol", "IPv6", "IPv6 is for MESOS_ checks of DOCKER containers"),
    (HOST, "healthChecks.1", MESOS_CHECK, "at most one of Mesos"),
    (HOST, "readinessChecks.1", {**READINESS, "name": "other"}, "readinessChecks: at most one"),
    (HOST, "readinessChecks.0.portName", "http", "no port has the name http"),
    (HOST, "readinessChecks.0.timeoutSeconds", 5, "timeoutSeconds has to be less than intervalSeconds"),
    (HOST, "readinessChecks.0.protocol", "MESOS_HTTP", "readinessChecks[0].protocol: 'MESOS_HTTP' is none of HTTP, HTTPS"),
    (HOST, "readinessChecks.0.httpStatusCodesForReady", [], "httpStatusCodesForReady: has 0 elements"),
    (HOST, "constraints.0", ["hostname"], "constraints[0]: has 1 elements"),
    (HOST, "constraints.0.1", "UNIQ", "constraints: UNIQ is none of"),
    (HOST, "constraints.0.2", "1", "constraints: UNIQUE has no value"),
    (HOST, "constraints.0", ["rack", "MAX_PER", "one"], "constraints: MAX_PER needs a number"),
    (HOST, "constraints.0.0", "", "constraints: the field is missing"),
    (HOST, "constraints.0", ["rack", "IS", "[1-3]"], "constraints: IS needs a plain text or a number"),
    (HOST, "constraints.0", ["rack", "LIKE", "("], "constraints: LIKE needs a regular expression"),
    (VOLUME, "container.volumes.0.containerPath", "/data", "has to be the name of one directory"),
    (VOLUME, "container.volumes.0.persistent.size", 0, "container.volumes: a size of 0"),
    (VOLUME, "container.volumes.0.persistent", ROOT_VOLUME, "there are no constraints on root"),
    (HOST, "container.volumes", SECRET_VOLUME, "container.volumes: there is no secret redis-password"),
    (changed(DOCKER, "secrets", SECRETS), "container.volumes", SECRET_VOLUME, "secrets as files are for MESOS containers only"),
    (VOLUME, "container.volumes.0.mode", "RO", "a persistent one has the mode RW"),
    (VOLUME, "container.volumes.0.persistent.size", None, "persistent.size: is missing"),
    (VOLUME, "container.volumes.0.persistent.maxSize", 8192, "maxSize is for mount only"),
    (VOLUME, "upgradeStrategy.maximumOverCapacity", 0.5, "with a persistent volume maximumOverCapacity is 0"),
    (VOLUME, "unreachableStrategy", {"inactiveAfterSeconds": 60, "expungeAfterSeconds": 60}, "with a persistent volume it is disabled"),
    (HOST, "unreachableStrategy", {"inactiveAfterSeconds": 60}, "inactiveAfterSeconds is more than expungeAfterSeconds"),
    (HOST, "residency", {}, "residency: there is no such field"),
    (HOST, "env.REDIS_PASSWORD", {"secret": "redis-password"}, "env: there is no secret redis-password"),
    (HOST, "env.REDIS_PASSWORD", "swordfish", "REDIS_PASSWORD is a secret, and stands there as a text"),
    (HOST, "secrets", {"password": {}}, "secrets.password.source: is missing"),
    (changed(HOST, "instances", 1), "labels.MARATHON_SINGLE_INSTANCE_APP", "true", "upgradeStrategy: of a single instance app both are 0"),
    (changed(HOST, "upgradeStrategy", NO_CAPACITY), "labels.MARATHON_SINGLE_INSTANCE_APP", "true",
     "instances: a single instance app has one"),
    (HOST, "resourceLimits", {"mem": 512}, "resourceLimits: mem is less than what is asked for"),
    (GROUP, "dependencies", "/redis-zk/redis", "dependencies: '/redis-zk/redis' is no list"),
    (GROUP, "instances", 3, "instances: there is no such field"),
    (GROUP, "apps.2.id", "/other/watcher", "/other/watcher: is not below the group /redis-zk"),
    (GROUP, "apps.1.dependencies", ["/redis-zk/node"], "depends on /redis-zk/node, which is not there"),
    (GROUP, "apps.1.instances", -1, "apps[1].instances: -1 is less than 0"),
]


@pytest.mark.parametrize("definition, path, value, expected", BROKEN, ids=[f"{path}={value}"[:60] for _, path, value, _ in BROKEN])
def test_a_broken_definition_has_one_clear_mistake(definition, path, value, expected):
    found = mistakes(changed(definition, path, value))
    assert len(found) == 1 and expected in found[0], found


def test_apps_that_depend_on_each_other_are_a_mistake():
    found = mistakes(changed(GROUP, "apps.0.dependencies", ["/redis-zk/watcher"]))
    assert found == [f"/redis-zk/{name}: depends on itself" for name in ("redis", "sentinel", "watcher")]
