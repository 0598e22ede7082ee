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


def build_packages(directory, names=EXECUTABLES, version=None):
    """The path of each package, by the name of its executable."""
    arguments = ["-D", f"CPACK_COMPONENTS_ALL={';'.join(names)}", *(["-R", version] if version else [])]
    subprocess.run(["cpack", "--config", BINARIES.parent / "CPackConfig.cmake", "-B", directory, *arguments], capture_output=True,
                   check=True, timeout=300)
    packages = {}
    for name in names:
        packages[name], = directory.glob(f"redis-zk-{name}_*.deb")
    return packages


def field(package, name):
    return subprocess.run(["dpkg-deb", "--field", package, name], capture_output=True, text=True, check=True, timeout=30).stdout.strip()


def files(package):
    """Each as (its name, tarfile.TarInfo)."""
    data = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], capture_output=True, check=True, timeout=30).stdout
    with tarfile.open(fileobj=BytesIO(data)) as archive:
        return {member.name.removeprefix("."): member for member in archive}


def install(debian):
    """All three that lie in /packages."""
    paths = [f"/packages/{path.name}" for path in debian.path("/packages").iterdir()]
    debian.must("apt-get", "install", "--yes", "--quiet=2", "--no-install-recommends", "--reinstall", *paths)


def make_directories(debian, environment):
    """As systemd does for StateDirectory and RuntimeDirectory."""
    for directory in environment.values():
        debian.must("install", "--directory", "--owner=redis-zk", "--group=redis-zk", "--mode=0700", directory)
