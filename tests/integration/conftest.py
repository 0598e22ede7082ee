"""Fixtures of the integration tests. Run with Debian's Python: /usr/bin/python3 -m pytest tests/integration"""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from support.cluster import Cluster  # noqa: E402  (the line above makes it known)
from support.directory import Directory  # noqa: E402
from support.workplace import Workplace  # noqa: E402
from support.zookeeper import ZooKeeper  # noqa: E402


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed and report.when != "teardown":
        item.has_failed = True


@pytest.fixture
def workplace(request):
    """Where this test keeps everything that it starts. When it fails, the logs of all parts are shown."""
    place = Workplace()
    try:
        yield place
        if getattr(request.node, "has_failed", False):
            print(place.logs())
    finally:
        place.remove()
    assert not place.complaints, "\n".join(place.complaints)


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
    """What ZooKeeper holds about the cluster of this test, under a root of its own."""
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    return Directory(zookeeper_client, f"/{name}"[:100])


@pytest.fixture
def cluster(workplace, zookeeper, directory):
    return Cluster(workplace, zookeeper.hosts, directory)
