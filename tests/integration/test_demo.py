"""The first thing that a new user sees: scripts/demo tells its story, and leaves nothing behind."""

import os
import pty
import re
import select
import signal
import subprocess
from pathlib import Path

import pytest

from support.node import BINARIES, REPOSITORY
from support.processes import process_is_alive
from support.wait import stays_true, wait_until

DEMO = REPOSITORY / "scripts/demo"


class Demo:
    """scripts/demo with the executables that are tested; TMPDIR tells what it leaves behind."""

    def __init__(self, workplace, *arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE):
        self.directory = workplace.directory / "tmp"
        self.directory.mkdir()
        environment = {"PATH": os.environ["PATH"], "REDIS_ZK_BIN": str(BINARIES), "TMPDIR": str(self.directory),
                       "ZK_HOSTS": "a.host.of.the.users.shell:1"}
        self.process = subprocess.Popen([DEMO, *arguments], env=environment, stdin=stdin, stdout=stdout,
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
    assert meanwhile[:2] == ["down", "master"]
    assert re.search(r"node-\d is master in the place of node-\d: ZooKeeper names 127\.0\.0\.1:\d+ in term 2", story)
    assert len(re.findall(r"GET greeting\n  hello$", story, re.MULTILINE)) == 4
    assert re.search(r"Written by (redis-wrapper|watcher) \w+.*, because .*\.$", story, re.MULTILINE)
    named = re.findall(r"^  sentinel-\d  127\.0\.0\.1:\d+  (\S+)$", story, re.MULTILINE)
    assert len(named) == 6 and len(set(named[:3])) == 1 and set(named[:3]) != set(named[3:]), "another master"
    told = re.findall(r"^  watcher-\d  127\.0\.0\.1:\d+  sentinel-\d +(\d+) +(\S+), since term (\d)$", story, re.MULTILINE)
    assert [(master, term) for _, master, term in told] == [(named[0], "1")] * 2 + [(named[-1], "2")] * 2
    assert [events != "0" for events, _, _ in told] == [False, False, True, True], "they hear the fail-over"
    demo.assert_nothing_is_left()


def test_the_demo_says_how_long_each_step_of_the_fail_over_took(workplace):
    demo = Demo(workplace)
    story, errors = demo.process.communicate(timeout=120)
    assert demo.process.returncode == 0, story + errors
    steps = re.findall(r"^ +(\d+) ms  (.*)$", story, re.MULTILINE)
    times = {sentence: int(time) for time, sentence in steps}
    order = ["redis-server is gone", "misses the master", "find the master down", "hears of it from its sentinel", "has a quorum",
             "is elected", "has sent REPLICAOF NO ONE", "sees that it was promoted", "is the first to name",
             "the majority names", "has written the record", "watches the record", "opens it", "takes the first write"]
    took = {step: next(time for sentence, time in times.items() if step in sentence) for step in order}
    assert sorted(took.values()) == list(times.values()) and len(times) == len(order), story
    assert 1900 <= took["find the master down"] <= took["is elected"] <= took["has sent REPLICAOF NO ONE"] < 60000
    assert took["sees that it was promoted"] <= took["opens it"]
    assert took["has written the record"] <= took["opens it"] <= took["takes the first write"], "a promoted node is closed until then"
    assert re.search(r"ms  (watcher|node)-\d +has written the record", story), "everybody is called by name"
    of_the_new_master = set(re.findall(r"ms  (node-\d) +(?:its wrapper (?:sees|opens)|takes the first write)", story))
    assert len(of_the_new_master) == 1, "the same node is promoted, opened and written to"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_stays_until_it_is_interrupted(workplace, number):
    demo = Demo(workplace, "--stay")
    for line in demo.process.stdout:
        if "tail -f" in line:
            break
    assert demo.process.poll() is None and len(demo.processes()) >= 16  # itself, ZooKeeper, six wrappers, six servers, two watchers
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


# What the story says when a step begins, in their order.
STEPS = ["Starting ZooKeeper", "Starting three nodes", "Starting three sentinels", "Starting two watchers", "Writing a key",
         "Killing the wrapper of the master", "again, with its data, on the same address"]


def test_the_tour_explains_each_step_before_it_is_done(workplace):
    """Without a terminal nobody could press Enter: it goes on by itself, and ends as the story without a tour does."""
    demo = Demo(workplace, "--tour")
    story, errors = demo.process.communicate(timeout=120)
    assert (demo.process.returncode, errors) == (0, ""), story + errors
    parts = re.split(r"^=== (\d) of 7: .+$", story, flags=re.MULTILINE)[1:]
    assert parts[::2] == ["1", "2", "3", "4", "5", "6", "7"], story
    for text, step in zip(parts[1::2], STEPS):
        explanation, found, _ = text.partition(step)
        assert found and len(explanation.split()) > 30, f"{step} is explained before: {text}"
    assert "Press Enter" not in story
    demo.assert_nothing_is_left()


class Terminal:
    """What somebody in front of a terminal reads and types."""

    def __init__(self):
        self.ours, self.theirs = pty.openpty()
        self.text = ""

    def reads(self, words):
        """Returns when they are there."""
        while words not in self.text:
            ready, _, _ = select.select([self.ours], [], [], 60)
            assert ready, f"{words} does not come: {self.text}"
            self.text += os.read(self.ours, 4096).decode()
        self.text = self.text.partition(words)[2]

    def is_silent(self):
        return not self.text and not select.select([self.ours], [], [], 0)[0]

    def press_enter(self):
        os.write(self.ours, b"\n")

    def close(self):
        os.close(self.ours)
        os.close(self.theirs)


def test_on_a_terminal_the_tour_waits_for_enter_before_each_step(workplace):
    """And Ctrl-C ends it there as well."""
    terminal = Terminal()
    demo = Demo(workplace, "--tour", stdin=terminal.theirs, stdout=terminal.theirs)
    for number, step in enumerate(STEPS[:2], 1):
        terminal.reads(f"=== {number} of 7: ")
        terminal.reads("Press Enter to go on. ")
        stays_true(terminal.is_silent, 0.5, "nothing is said, and so nothing done, before Enter")
        terminal.press_enter()
        terminal.reads(step)
    terminal.reads("=== 3 of 7: ")
    terminal.reads("Press Enter to go on. ")
    demo.process.send_signal(signal.SIGINT)
    terminal.reads("Everything is stopped and removed.")
    assert demo.process.wait(30) == 128 + signal.SIGINT
    terminal.close()
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
