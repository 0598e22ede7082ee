"""Whether Marathon would take a definition, and what it would do other than its author thinks. The types are one thing (types.py); the
rules here are those between fields, as mesosphere/marathon has them in src/main/scala/mesosphere/marathon/api/v2/validation/
(AppValidation, NetworkValidation, SchedulingValidation, SecretValidation) and in docs/docs. Stricter than Marathon itself are only those
that say "ours" beside them."""

import re

from support.marathon.types import APP, GROUP

OPERATORS = ("UNIQUE", "CLUSTER", "GROUP_BY", "LIKE", "UNLIKE", "MAX_PER", "IS")
MESOS_CHECKS = ("COMMAND", "MESOS_HTTP", "MESOS_HTTPS", "MESOS_TCP")


def mistakes(definition):
    """Of a group (it has apps or groups) or of an app: one sentence each."""
    return group_mistakes(definition, "") if "apps" in definition or "groups" in definition else app_mistakes(definition)


def app_mistakes(app, place=""):
    """The rules speak of values that have the right type, so they come second."""
    found = APP.mistakes(app, place)
    return found or [f"{place}{': ' if place else ''}{sentence}" for rule in RULES for sentence in rule(app)]


def group_mistakes(group, place):
    found = GROUP.mistakes(group, place)
    if found:
        return found
    for index, app in enumerate(group.get("apps", [])):
        found += app_mistakes(app, f"apps[{index}]")
    for index, inner in enumerate(group.get("groups", [])):
        found += group_mistakes(inner, f"groups[{index}]")
    return found + names_in_group(group) + dependencies_in_group(group) + service_ports_in_group(group)


# --- what an app has ---

def container_of(app):
    return app.get("container", {})


def engine_of(app):
    return container_of(app).get("type", "DOCKER") if "container" in app else None


def networks_of(app):
    """A network without a mode is one of containers (network.raml); an app without networks is on its host (networking.md)."""
    return [{"mode": "container", **network} for network in app.get("networks", [])] or [{"mode": "host"}]


def modes_of(app):
    return [network["mode"] for network in networks_of(app)]


def ports_of(app):
    return app.get("portDefinitions", []) if "host" in modes_of(app) else container_of(app).get("portMappings", [])


def volumes_of(app):
    return container_of(app).get("volumes", [])


def is_resident(app):
    return any("persistent" in volume for volume in volumes_of(app))


# --- the rules: an app -> sentences ---

def identity(app):
    if not app["id"].startswith("/") or app["id"] == "/":
        yield f"id: {app['id']!r} is no absolute path below the root"


def command(app):
    if "cmd" in app and "args" in app:
        yield "cmd and args: only one of them may be given"
    if not {"cmd", "args", "container"} & set(app):
        yield "cmd, args, container: one of them is needed"
    if "cmd" in app and not app["cmd"].startswith("exec "):  # ours: /bin/sh stays in between and does not pass SIGTERM on
        yield "cmd: begins without exec, so the shell gets SIGTERM and the program does not"


def networks(app):
    for network in networks_of(app):
        if network["mode"] == "host" and ("name" in network or "labels" in network):
            yield "networks: a host network has neither name nor labels"
        if network["mode"] == "container/bridge" and "name" in network:
            yield "networks: a bridge network has no name"
    if len(modes_of(app)) > 1 and set(modes_of(app)) != {"container"}:
        yield "networks: a host or bridge network stands alone"


def ports(app):
    if "host" in modes_of(app) and container_of(app).get("portMappings"):
        yield "container.portMappings: are not for host networking, which has portDefinitions"
    if "host" not in modes_of(app) and app.get("portDefinitions"):
        yield "portDefinitions: are for host networking only; others have container.portMappings"
    if "host" not in modes_of(app) and app.get("requirePorts"):
        yield "requirePorts: is for host networking only"
    names = [port["name"] for port in ports_of(app) if "name" in port]
    if len(names) != len(set(names)):
        yield "ports: a name stands there twice"
    numbers = service_ports(app)
    if len(numbers) != len(set(numbers)):
        yield "ports: a service port stands there twice"


def service_ports(app):
    numbers = [port.get("servicePort", port.get("port", 0)) for port in ports_of(app)]
    return [number for number in numbers if number]


def health_checks(app):
    checks = app.get("healthChecks", [])
    for check in checks:
        yield from health_check(app, check)
    if sum(check.get("protocol") in MESOS_CHECKS for check in checks) > 1:
        yield "healthChecks: at most one of Mesos"


def health_check(app, check):
    protocol = check.get("protocol", "HTTP")
    if (protocol == "COMMAND") != ("command" in check):
        yield "healthChecks: a command goes with the protocol COMMAND, and it alone"
    if protocol != "COMMAND" and ("port" in check) == ("portIndex" in check):
        yield "healthChecks: either port or portIndex"
    if check.get("portIndex", 0) >= len(ports_of(app)) and "portIndex" in check:
        yield f"healthChecks: portIndex {check['portIndex']} is none of the ports"
    if "path" in check and "HTTP" not in protocol:
        yield f"healthChecks: {protocol} has no path"
    if "ignoreHttp1xx" in check and protocol not in ("HTTP", "HTTPS"):
        yield f"healthChecks: {protocol} does not know ignoreHttp1xx"
    if check.get("ipProtocol") == "IPv6" and (engine_of(app) != "DOCKER" or not protocol.startswith("MESOS_")):
        yield "healthChecks: IPv6 is for MESOS_ checks of DOCKER containers only"
    if protocol in MESOS_CHECKS and check.get("gracePeriodSeconds", 300) < check.get("delaySeconds", 15):
        yield "healthChecks: a gracePeriodSeconds below delaySeconds has no effect"  # Mesos, docs/health-checks.md


def readiness_checks(app):
    checks = app.get("readinessChecks", [])
    if len(checks) > 1:
        yield "readinessChecks: at most one"
    for check in checks:
        name = check.get("portName", "http-api")
        if name not in [port.get("name") for port in ports_of(app)]:
            yield f"readinessChecks: no port has the name {name}"
        if check.get("timeoutSeconds", 10) >= check.get("intervalSeconds", 30):
            yield "readinessChecks: timeoutSeconds has to be less than intervalSeconds"


def container(app):
    docker, known = container_of(app).get("docker"), app.get("secrets", {})
    if engine_of(app) == "DOCKER" and docker is None:
        yield "container.docker: is missing in a DOCKER container"
    if engine_of(app) == "DOCKER" and modes_of(app).count("container") > 1:
        yield "networks: a DOCKER container has at most one"
    if docker and "pullConfig" in docker and engine_of(app) == "DOCKER":
        yield "container.docker.pullConfig: is for MESOS containers only"
    elif docker and "pullConfig" in docker and docker["pullConfig"]["secret"] not in known:
        yield f"container.docker.pullConfig: there is no secret {docker['pullConfig']['secret']}"
    for name in ("parameters", "privileged"):
        if docker and docker.get(name) and engine_of(app) == "MESOS":
            yield f"container.docker.{name}: is for DOCKER containers only"
    if app.get("gpus") and engine_of(app) == "DOCKER":
        yield "gpus: are for the Mesos containerizer only"


def volumes(app):
    for volume in volumes_of(app):
        if "persistent" in volume:
            yield from persistent_volume(volume)
        if "secret" in volume and volume["secret"] not in app.get("secrets", {}):
            yield f"container.volumes: there is no secret {volume['secret']}"
        if "secret" in volume and engine_of(app) == "DOCKER":
            yield "container.volumes: secrets as files are for MESOS containers only"


def persistent_volume(volume):
    kept, path = volume["persistent"], volume["containerPath"]
    if "/" in path or path in (".", ".."):
        yield f"container.volumes: {path!r} has to be the name of one directory in the sandbox"
    if volume["mode"] != "RW":
        yield "container.volumes: a persistent one has the mode RW"
    if kept["size"] == 0:
        yield "container.volumes: a size of 0"
    if kept.get("constraints") and kept.get("type", "root") == "root":
        yield "container.volumes: there are no constraints on root"
    if "maxSize" in kept and (kept.get("type") != "mount" or kept["maxSize"] <= kept["size"]):
        yield "container.volumes: maxSize is for mount only, and more than size"


def residency(app):
    """persistent-volumes.md: Marathon has to stop a task before its successor gets the volume."""
    if is_resident(app) and app.get("upgradeStrategy", {}).get("maximumOverCapacity", 0) != 0:
        yield "upgradeStrategy: with a persistent volume maximumOverCapacity is 0"
    if is_resident(app) and app.get("unreachableStrategy", "disabled") != "disabled":
        yield "unreachableStrategy: with a persistent volume it is disabled"


def unreachable(app):
    strategy = app.get("unreachableStrategy")
    if isinstance(strategy, dict) and strategy.get("inactiveAfterSeconds", 0) > strategy.get("expungeAfterSeconds", 0):
        yield "unreachableStrategy: inactiveAfterSeconds is more than expungeAfterSeconds"


def secrets(app):
    known = app.get("secrets", {})
    used = {value["secret"] for value in app.get("env", {}).values() if isinstance(value, dict)}
    yield from (f"env: there is no secret {name}" for name in sorted(used - set(known)))
    # ours: a password as a text is for everybody to read who may look at the app
    yield from (f"env: {name} is a secret, and stands there as a text" for name, value in app.get("env", {}).items()
                if isinstance(value, str) and name.endswith("PASSWORD"))


def constraints(app):
    for name, operator, *value in app.get("constraints", []):
        word, number = operator.upper(), bool(value) and re.fullmatch(r"-?\d+", value[0])
        if not name:
            yield "constraints: the field is missing"
        if word not in OPERATORS:
            yield f"constraints: {operator} is none of {', '.join(OPERATORS)}"
        if word == "UNIQUE" and value:
            yield "constraints: UNIQUE has no value"
        if word == "MAX_PER" and not number or word == "GROUP_BY" and value and not number:
            yield f"constraints: {word} needs a number"
        if word in ("LIKE", "UNLIKE") and not (value and is_pattern(value[0])):
            yield f"constraints: {word} needs a regular expression"
        if word == "IS" and value and not re.fullmatch(r"[a-zA-Z0-9_/.-]*", value[0]):
            yield "constraints: IS needs a plain text or a number"


def is_pattern(text):
    try:
        return bool(re.compile(text))
    except re.error:
        return False


def upgrades(app):
    strategy, alone = app.get("upgradeStrategy"), app.get("labels", {}).get("MARATHON_SINGLE_INSTANCE_APP") == "true"
    if alone and app.get("instances", 1) > 1:
        yield "instances: a single instance app has one"
    if alone and strategy and any(strategy.values()):
        yield "upgradeStrategy: of a single instance app both are 0"


def limits(app):
    for name, limit in app.get("resourceLimits", {}).items():
        if limit != "unlimited" and limit < app.get(name, {"cpus": 1, "mem": 128}[name]):
            yield f"resourceLimits: {name} is less than what is asked for"


RULES = (identity, command, networks, ports, health_checks, readiness_checks, container, volumes, residency, unreachable, secrets,
         constraints, upgrades, limits)


# --- between apps ---

def names_in_group(group):
    names = [app["id"] for app in group.get("apps", [])]
    found = [f"{name}: is not below the group {group['id']}" for name in names if not name.startswith(group["id"].rstrip("/") + "/")]
    return found + [f"{name}: stands there twice" for name in sorted(set(names)) if names.count(name) > 1]


def dependencies_in_group(group):
    """Ours: what is not in the same file may not be there at all, and Marathon would wait."""
    known = {app["id"]: app.get("dependencies", []) for app in group.get("apps", [])}
    found = [f"{name}: depends on {other}, which is not there" for name, others in known.items() for other in others if other not in known]
    return found or [f"{name}: depends on itself" for name in known if name in reachable(known, name)]


def reachable(known, name):
    seen, rest = set(), list(known[name])
    while rest:
        other = rest.pop()
        if other not in seen:
            seen.add(other)
            rest += known[other]
    return seen


def service_ports_in_group(group):
    numbers = [number for app in group.get("apps", []) for number in service_ports(app)]
    return [f"service port {number}: is of two apps" for number in sorted(set(numbers)) if numbers.count(number) > 1]
