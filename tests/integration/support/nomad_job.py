"""Reads a job of Nomad and compares it with the blocks that Nomad knows. Debian has no Nomad. Its python3-pyhcl parses HCL 1, of
which our job uses only what HCL 2 has too."""

import re

import hcl

ANY = "any"

# What each block may have: attributes by their type, and blocks; a list around a block means that it may be repeated, a star
# that it has a label. From the pages of the job specification [developer.hashicorp.com/nomad/docs/job-specification] and, for
# "config", of the Docker driver [developer.hashicorp.com/nomad/docs/job-declare/task-driver/docker].
CHECK = {"name": str, "type": str, "port": str, "path": str, "interval": "duration", "timeout": "duration", "on_update": str,
         "check_restart": {"limit": int, "grace": "duration", "ignore_warnings": bool}}
SERVICE = {"name": str, "provider": str, "port": str, "tags": list, "address_mode": str, "check": [CHECK]}
TEMPLATE = {"data": str, "source": str, "destination": str, "change_mode": str, "perms": str, "uid": int, "gid": int, "env": bool}
DOCKER = {"image": str, "network_mode": str, "readonly_rootfs": bool, "cap_drop": list, "security_opt": list, "ports": list,
          "mount": [{"type": str, "target": str, "source": str, "readonly": bool}]}
TASK = {"driver": str, "user": str, "kill_signal": str, "kill_timeout": "duration", "config": DOCKER, "env": ANY,
        "template": [TEMPLATE], "volume_mount": [{"volume": str, "destination": str, "read_only": bool}],
        "resources": {"cpu": int, "cores": int, "memory": int, "memory_max": int}}
UPDATE = {"max_parallel": int, "health_check": str, "min_healthy_time": "duration", "healthy_deadline": "duration",
          "progress_deadline": "duration", "auto_revert": bool, "auto_promote": bool, "canary": int, "stagger": "duration"}
MIGRATE = {"max_parallel": int, "health_check": str, "min_healthy_time": "duration", "healthy_deadline": "duration"}
GROUP = {"count": int, "shutdown_delay": "duration", "constraint": [{"attribute": str, "operator": str, "value": str}],
         "network": {"mode": str, "port*": {"to": int, "static": int, "host_network": str}},
         "restart": {"attempts": int, "interval": "duration", "delay": "duration", "mode": str},
         "ephemeral_disk": {"sticky": bool, "migrate": bool, "size": int}, "service": [SERVICE], "task*": TASK,
         "volume*": {"type": str, "source": str, "read_only": bool}, "update": UPDATE, "migrate": MIGRATE}
JOB = {"datacenters": list, "type": str, "namespace": str, "priority": int, "update": UPDATE, "migrate": MIGRATE, "group*": GROUP}
FILE = {"variable*": {"description": str, "default": ANY}, "job*": JOB}


def read(text):
    return hcl.loads(text)


def labelled(value):
    """Blocks with a label: pyhcl gives a list when there are several, else a map."""
    blocks = {}
    for entry in as_list(value):
        assert not blocks.keys() & entry.keys(), f"twice: {blocks.keys() & entry.keys()}"
        blocks.update(entry)
    return blocks


def as_list(value):
    return value if isinstance(value, list) else [value]


def mistakes(value, known=FILE, path="file"):
    """One sentence for each difference."""
    for name, entry in value.items():
        if f"{name}*" in known:
            for label, block in labelled(entry).items():
                yield from mistakes(block, known[f"{name}*"], f"{path}.{name}.{label}")
        elif name not in known:
            yield f"{path}: has no {name}"
        else:
            yield from of_entry(entry, known[name], f"{path}.{name}")


def of_entry(entry, kind, path):
    if isinstance(kind, list):
        for number, block in enumerate(as_list(entry)):
            yield from of_entry(block, kind[0], f"{path}[{number}]")
    elif isinstance(kind, dict):
        yield from mistakes(entry, kind, path) if isinstance(entry, dict) else [f"{path}: is not one block"]
    elif kind == "duration":
        if not re.fullmatch(r"(\d+(ms|s|m|h))+", str(entry)):
            yield f"{path}: {entry!r} is no duration"
    elif kind != ANY and type(entry) is not kind:
        yield f"{path}: {entry!r} is not a {kind.__name__}"


def with_variables(text, job):
    """References to variables are replaced by the defaults."""
    defaults = {name: block["default"] for name, block in labelled(job["variable"]).items()}
    return re.sub(r"\$\{var\.(\w+)\}", lambda found: defaults[found[1]], text)
