"""The first thing that a new user sees: scripts/demo tells its story, and leaves nothing behind."""

import os
import pty
import re
import signal
import subprocess
from pathlib import Path

import pytest

from support.node import BINARIES, REPOSITORY
from support.processes import process_is_alive
from support.wait import wait_until

DEMO = REPOSITORY / "scripts/demo"


class Demo:
    """scripts/demo with the executables that are tested; TMPDIR tells what it leaves behind."""

    def __init__(self, workplace, *arguments, stdout=subprocess.PIPE):
        self.directory = workplace.directory / "tmp"
        self.directory.mkdir()
        environment = {"PATH": os.environ["PATH"], "REDIS_ZK_BIN": str(BINARIES), "TMPDIR": str(self.directory),
                       "ZK_HOSTS": "a.host.of.the.users.shell:1"}
        self.process = subprocess.Popen([DEMO, *arguments], env=environment, stdin=subprocess.DEVNULL, stdout=stdout,
                                        stderr=subprocess.PIPE, text=True)
        workplace.add(self)

    def remove(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)
        for left in self.processes():  # the test has failed then
            os.kill(left, signal.SIGKILL)

    def processes(self):
        """Whatever has its directory in the arguments or in the environment, or works there, as redis-server does (which
        overwrites the other two)."""
        found = set()
        for process in Path("/proc").glob("[0-9]*"):
            try:
                traces = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
                traces += os.fsencode(os.readlink(process / "cwd"))
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
            if os.fsencode(self.directory) in traces and process_is_alive(process.name):
                found.add(int(process.name))
        return found

    def assert_nothing_is_left(self):
        wait_until(lambda: not self.processes(), 5, "no process of the demo is left")
        assert os.listdir(self.directory) == []


def test_the_demo_tells_its_story_and_leaves_nothing_behind(workplace):
    demo = Demo(workplace)
    story, errors = demo.process.communicate(timeout=120)
    assert (demo.process.returncode, errors) == (0, ""), story + errors
    roles = re.findall(r"^  node-\d  127\.0\.0\.1:\d+  (\w+)", story, re.MULTILINE)
    tables = [sorted(roles[start:start + 3]) for start in range(0, len(roles), 3)]
    first, meanwhile, last = tables
    assert first == last == ["master", "replica", "replica"]
    # They let go of the address of the dead master as soon as they know.
    assert meanwhile[0] == "down" and set(meanwhile[1:]) <= {"replica", "parked"}
    assert re.search(r"node-\d is master (again|in the place of node-\d): ZooKeeper names 127\.0\.0\.1:\d+ in term 2", story)
    assert len(re.findall(r"GET greeting\n  hello$", story, re.MULTILINE)) == 4
    demo.assert_nothing_is_left()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_stays_until_it_is_interrupted(workplace, number):
    demo = Demo(workplace, "--stay")
    for line in demo.process.stdout:
        if "tail -f" in line:
            break
    assert demo.process.poll() is None and len(demo.processes()) >= 8  # itself, ZooKeeper, three wrappers, three servers
    demo.process.send_signal(number)
    _, errors = demo.process.communicate(timeout=30)
    assert (demo.process.returncode, errors) == (0, "")
    demo.assert_nothing_is_left()


def test_on_a_terminal_the_demo_stays_and_starts_what_was_killed(workplace):
    ours, theirs = pty.openpty()
    demo = Demo(workplace, stdout=theirs)
    os.close(theirs)
    with open(ours, errors="replace") as terminal:
        killed = next(found for line in terminal if (found := re.search(r"kill -9 (\d+) ", line)))
        os.kill(int(killed[1]), signal.SIGKILL)
        assert next(line for line in terminal if "starting it again" in line)
        demo.process.send_signal(signal.SIGINT)
        assert next(line for line in terminal if "Everything is stopped and removed." in line)
    assert demo.process.wait(30) == 0
    demo.assert_nothing_is_left()


def test_an_interrupted_start_leaves_nothing_behind(workplace):
    demo = Demo(workplace)
    assert demo.process.stdout.readline() == "Starting ZooKeeper\n"
    demo.process.send_signal(signal.SIGINT)
    demo.process.communicate(timeout=30)
    assert demo.process.returncode == 128 + signal.SIGINT
    demo.assert_nothing_is_left()


def test_an_unknown_option_is_refused():
    answer = subprocess.run([DEMO, "--sta"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10)
    assert answer.returncode == 2 and "no option is called --sta" in answer.stderr
