"""The life of the packages on a machine: configured, installed again, replaced by newer ones, removed, purged."""

import pytest

from support.packages import CONFFILES, EXECUTABLES, install, make_directories

ALL_CONFFILES = set().union(*CONFFILES.values())


@pytest.fixture
def installed(debian):
    """All three, as an administrator gets them; removed without a trace afterwards."""
    install(debian)
    yield debian
    debian.must("dpkg", "--purge", *(f"redis-zk-{name}" for name in EXECUTABLES))


@pytest.fixture
def asked(installed):
    """systemd seems to run, and a program in the place of systemctl notes what is asked of it."""
    running, program, policy = (installed.path(name) for name in ("/run/systemd/system", "/usr/bin/systemctl", "/usr/sbin/policy-rc.d"))
    running.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$@" >>/asked\n')
    program.chmod(0o755)
    forbidding = policy.rename(policy.with_suffix(".away"))
    yield lambda: installed.path("/asked").read_text().splitlines()
    forbidding.rename(policy)
    for path in (program, installed.path("/asked")):
        path.unlink()
    running.rmdir()


def test_what_the_administrator_has_written_survives_another_installation(installed):
    edited = {name: installed.path(name) for name in ALL_CONFFILES}
    for path in edited.values():
        path.write_text(path.read_text() + "# edited\n")
    install(installed)
    assert all(path.read_text().endswith("# edited\n") for path in edited.values())


def test_a_newer_version_restarts_nothing_and_leaves_configuration_and_data(installed, asked, newer_package):
    """An upgrade may come to all hosts at once: whoever does it restarts one node after the other."""
    data = installed.path("/var/lib/redis-zk/appendonly.aof")
    make_directories(installed, {"DATA_DIR": "/var/lib/redis-zk"})
    data.write_text("somebody's")
    conffile = installed.path("/etc/redis-zk/redis-wrapper.conf")
    conffile.write_text(conffile.read_text() + "# edited\n")
    installed.put(newer_package, "/newer.deb")
    installed.must("dpkg", "--install", "/newer.deb")
    assert installed.must("dpkg-query", "--show", "--showformat=${Version}", "redis-zk-redis-wrapper") == "99.0.0"
    assert conffile.read_text().endswith("# edited\n") and data.read_text() == "somebody's"
    assert asked() and all("daemon-reload" in line for line in asked()), asked()
    data.unlink()


def test_a_service_is_stopped_before_its_package_is_removed(installed, asked):
    installed.must("dpkg", "--remove", "redis-zk-redis-wrapper")
    stopped, = [line for line in asked() if "stop" in line]
    assert stopped.endswith("redis-zk-redis-wrapper.service") and asked().index(stopped) == 0


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
