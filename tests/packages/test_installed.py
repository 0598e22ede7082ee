"""A machine on which the packages were just installed. No test here changes anything that another one sees."""

import stat
import subprocess

import pytest

from support.packages import EXECUTABLES, install, make_directories
from support.processes import free_port


@pytest.fixture(scope="module")
def installed(debian):
    install(debian)
    return debian


def as_the_unit_starts_it(name):
    """Its options in the file, its directories from the unit."""
    directories = {"redis-wrapper": {"DATA_DIR": "/var/lib/redis-zk", "RUN_DIR": "/run/redis-zk-redis-wrapper"},
                   "sentinel-wrapper": {"RUN_DIR": "/run/redis-zk-sentinel-wrapper"}, "watcher": {}}
    return [f"/usr/bin/{name}", "--config", f"/etc/redis-zk/{name}.conf"], directories[name]


def test_the_user_is_a_system_user_without_a_shell_whose_passwords_nobody_else_reads(installed):
    user = installed.must("getent", "passwd", "redis-zk").strip().split(":")
    assert int(user[2]) < 1000 and user[5:] == ["/nonexistent", "/usr/sbin/nologin"]
    folder = installed.path("/etc/redis-zk").stat()
    assert stat.S_IMODE(folder.st_mode) == 0o750 and (folder.st_uid, folder.st_gid) == (0, int(user[3]))


@pytest.mark.parametrize("name", EXECUTABLES)
def test_an_executable_starts_as_that_user(installed, name):
    assert installed.must(name, "--version", user="redis-zk").startswith(f"{name} ")


@pytest.mark.parametrize("name", EXECUTABLES)
def test_the_configuration_of_the_package_needs_nothing_but_an_address(installed, zookeeper, name):
    """And ZooKeeper's, which is localhost:2181 there. --check starts the server with the file that is named in it."""
    command, environment = as_the_unit_starts_it(name)
    make_directories(installed, environment)
    said = installed.run(*command, "--check", user="redis-zk", BIND_IP="127.0.0.1", ZK_HOSTS=zookeeper.hosts, ZK_ROOT=f"/{name}",
                         PORT0=free_port(), HTTP_PORT=free_port(), **environment)
    assert said.returncode == 0 and "mistake" not in said.stdout and "ok: ZooKeeper" in said.stdout, said


def test_what_the_check_of_the_package_would_refuse_is_told(installed):
    """The test above can fail: a conffile with a mistake is one."""
    conffile = installed.path("/etc/redis-zk/watcher.conf")
    conffile.with_name("mistaken.conf").write_text(conffile.read_text() + "no-such-option = 1\n")
    said = installed.run("watcher", "--config", "/etc/redis-zk/mistaken.conf", "--check", user="redis-zk", BIND_IP="127.0.0.1")
    assert said.returncode == 2 and "no-such-option" in said.stdout + said.stderr, said


@pytest.mark.parametrize("name", EXECUTABLES)
def test_a_unit_is_installed_and_not_enabled(installed, name):
    said = subprocess.run(["systemctl", f"--root={installed.directory}", "is-enabled", f"redis-zk-{name}.service"],
                          capture_output=True, text=True, timeout=30)
    assert said.stdout == "disabled\n", said


def test_systemd_finds_no_mistake_in_the_installed_units(installed):
    """In the folder, so that it sees whether what a unit starts is there. Its own units come from this machine."""
    own = installed.path("/usr/lib/systemd/system")
    subprocess.run("cp --no-clobber /lib/systemd/system/*.target /lib/systemd/system/*.slice .", shell=True, cwd=own, check=True)
    said = subprocess.run(["systemd-analyze", "verify", f"--root={installed.directory}", "--recursive-errors=one",
                           *(f"redis-zk-{name}.service" for name in EXECUTABLES)], capture_output=True, text=True, timeout=60)
    assert (said.returncode, said.stderr) == (0, ""), said
