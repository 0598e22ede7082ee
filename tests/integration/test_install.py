"""What `cmake --install` puts into place is enough: nothing of the build tree or of the repository is needed to run it."""

import os
import re
import subprocess

import pytest

from support.node import BINARIES, INHERITED, REPOSITORY, Node
from support.processes import free_port

EXECUTABLES = ("redis-wrapper", "sentinel-wrapper", "watcher")

LIBRARIES_OF_A_RELEASE = {"libc", "ld-linux-x86-64"}


@pytest.fixture
def installed(workplace):
    """The prefix of an installation."""
    prefix = workplace.directory / "prefix"
    subprocess.run(["cmake", "--install", BINARIES.parent, "--prefix", prefix], capture_output=True, check=True, timeout=60)
    return prefix


class InstalledNode(Node):
    prefix = None  # of its installation

    def command(self):
        return [self.prefix / "bin/redis-wrapper", *self.arguments]


def run(program, *arguments, **environment):
    """In a place that has nothing of the repository."""
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=30, cwd="/",
                          env={**INHERITED, **{name: str(value) for name, value in environment.items()}})


def test_an_installation_has_the_executables_the_examples_and_the_texts(installed):
    files = {str(path.relative_to(installed)) for path in installed.rglob("*") if path.is_file()}
    examples = {f"share/redis-zk/{path.relative_to(REPOSITORY)}" for folder in ("conf", "kubernetes", "marathon", "nomad", "systemd")
                for path in (REPOSITORY / folder).rglob("*") if path.is_file()}
    assert files >= {f"bin/{name}" for name in EXECUTABLES} | examples | {
        "share/doc/redis_zk/README.md", "share/doc/redis_zk/docs/options.md", "share/doc/redis_zk/ARCHITECTURE.md", "share/doc/redis_zk/LICENSE"}
    assert all(name.startswith(("bin/", "share/")) for name in files), "no library, no header, nothing that belongs to a Debian package"
    assert all(os.access(installed / "bin" / name, os.X_OK) for name in EXECUTABLES)
    for name in examples:
        assert (installed / name).read_text() == (REPOSITORY / name.removeprefix("share/redis-zk/")).read_text()


@pytest.mark.parametrize("name", EXECUTABLES)
def test_an_installed_executable_finds_its_libraries_without_the_build_tree(installed, name):
    dynamic = subprocess.run(["readelf", "--dynamic", installed / "bin" / name], capture_output=True, text=True, check=True).stdout
    assert "RPATH" not in dynamic and "RUNPATH" not in dynamic
    needed = {library.split(".so")[0] for library in re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)}
    if BINARIES.parent.name == "release":
        assert needed <= LIBRARIES_OF_A_RELEASE, "what the README says"
    said = run(installed / "bin" / name, "--version")
    assert said.returncode == 0 and said.stdout.startswith(f"{name} "), said


@pytest.mark.parametrize("name, option, example", [("redis-wrapper", "REDIS_CONF", "redis.conf"),
                                                   ("sentinel-wrapper", "SENTINEL_CONF", "sentinel.conf")])
def test_an_installed_executable_takes_the_installed_example(installed, workplace, zookeeper, directory, name, option, example):
    """--check starts a server with it and asks ZooKeeper."""
    said = run(installed / "bin" / name, "--check", BIND_IP="127.0.0.1", PORT0=free_port(), ZK_HOSTS=zookeeper.hosts,
               ZK_ROOT=directory.root, RUN_DIR=workplace.directory / "run", **{option: installed / "share/redis-zk/conf" / example})
    assert said.returncode == 0 and "ok: configuration" in said.stdout and "mistake" not in said.stdout, said


def test_an_installed_cluster_works_with_the_installed_example(cluster, workplace, zookeeper, directory, installed):
    example = installed / "share/redis-zk/conf/redis.conf"
    for number in (1, 2):
        node = InstalledNode(workplace, zookeeper.hosts, directory.root, f"node-{number}", redis_conf=example)
        node.prefix = installed
        cluster.nodes.append(node.start())
    master = cluster.wait_until_writable()
    cluster.wait_until_same_data()
    assert directory.record() == master.address
