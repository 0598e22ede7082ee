"""The images, built and run. It takes root. Run with Debian's Python: /usr/bin/python3 -m pytest tests/images"""

import itertools
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]

from support import plugin  # noqa: E402
from support.directory import Directory  # noqa: E402
from support.plugin import (pytest_runtest_makereport, pytest_runtest_protocol, pytest_sessionfinish,  # noqa: E402, F401
                            pytest_sessionstart, workplace)
from support.workplace import Workplace  # noqa: E402
from support.zookeeper import ZooKeeper  # noqa: E402

from containers.store import BASE, EXECUTABLES, Store  # noqa: E402

ROOTS = itertools.count(1)
SIZES = []


def pytest_terminal_summary(terminalreporter):
    plugin.pytest_terminal_summary(terminalreporter)
    if SIZES:
        terminalreporter.section("sizes of the images")
        for line in SIZES:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def store():
    place = Workplace()
    store = None
    try:
        store = Store(place.directory)
        yield store
    finally:
        if store is not None:
            store.remove()
        place.remove()


@pytest.fixture(scope="session")
def images(store):
    """By the name of their executable; with the base, and what each has more than that."""
    images = {name: store.build(name) for name in EXECUTABLES}
    base = store.mounted(BASE).size()
    for image in images.values():
        image.above_base = image.size() - base
        SIZES.append(f"{image.name}: {image.above_base / 1e6:.1f} MB above the base of {base / 1e6:.1f} MB")
    return images


@pytest.fixture(scope="session")
def zookeeper():
    place = Workplace()
    try:
        yield ZooKeeper(place, "shared-zookeeper").start()
    finally:
        place.remove()


@pytest.fixture
def directory(zookeeper):
    """What ZooKeeper holds about the cluster of this test, under a root of its own."""
    client = zookeeper.client()
    yield Directory(client, f"/images-{next(ROOTS)}")
    client.stop()
    client.close()
