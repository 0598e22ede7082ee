"""The tests of the Debian packages. They need root, and a build that is not the sanitizers'. Run with Debian's Python:
/usr/bin/python3 -m pytest tests/packages"""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "integration")]

from support.debian_root import DebianRoot  # noqa: E402  (the line above makes it known)
from support.packages import DEPENDENCIES, build_packages  # noqa: E402
from support.plugin import (pytest_runtest_makereport, pytest_runtest_protocol, pytest_sessionfinish,  # noqa: E402, F401
                            pytest_sessionstart, pytest_terminal_summary, workplace)
from support.workplace import Workplace  # noqa: E402
from support.zookeeper import ZooKeeper  # noqa: E402


@pytest.fixture(scope="session")
def place():
    place = Workplace()
    try:
        yield place
    finally:
        place.remove()


@pytest.fixture(scope="session")
def packages(place):
    return build_packages(place.directory / "packages")


@pytest.fixture(scope="session")
def newer_package(place):
    """Of redis-wrapper, as it is after a release."""
    return build_packages(place.directory / "newer", ["redis-wrapper"], "99.0.0")["redis-wrapper"]


@pytest.fixture(scope="session")
def zookeeper(place):
    return ZooKeeper(place, "zookeeper").start()


@pytest.fixture(scope="module")
def debian(place, packages, request):
    """A fresh machine for the tests of a file, with the packages of Debian that ours need, and ours lying in /packages."""
    root = DebianRoot(place.directory / request.module.__name__, DEPENDENCIES)
    root.path("/packages").mkdir()
    for package in packages.values():
        root.put(package, f"/packages/{package.name}")
    yield root
    root.remove()
