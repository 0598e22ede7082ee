"""systemd/: units that systemd takes, hardened, and files of options that the executables take."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from support import options
from support.node import BINARIES, INHERITED, REPOSITORY
from support.processes import free_port

FOLDER = REPOSITORY / "systemd"
EXECUTABLES = ("redis-wrapper", "sentinel-wrapper", "watcher")
UNITS = [f"redis-zk-{name}.service" for name in EXECUTABLES]

# The exposure that systemd computes, from 0 (none) to 10, times ten. A unit with User= and nothing else has more than 90.
MOST_EXPOSURE = 15

each = pytest.mark.parametrize("name", EXECUTABLES)


def settings(name):
    """Of the unit; the values of one that is there several times, together."""
    found = {}
    for key, value in re.findall(r"^(\w+)=(.*)$", (FOLDER / f"redis-zk-{name}.service").read_text(), re.MULTILINE):
        found[key] = f"{found[key]} {value}" if key in found else value
    return found


def environment(name):
    """As systemd fills in the directories: %S is that of state, %t that of what is needed at run time."""
    text = settings(name).get("Environment", "")
    return dict(word.replace("%S", "/var/lib").replace("%t", "/run").split("=", 1) for word in text.split())


@pytest.fixture
def root(tmp_path):
    """A folder in which systemd finds our units, something in the place of what they start, and the targets that it wants."""
    for folder in ("usr/bin", "etc/systemd/system", "usr/lib/systemd/system"):
        (tmp_path / folder).mkdir(parents=True)
    for name in EXECUTABLES:
        (tmp_path / "usr/bin" / name).touch(mode=0o755)
        shutil.copy(FOLDER / f"redis-zk-{name}.service", tmp_path / "etc/systemd/system")
    for pattern in ("*.target", "*.slice"):
        for file in Path("/usr/lib/systemd/system").glob(pattern):
            shutil.copy(file, tmp_path / "usr/lib/systemd/system", follow_symlinks=False)
    return tmp_path


def verify(root):
    return subprocess.run(["systemd-analyze", "verify", f"--root={root}", "--recursive-errors=one", *UNITS], capture_output=True,
                          text=True, timeout=60)


def test_systemd_finds_no_mistake_in_the_units(root):
    said = verify(root)
    assert (said.returncode, said.stderr) == (0, ""), said


@pytest.mark.parametrize("before, after, said", [("PrivateTmp=", "PrivateTemp=", "Unknown key 'PrivateTemp'"),
                                                 ("/usr/bin/watcher", "/usr/bin/watchr", "/usr/bin/watchr is not executable")])
def test_systemd_would_find_a_mistake(root, before, after, said):
    unit = root / "etc/systemd/system/redis-zk-watcher.service"
    unit.write_text(unit.read_text().replace(before, after))
    found = verify(root)
    assert found.returncode != 0 and said in found.stderr, found


@each
def test_a_unit_exposes_little(name):
    said = subprocess.run(["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSURE}", "--no-pager",
                           FOLDER / f"redis-zk-{name}.service"], capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stdout


@each
def test_a_unit_writes_to_its_own_directories_only(name):
    unit, made = settings(name), set()
    for kind, parent in (("StateDirectory", "/var/lib"), ("RuntimeDirectory", "/run")):
        if kind in unit:
            assert unit[f"{kind}Mode"] == "0700"
            made.add(f"{parent}/{unit[kind]}")
    assert made == set(environment(name).values()) and unit["ProtectSystem"] == "strict"
    assert set(environment(name)) == {option for option in ("DATA_DIR", "RUN_DIR") if option in options.defaults(name)}


@each
def test_a_unit_stops_its_wrapper_alone_and_gives_it_more_time_than_it_needs(name):
    unit = settings(name)
    assert unit["KillMode"] == "mixed" and options.seconds(unit["TimeoutStopSec"]) > options.time_to_stop(name, environment(name))


@each
def test_all_that_ends_is_started_again_but_not_a_mistake(name):
    unit = settings(name)
    assert (unit["Restart"], unit["RestartPreventExitStatus"], unit["StartLimitIntervalSec"]) == ("always", "2", "0")
    assert options.seconds(unit["RestartSec"]) >= 1


@each
def test_the_file_of_options_names_only_options_also_in_what_is_commented_out(name):
    path = settings(name)["ExecStart"].split()[-1]
    assert path == f"/etc/redis-zk/{name}.conf"
    named = re.findall(r"^#?([\w-]+) = ", (FOLDER / f"{name}.conf").read_text(), re.MULTILINE)
    assert named and set(named) - options.lines(name) == set()


@each
def test_the_executable_takes_the_file_of_options(name, tmp_path, zookeeper):
    """--check, with places and addresses of this machine."""
    here = {"BIND_IP": "127.0.0.1", "PORT0": free_port(), "HTTP_PORT": free_port(), "ZK_HOSTS": zookeeper.hosts, "ZK_ROOT": f"/{name}",
            "RUN_DIR": tmp_path / "run", "DATA_DIR": tmp_path / "data", "REDIS_CONF": REPOSITORY / "conf/redis.conf",
            "SENTINEL_CONF": REPOSITORY / "conf/sentinel.conf"}
    used = {option: str(value) for option, value in here.items() if option in options.defaults(name)}
    said = subprocess.run([BINARIES / name, "--config", FOLDER / f"{name}.conf", "--check"], env={**INHERITED, **used},
                          cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert said.returncode == 0 and "mistake" not in said.stdout, said
