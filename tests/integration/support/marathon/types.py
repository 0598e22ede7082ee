"""Marathon's types of apps and groups, as mesosphere/marathon publishes them in docs/docs/rest-api/public/api/v2/types/*.raml. Left out
is what is deprecated there (ports, uris, ipAddress, residency, container.docker.network and the like) and what only Marathon itself
writes (version, versionInfo), so both count as unknown."""

from support.marathon.kinds import Either, Flag, Map, Number, Record, Several, Text

# stringTypes.raml
LEGACY_NAME = Text(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", shortest=1)
NAME = Text(LEGACY_NAME.pattern, shortest=1, longest=63)
NETWORK_NAME = Text(r"[a-z0-9]([-a-z0-9_]*[a-z0-9])?", shortest=1, longest=63)
PATH = Text(shortest=1, longest=1024)
PATH_ID = Text(r"(/?((\.\.)|(([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])\.)*([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9]))?($|/))+", shortest=1)
SCHEME = Text(one_of=("HTTP", "HTTPS"))
PROTOCOL = Text(one_of=("tcp", "udp", "udp,tcp"))
READ_MODE = Text(one_of=("RO", "RW"))
SOME_TEXT = Text(shortest=1)

# numberTypes.raml
COUNT = Number(0, 2**31 - 1, whole=True)
LONG = Number(0, 2**63 - 1, whole=True)
ANY_PORT = Number(0, 65535, whole=True)
AMOUNT = Number(0)
SHARE = Number(0, 1)

LABELS = Map(Text())

# environmentVariable.raml, secrets.raml
VARIABLE = Either(lambda value: Record({"secret": Text()}) if isinstance(value, dict) else Text())
SECRET = Record({"source": SOME_TEXT})

# constraint.raml
CONSTRAINT = Several(Text(), fewest=2, most=3)

# network.raml
NETWORK = Record(optional={"name": NETWORK_NAME, "mode": Text(one_of=("container", "container/bridge", "host")), "labels": LABELS})
PORT_DEFINITION = Record(optional={"port": ANY_PORT, "labels": LABELS, "name": LEGACY_NAME, "protocol": PROTOCOL})

# volumes.raml
PERSISTENT = Record({"size": LONG}, {
    "type": Text(one_of=("root", "path", "mount")), "maxSize": LONG, "profileName": Text(),
    "constraints": Several(Several(Text(), fewest=2, most=3), unique=True)})
EXTERNAL = Record(optional={"size": LONG, "name": Text(), "provider": Text(), "options": LABELS, "shared": Flag()})
VOLUMES = {
    "persistent": Record({"containerPath": SOME_TEXT, "persistent": PERSISTENT, "mode": READ_MODE}),
    "external": Record({"containerPath": SOME_TEXT, "external": EXTERNAL, "mode": READ_MODE}),
    "secret": Record({"containerPath": SOME_TEXT, "secret": SOME_TEXT}),
    "hostPath": Record({"containerPath": SOME_TEXT, "hostPath": SOME_TEXT, "mode": READ_MODE}),
}


def kind_of_volume(value):
    """The one whose own field it has; the last when it has none of them."""
    names = [name for name in VOLUMES if isinstance(value, dict) and name in value]
    return VOLUMES[names[0] if names else "hostPath"]


# appContainer.raml, docker.raml, linux.raml
PORT_MAPPING = Record(optional={
    "containerPort": ANY_PORT, "hostPort": ANY_PORT, "servicePort": ANY_PORT, "labels": LABELS, "name": LEGACY_NAME,
    "protocol": PROTOCOL, "networkNames": Several(NAME)})
DOCKER = Record({"image": SOME_TEXT}, {
    "pullConfig": Record({"secret": SOME_TEXT}), "forcePullImage": Flag(), "privileged": Flag(),
    "parameters": Several(Record({"key": SOME_TEXT, "value": Text()}))})
LINUX = Record(optional={
    "seccomp": Record(optional={"unconfined": Flag(), "profileName": Text()}),
    "ipcInfo": Record({"mode": Text(one_of=("PRIVATE", "SHARE_PARENT"))}, {"shmSize": COUNT})})
CONTAINER = Record(optional={
    "type": Text(one_of=("MESOS", "DOCKER")), "linuxInfo": LINUX, "docker": DOCKER,
    "volumes": Several(Either(kind_of_volume)), "portMappings": Several(PORT_MAPPING)})

# healthCheck.raml
HEALTH_CHECK = Record(optional={
    "command": Record({"value": Text()}), "gracePeriodSeconds": COUNT, "ignoreHttp1xx": Flag(), "intervalSeconds": COUNT,
    "maxConsecutiveFailures": COUNT, "path": Text(), "port": ANY_PORT, "portIndex": ANY_PORT,
    "protocol": Text(one_of=("HTTP", "HTTPS", "TCP", "COMMAND", "MESOS_TCP", "MESOS_HTTP", "MESOS_HTTPS")),
    "ipProtocol": Text(one_of=("IPv4", "IPv6")), "timeoutSeconds": COUNT, "delaySeconds": COUNT})

# readinessCheck.raml
READINESS_CHECK = Record(optional={
    "name": SOME_TEXT, "protocol": SCHEME, "path": PATH, "portName": LEGACY_NAME, "intervalSeconds": COUNT,
    "timeoutSeconds": Number(1, 2**31 - 1, whole=True), "preserveLastResponse": Flag(),
    "httpStatusCodesForReady": Several(Number(100, 999, whole=True), fewest=1, unique=True)})

# unreachableStrategy.raml, app.raml
UNREACHABLE = Either(lambda value: Record(optional={"inactiveAfterSeconds": LONG, "expungeAfterSeconds": LONG})
                     if isinstance(value, dict) else Text(one_of=("disabled",)))
UPGRADE = Record({"minimumHealthCapacity": SHARE, "maximumOverCapacity": SHARE})
FETCH = Record({"uri": Text(shortest=1, longest=1024)}, {"executable": Flag(), "extract": Flag(), "cache": Flag(), "destPath": PATH})

# resources.raml
RESOURCES = Record(optional={"cpus": Number(0.1), "mem": Number(32), "disk": Number(10)})
LIMIT = Either(lambda value: Text(one_of=("unlimited",)) if isinstance(value, str) else AMOUNT)
LIMITS = Record(optional={"cpus": LIMIT, "mem": LIMIT})

APP = Record({"id": PATH_ID}, {
    "acceptedResourceRoles": Several(Text(), unique=True), "args": Several(Text()), "backoffFactor": Number(1), "backoffSeconds": COUNT,
    "cmd": SOME_TEXT, "constraints": Several(CONSTRAINT, unique=True), "container": CONTAINER, "cpus": Number(0.001),
    "dependencies": Several(PATH_ID, unique=True), "disk": AMOUNT, "env": Map(VARIABLE), "executor": Text(),
    "executorResources": RESOURCES, "resourceLimits": LIMITS, "fetch": Several(FETCH),
    "gpus": COUNT, "healthChecks": Several(HEALTH_CHECK, unique=True), "instances": COUNT,
    "killSelection": Text(one_of=("YOUNGEST_FIRST", "OLDEST_FIRST")), "labels": LABELS, "maxLaunchDelaySeconds": COUNT,
    "mem": AMOUNT, "networks": Several(NETWORK), "portDefinitions": Several(PORT_DEFINITION),
    "readinessChecks": Several(READINESS_CHECK), "requirePorts": Flag(), "role": SOME_TEXT, "secrets": Map(SECRET),
    "taskKillGracePeriodSeconds": COUNT, "tty": Flag(), "unreachableStrategy": UNREACHABLE, "upgradeStrategy": UPGRADE, "user": Text()})


def group_of(groups):
    return Record({"id": PATH_ID}, {
        "apps": Several(APP, unique=True), "groups": groups, "dependencies": Several(PATH_ID, unique=True), "scaleBy": AMOUNT,
        "enforceRole": Flag()})


GROUP = group_of(Several(Either(lambda value: GROUP), unique=True))
