"""Fixtures of the integration tests. Run with Debian's Python: /usr/bin/python3 -m pytest tests/integration"""

import itertools
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from support.cluster import Cluster  # noqa: E402  (the line above makes it known)
from support.directory import Directory  # noqa: E402
from support.network import Network  # noqa: E402
from support.npm import install  # noqa: E402
from support.plugin import (pytest_runtest_makereport, pytest_runtest_protocol, pytest_sessionfinish,  # noqa: E402, F401
                            pytest_sessionstart, pytest_terminal_summary, workplace)
from support.workplace import Workplace  # noqa: E402
from support.zookeeper import ZooKeeper  # noqa: E402

ROOTS = itertools.count(1)


@pytest.fixture(scope="session")
def zookeeper():
    """One server for all tests that do not hurt it; each test has its own root in it."""
    place = Workplace()
    try:
        yield ZooKeeper(place, "shared-zookeeper").start()
    finally:
        place.remove()


@pytest.fixture(scope="session")
def zookeeper_client(zookeeper):
    client = zookeeper.client(session_timeout=30)
    yield client
    client.stop()
    client.close()


@pytest.fixture
def directory(zookeeper_client, request):
    """What ZooKeeper holds about the cluster of this test, under a root of its own: tests of two files may have one name."""
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    return Directory(zookeeper_client, f"/{next(ROOTS)}-{name}"[:100])


@pytest.fixture(scope="session")
def npm_packages(tmp_path_factory):
    """A directory with the clients that come from npm."""
    return install(tmp_path_factory.mktemp("npm"))


@pytest.fixture
def network():
    """Two hosts, a near and a far one."""
    with Network() as network:
        yield network


@pytest.fixture
def cluster(workplace, zookeeper, directory):
    return Cluster(workplace, zookeeper.hosts, directory)
