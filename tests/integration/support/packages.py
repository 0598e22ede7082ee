"""The Debian packages: how cpack makes them, and what dpkg says about them."""

import subprocess
import tarfile
from io import BytesIO

from support.node import BINARIES

EXECUTABLES = ("redis-wrapper", "sentinel-wrapper", "watcher")
DEPENDENCIES = ("adduser", "redis-sentinel", "redis-server")

CONFFILES = {
    "redis-wrapper": {"/etc/redis-zk/redis-wrapper.conf", "/etc/redis-zk/redis.conf"},
    "sentinel-wrapper": {"/etc/redis-zk/sentinel-wrapper.conf", "/etc/redis-zk/sentinel.conf"},
    "watcher": {"/etc/redis-zk/watcher.conf"},
}


def build_packages(directory):
    subprocess.run(["cpack", "--config", BINARIES.parent / "CPackConfig.cmake", "-B", directory], capture_output=True, check=True,
                   timeout=120)
    found = {name: list(directory.glob(f"redis-zk-{name}_*.deb")) for name in EXECUTABLES}
    assert all(len(paths) == 1 for paths in found.values()), found
    return {name: paths[0] for name, paths in found.items()}


def field(package, name):
    return subprocess.run(["dpkg-deb", "--field", package, name], capture_output=True, text=True, check=True, timeout=30).stdout.strip()


def files(package):
    """Each as (its name, tarfile.TarInfo)."""
    data = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], capture_output=True, check=True, timeout=30).stdout
    with tarfile.open(fileobj=BytesIO(data)) as archive:
        return {member.name.removeprefix("."): member for member in archive}
