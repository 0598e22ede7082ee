""".ci/run counts what scripts/test says, and then looks at what the tests left behind."""

import os
import shutil
import signal
import subprocess

import pytest

from support.node import REPOSITORY


@pytest.fixture
def run(workplace):
    """.ci/run with a scripts/test that does what it is told; gives back its exit status and what it said."""
    root = workplace.directory / "repository"
    for folder in (".ci", "scripts"):
        (root / folder).mkdir(parents=True)
    shutil.copy(REPOSITORY / ".ci/run", root / ".ci/run")
    left = root / "left"

    def run(script):
        (root / "scripts/test").write_text(f"#!/usr/bin/env bash\n{script}\n")
        (root / "scripts/test").chmod(0o755)
        said = subprocess.run([root / ".ci/run"], env={"PATH": os.environ["PATH"], "LEFT": str(left)}, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        return said.returncode, said.stdout

    yield run
    if left.exists():
        os.kill(int(left.read_text()), signal.SIGKILL)


def test_it_counts_the_tests_and_one_for_what_is_left(run):
    status, said = run("echo '41 passed, 0 failed'")
    assert (status, said.splitlines()[-2:]) == (0, ["nothing was left behind", "42 passed, 0 failed"])


@pytest.mark.parametrize("script", ["exit 1", "echo 'a word that is no count'", "echo '3 passed, 0 failed'; exit 1",
                                    "echo '3 passed, 1 failed'; exit 1", "kill -9 $$"])
def test_it_fails_when_a_test_does_or_nothing_says_that_none_did(run, script):
    status, said = run(script)
    assert status == 1 and said.splitlines()[-1].endswith(", 1 failed"), said


@pytest.mark.parametrize("process", [
    "sleep 60",  # it inherits the environment
    "env -i sleep 60",  # it does not, but works in the folder of temporary files
    "env -i --chdir=/ tail -f /dev/null $TMPDIR/log",  # has it in its arguments
])
def test_a_process_that_is_left_behind_is_a_failure(run, process):
    """P6. However it hides: a server overwrites what it was started with."""
    started = "[[ $(cat /proc/$(cat $LEFT)/comm) =~ ^(sleep|tail)$ ]]"
    status, said = run(f"(cd $TMPDIR; echo $BASHPID >$LEFT; exec setsid {process}) &\n"
                       f"until {started}; do sleep 0.01; done 2>/dev/null\necho '3 passed, 0 failed'")
    assert (status, said.splitlines()[-1]) == (1, "3 passed, 1 failed"), said
    assert any(line.startswith("process ") for line in said.splitlines()), said


def test_a_file_that_is_left_behind_is_a_failure(run):
    status, said = run("touch $TMPDIR/forgotten; echo '3 passed, 0 failed'")
    assert (status, said.splitlines()[-1]) == (1, "3 passed, 1 failed"), said
    assert "in the folder of temporary files: forgotten" in said
