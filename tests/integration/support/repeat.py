"""A test that fails while the host takes the machine's time away says nothing about what it tests, so it is run once more when the
machine is let alone. Only then: a failure on a machine that ran is a failure. The summary names each that was repeated, and why."""

import time

from _pytest.runner import call_and_report

from support.machine import TOO_MUCH

ATTEMPTS = 3
NOTE = "repeated"


def run(item, nextitem, machine):
    """What pytest_runtest_protocol does, up to ATTEMPTS times."""
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for attempt in range(1, ATTEMPTS + 1):
        began = time.monotonic()
        item.has_failed = False
        reports = [call_and_report(item, "setup", log=False)]
        if reports[0].passed:
            reports.append(call_and_report(item, "call", log=False))
        has_failed = any(report.failed for report in reports)
        share = machine.most_stolen(began)
        again = has_failed and share >= TOO_MUCH and attempt < ATTEMPTS
        # Nothing of the attempt may be left, the servers that tests share included.
        reports.append(call_and_report(item, "teardown", log=False, nextitem=None if again else nextitem))
        if not again:
            break
        item.user_properties.append((NOTE, f"the host took {100 * share:.0f} % of the machine's time"))
        machine.wait_for_calm()
        item._initrequest()  # as pytest does for a new item: the fixtures of the attempt are gone
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)


def summary(reports):
    """A line for each test that was repeated."""
    lines = {}
    for report in reports:
        why = [text for name, text in getattr(report, "user_properties", ()) if name == NOTE]
        if why:
            lines[report.nodeid] = f"{report.nodeid}: {'; '.join(why)}"
    return sorted(lines.values())
