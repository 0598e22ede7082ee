"""What every test with servers needs of pytest: a place for what it starts, and another attempt when the host took the machine's time
away. A conftest imports the names; pytest finds them there."""

import pytest

from support import repeat
from support.machine import Machine
from support.servers import SearchPath
from support.workplace import Workplace

MACHINE = Machine()
SEARCH_PATH = SearchPath()


def pytest_sessionstart():
    SEARCH_PATH.enter()
    MACHINE.start()


def pytest_sessionfinish():
    MACHINE.stop()
    SEARCH_PATH.leave()


def pytest_runtest_protocol(item, nextitem):
    repeat.run(item, nextitem, MACHINE)
    return True


def pytest_terminal_summary(terminalreporter):
    lines = repeat.summary(report for reports in terminalreporter.stats.values() for report in reports)
    if lines:
        terminalreporter.section("repeated, because the host took the machine's time away")
        for line in lines:
            terminalreporter.write_line(line)


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
