"""kubernetes/: the objects are what Kubernetes publishes, fit together, and say to the executables what these understand."""

import copy

import pytest

from support import options
from support.kubernetes_types import mistakes, read
from support.node import REPOSITORY

FOLDER = REPOSITORY / "kubernetes"
KUSTOMIZATION, = read(FOLDER / "kustomization.yaml")
FILES = [FOLDER / name for name in KUSTOMIZATION["resources"] if name.endswith(".yaml")]
OBJECTS = [document for path in FILES for document in read(path)]
WORKLOADS = [document for document in OBJECTS if document["kind"] in ("StatefulSet", "Deployment")]
EXECUTABLES = ("redis-wrapper", "sentinel-wrapper", "watcher")

# The profile "restricted" of the Pod Security Standards [kubernetes.io, Concepts, Pod Security Standards].
RESTRICTED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}


def of_kind(kind):
    return [document for document in OBJECTS if document["kind"] == kind]


def pod(workload):
    return workload["spec"]["template"]["spec"]


def container(workload):
    only, = pod(workload)["containers"]
    return only


def executable(workload):
    return container(workload)["image"].removeprefix("redis-zk/")


def labels(workload):
    return workload["spec"]["template"]["metadata"]["labels"]


def generated():
    """The config maps that kustomize makes: the keys of each, and for literals the values."""
    maps = {entry["name"]: dict(literal.split("=", 1) for literal in entry["literals"])
            for entry in KUSTOMIZATION["configMapGenerator"]}
    for name in KUSTOMIZATION["resources"]:
        if not name.endswith(".yaml"):
            base, = read(FOLDER / name / "kustomization.yaml")
            for entry in base["configMapGenerator"]:
                maps[entry["name"]] = {file: (FOLDER / name / file).read_text() for file in entry["files"]}
    return maps


def environment(workload):
    """What the container gets; a value that only the cluster knows is None."""
    variables = {}
    for source in container(workload)["envFrom"]:
        variables.update(generated()[source["configMapRef"]["name"]])
    variables.update({entry["name"]: entry.get("value") for entry in container(workload)["env"]})
    return variables


def is_part_of(some, all_of_them):
    return bool(some) and some.items() <= all_of_them.items()


each_workload = pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload["metadata"]["name"])


def test_every_file_is_used_and_says_what_kubernetes_has_published():
    assert {path.name for path in FOLDER.glob("*.yaml")} == {path.name for path in FILES} | {"kustomization.yaml"}
    assert [mistake for document in OBJECTS for mistake in mistakes(document)] == []
    assert sorted(map(executable, WORKLOADS)) == sorted(EXECUTABLES)


@pytest.mark.parametrize("change, said", [
    (lambda spec: spec.update(terminationGracePeriod=30), "has no terminationGracePeriod"),
    (lambda spec: spec.update(terminationGracePeriodSeconds="30"), "'30' is not a int"),
    (lambda spec: spec["containers"][0].pop("name"), "`name`, must not be `None`"),
    (lambda spec: spec["containers"][0]["env"][0].update(value=1), "1 is not a str"),
    (lambda spec: spec["containers"][0]["livenessProbe"].update(httpget={}), "has no httpget"),
    (lambda spec: spec.update(volumes={}), "is not a list"),
], ids=["unknown key", "text for a number", "missing name", "number for a text", "misspelt probe", "map for a list"])
def test_a_mistake_would_be_found(change, said):
    """The comparison itself."""
    document = copy.deepcopy(WORKLOADS[0])
    change(pod(document))
    assert any(said in mistake for mistake in mistakes(document)), mistakes(document)


@each_workload
def test_selectors_select_the_pods_that_they_are_for(workload):
    name, own = workload["metadata"]["name"], labels(workload)
    assert is_part_of(workload["spec"]["selector"]["matchLabels"], own)
    others = [labels(other) for other in WORKLOADS if other is not workload]
    for kind, selector in (("Service", lambda spec: spec["selector"]),
                           ("PodDisruptionBudget", lambda spec: spec["selector"]["matchLabels"])):
        document, = [document for document in of_kind(kind) if document["metadata"]["name"] == name]
        assert is_part_of(selector(document["spec"]), own), kind
        assert not any(is_part_of(selector(document["spec"]), other) for other in others), kind
    anti_affinity = pod(workload)["affinity"]["podAntiAffinity"]
    terms = anti_affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or [
        entry["podAffinityTerm"] for entry in anti_affinity["preferredDuringSchedulingIgnoredDuringExecution"]]
    for entry in [*terms, *pod(workload)["topologySpreadConstraints"]]:
        assert is_part_of(entry["labelSelector"]["matchLabels"], own), entry


@each_workload
def test_a_stateful_set_has_its_headless_service_and_starts_all_pods_at_once(workload):
    if workload["kind"] != "StatefulSet":
        assert executable(workload) == "watcher", "which has nothing of its own"
        return
    service, = [document for document in of_kind("Service") if document["metadata"]["name"] == workload["spec"]["serviceName"]]
    assert service["spec"]["clusterIP"] == "None" and service["spec"]["publishNotReadyAddresses"] is True
    assert workload["spec"]["podManagementPolicy"] == "Parallel"


@each_workload
def test_disruptions_leave_a_majority(workload):
    budget, = [document for document in of_kind("PodDisruptionBudget") if document["metadata"]["name"] == workload["metadata"]["name"]]
    replicas, most = workload["spec"]["replicas"], budget["spec"]["maxUnavailable"]
    assert most == 1 and (replicas - most > replicas / 2 or executable(workload) == "watcher")
    if executable(workload) == "sentinel-wrapper":
        assert int(environment(workload)["SENTINEL_QUORUM"]) == replicas // 2 + 1


@each_workload
def test_probes_and_services_name_ports_on_which_the_executable_listens(workload):
    variables, only = environment(workload), container(workload)
    ports = {port["name"]: port["containerPort"] for port in only["ports"]}
    assert set(ports.values()) == {int(variables[name]) for name in ("PORT0", "HTTP_PORT") if name in variables}
    for probe, path in (("startupProbe", "/liveness"), ("livenessProbe", "/liveness"), ("readinessProbe", "/readiness")):
        asked = only[probe]["httpGet"]
        assert asked == {"path": path, "port": "http-api"} and ports["http-api"] == int(variables.get("HTTP_PORT", variables["PORT0"]))
        assert only[probe]["timeoutSeconds"] <= only[probe]["periodSeconds"]
    service, = [document for document in of_kind("Service") if document["metadata"]["name"] == workload["metadata"]["name"]]
    assert {port["targetPort"]: port["port"] for port in service["spec"]["ports"]} == ports


@each_workload
def test_all_variables_are_options_and_secrets_come_as_files(workload):
    names = set(environment(workload))
    assert names - set(options.defaults(executable(workload))) == set()
    assert names & options.secrets(executable(workload)) == set()
    assert {"ZK_HOSTS", "BIND_IP", "REDIS_PASSWORD_FILE"} <= names


@each_workload
def test_the_executable_takes_the_values(workload, tmp_path, zookeeper):
    """--check, with places and addresses of this machine."""
    variables = {name: value or "" for name, value in environment(workload).items()}
    said = options.check(executable(workload), variables, tmp_path, zookeeper)
    assert said.returncode == 0 and "mistake" not in said.stdout, said


@each_workload
def test_a_pod_has_more_time_to_stop_than_it_needs(workload):
    """The time of preStop counts too [kubernetes.io, Concepts, Pod Lifecycle]."""
    variables = {name: value for name, value in environment(workload).items() if value is not None}
    before = container(workload).get("lifecycle", {}).get("preStop", {"exec": {"command": ["sleep", "0"]}})["exec"]["command"]
    assert before[0] == "sleep"
    assert pod(workload)["terminationGracePeriodSeconds"] > int(before[1]) + options.time_to_stop(executable(workload), variables)


@each_workload
def test_a_pod_is_as_restricted_as_its_name_space_demands(workload):
    namespace, = of_kind("Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert namespace["metadata"]["name"] == KUSTOMIZATION["namespace"]
    security = pod(workload)["securityContext"]
    assert container(workload)["securityContext"] == RESTRICTED
    assert security["runAsNonRoot"] and security["runAsUser"] == security["fsGroup"] == 10001
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod(workload)["automountServiceAccountToken"] is False and pod(workload)["enableServiceLinks"] is False


@each_workload
def test_what_the_executable_writes_to_is_mounted_and_nothing_else_can_be_written(workload):
    variables = environment(workload)
    volumes = {volume["name"]: volume for volume in pod(workload)["volumes"]}
    claims = {claim["metadata"]["name"] for claim in workload["spec"].get("volumeClaimTemplates", [])}
    mounts = {mount["mountPath"]: mount for mount in container(workload)["volumeMounts"]}
    assert {mount["name"] for mount in mounts.values()} == set(volumes) | claims
    writable = {path for path, mount in mounts.items() if not mount.get("readOnly")}
    assert writable == {variables[name] for name in ("DATA_DIR", "RUN_DIR") if name in variables}
    assert {mounts[path]["name"] for path in writable} & claims == ({"data"} if "DATA_DIR" in variables else set())


@each_workload
def test_files_that_are_named_are_in_a_config_map_or_a_secret(workload):
    maps = generated()
    volumes = {volume["name"]: volume for volume in pod(workload)["volumes"]}
    mounts = {mount["mountPath"]: volumes.get(mount["name"]) for mount in container(workload)["volumeMounts"]}
    for name in ("REDIS_CONF", "SENTINEL_CONF"):
        if name in environment(workload):
            folder, _, file = environment(workload)[name].rpartition("/")
            content = maps[mounts[folder]["configMap"]["name"]]
            assert content[file] == (REPOSITORY / "conf" / file).read_text()
    folder, _, file = environment(workload)["REDIS_PASSWORD_FILE"].rpartition("/")
    secret = mounts[folder]["secret"]["secretName"]
    command = f"create secret generic {secret} --from-file={file}=FILE"
    assert command in (FOLDER / "kustomization.yaml").read_text(), "how to make it is told"


def test_each_image_has_a_tag_that_is_said_once():
    tags = {image["name"]: image["newTag"] for image in KUSTOMIZATION["images"]}
    assert set(tags) == {container(workload)["image"] for workload in WORKLOADS}
    assert len(set(tags.values())) == 1 and "latest" not in tags.values()
