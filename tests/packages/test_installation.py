"""The life of the packages on a machine: installed, edited, installed again, removed, purged."""

import stat
import subprocess

import pytest

from support.packages import CONFFILES, EXECUTABLES
from support.processes import free_port

ALL_CONFFILES = set().union(*CONFFILES.values())


@pytest.fixture
def installed(debian):
    """All three, as an administrator gets them; removed without a trace afterwards."""
    install(debian)
    yield debian
    debian.must("dpkg", "--purge", *(f"redis-zk-{name}" for name in EXECUTABLES))


def install(debian):
    paths = [f"/packages/{path.name}" for path in debian.path("/packages").iterdir()]
    debian.must("apt-get", "install", "--yes", "--quiet=2", "--no-install-recommends", "--reinstall", *paths)


def as_the_unit_starts_it(name):
    """Its options in the file, its directories from the unit."""
    directories = {"redis-wrapper": {"DATA_DIR": "/var/lib/redis-zk", "RUN_DIR": "/run/redis-zk-redis-wrapper"},
                   "sentinel-wrapper": {"RUN_DIR": "/run/redis-zk-sentinel-wrapper"}, "watcher": {}}
    return [f"/usr/bin/{name}", "--config", f"/etc/redis-zk/{name}.conf"], directories[name]


def make_directories(debian, environment):
    """As systemd does for StateDirectory and RuntimeDirectory."""
    for directory in environment.values():
        debian.must("install", "--directory", "--owner=redis-zk", "--group=redis-zk", "--mode=0700", directory)


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
    installed.path("/etc/redis-zk/watcher.conf").write_text("no-such-option = 1\n")
    said = installed.run("watcher", "--config", "/etc/redis-zk/watcher.conf", "--check", user="redis-zk", BIND_IP="127.0.0.1")
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


def test_what_the_administrator_has_written_survives_another_installation(installed):
    edited = {name: installed.path(name) for name in ALL_CONFFILES}
    for path in edited.values():
        path.write_text(path.read_text() + "# edited\n")
    install(installed)
    assert all(path.read_text().endswith("# edited\n") for path in edited.values())


def test_a_removed_package_leaves_its_configuration_and_nothing_else(installed):
    before = {path for name in EXECUTABLES for path in installed.must("dpkg", "--listfiles", f"redis-zk-{name}").split("\n")}
    installed.must("dpkg", "--remove", *(f"redis-zk-{name}" for name in EXECUTABLES))
    left = {path for path in before if path and installed.path(path).is_file()}
    assert left == ALL_CONFFILES


def test_a_purge_takes_the_configuration_and_never_the_data(installed):
    data = installed.path("/var/lib/redis-zk")
    make_directories(installed, {"DATA_DIR": "/var/lib/redis-zk"})
    (data / "appendonly.aof").write_text("somebody's")
    installed.must("dpkg", "--purge", "redis-zk-redis-wrapper")
    assert not any(installed.path(name).exists() for name in CONFFILES["redis-wrapper"])
    assert installed.path("/etc/redis-zk/watcher.conf").exists(), "another package's"
    assert (data / "appendonly.aof").read_text() == "somebody's"
    (data / "appendonly.aof").unlink()


def test_a_purge_of_all_leaves_no_folder(installed):
    installed.must("dpkg", "--purge", *(f"redis-zk-{name}" for name in EXECUTABLES))
    for folder in ("/etc/redis-zk", "/var/lib/redis-zk", *(f"/usr/share/doc/redis-zk-{name}" for name in EXECUTABLES)):
        assert not installed.path(folder).exists(), folder
