"""Waiting for a condition, never for an amount of time: a test is as fast as what it tests, and says what did not happen."""

import threading
import time

NEVER_SET = threading.Event()

# Tests name what suffices on a quiet machine. One that is shared may be slower by this much, and then stands still for seconds: a
# deadline is there to end a hang, and measures nothing.
SLOWEST = 4


class NotInTime(AssertionError):
    """What was waited for did not happen; the message says what, and what the last look saw."""


def wait_until(condition, seconds, what, interval=0.03):
    """Looks until `condition()` is true and returns its value. An exception in it counts as "not yet": while servers
    start and stop, refused connections are ordinary. The last value or exception is part of the message."""
    seconds *= SLOWEST
    deadline = time.monotonic() + seconds
    while True:
        try:
            value, seen = condition(), None
            if value:
                return value
        except Exception as error:  # whatever it is, the next look may succeed
            value, seen = None, error
        if time.monotonic() >= deadline:
            saw = f"{type(seen).__name__}: {seen}" if seen is not None else repr(value)
            raise NotInTime(f"not within {seconds} s: {what} (last look: {saw})")
        NEVER_SET.wait(interval)


def stays_true(condition, seconds, what, interval=0.05):
    """The other direction, for "it does not ...": looks during all of `seconds`, and fails at the first exception. It
    proves an absence only for that long, so choose `seconds` from what would cause the change, not from taste."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert condition(), f"no longer true: {what}"
        NEVER_SET.wait(interval)
