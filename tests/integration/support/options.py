"""What an executable says about its options, for files that set them: definitions for schedulers, units."""

import re
import subprocess
from functools import lru_cache

from support.node import BINARIES, INHERITED, REPOSITORY
from support.processes import free_port

UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}

# A flag with its value, the name in the environment, the name in the file, the default.
LINE = re.compile(r"^  --(?P<flag>[\w-]+)(?: [A-Z]+)? +(?P<environment>[A-Z0-9_]+)(?P<secret>\[_FILE\])? +(?P<line>[\w-]+) +(?P<default>\S.*)$")


@lru_cache(maxsize=None)
def described(executable):
    """One match of LINE for each option."""
    text = subprocess.run([BINARIES / executable, "--help"], capture_output=True, text=True, check=True, timeout=20).stdout
    found = list(filter(None, map(LINE.match, text.splitlines())))
    assert len(found) > 10, text
    return found


def defaults(executable):
    """By the name in the environment. A secret has two: its value, and the file that holds it."""
    options = {}
    for option in described(executable):
        options[option["environment"]] = option["default"]
        if option["secret"]:
            options[option["environment"] + "_FILE"] = option["default"]
    return options


def lines(executable):
    """The names in the file."""
    return {option["line"] for option in described(executable)}


def secrets(executable):
    """Their names in the environment, of the value and not of the file."""
    return {name for name in defaults(executable) if f"{name}_FILE" in defaults(executable)}


def seconds(duration):
    """0, 300ms, 10s, 2m, 1h."""
    found = re.fullmatch(r"(\d+)([a-z]*)", duration)
    assert found, duration
    return int(found[1]) * UNITS[found[2] or "s"]


def time_to_stop(executable, environment):
    """The longest that it takes after SIGTERM, as it is configured, in seconds. To hand over is a part of STOP_TIMEOUT; it is
    counted all the same, for those who give HANDOVER_TIMEOUT more than half of that."""
    names = ("DRAIN", "HANDOVER_TIMEOUT", "STOP_TIMEOUT", "HOOK_TIMEOUT")
    configured = {**defaults(executable), **environment}
    return sum(seconds(configured[name]) for name in names if name in configured)


def check(executable, environment, directory, zookeeper):
    """What --check says about these values. Places, addresses and ports are replaced: what they are there is not there here."""
    directory.mkdir(exist_ok=True)
    (directory / "password").write_text("a password\n")
    (directory / "password").chmod(0o600)
    here = {"BIND_IP": "127.0.0.1", "PORT0": free_port(), "HTTP_PORT": free_port(), "ZK_HOSTS": zookeeper.hosts,
            "DATA_DIR": directory / "data", "RUN_DIR": directory / "run", "REDIS_PASSWORD_FILE": directory / "password",
            "REDIS_CONF": REPOSITORY / "conf/redis.conf", "SENTINEL_CONF": REPOSITORY / "conf/sentinel.conf"}
    used = {**environment, **{name: str(value) for name, value in here.items() if name in environment}}
    return subprocess.run([BINARIES / executable, "--check"], env={**INHERITED, **used}, cwd=directory, capture_output=True,
                          text=True, timeout=60)
