"""The scripts that people and the continuous integration call: what they say, what they refuse, and what they leave alone."""

import os
import subprocess

import pytest

from support.node import REPOSITORY

PACKAGES = subprocess.run([REPOSITORY / "scripts/setup", "--help"], capture_output=True, text=True, check=True,
                          timeout=20).stdout.split(":\n", 1)[1].split()


class Debian:
    """A machine with these packages, as scripts/setup sees it: programs of ours in front of PATH stand for Debian's, and
    note what is asked of them. Nothing is installed or written outside of `directory`."""

    def __init__(self, directory, installed):
        self.programs, self.called = directory / "programs", directory / "called"
        self.programs.mkdir()
        self.called.touch()
        lines = "".join(f"ii  {name} \n" for name in installed)
        (directory / "installed").write_text(lines)
        self.program("dpkg-query", f'cat "{directory}/installed"')
        for name in ("apt-get", "systemctl", "tee", "chmod", "rm"):
            self.program(name, f'echo {name} "$@" >>"{self.called}"')
        self.program("sudo", '"$@"')

    def program(self, name, script):
        (self.programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.programs / name).chmod(0o755)

    def set_up(self, *groups):
        environment = {**os.environ, "PATH": f"{self.programs}:{os.environ['PATH']}"}
        return subprocess.run([REPOSITORY / "scripts/setup", *groups], env=environment, capture_output=True, text=True, timeout=20)

    def calls(self, name):
        return [line.split()[1:] for line in self.called.read_text().splitlines() if line.split()[0] == name]


def test_setup_does_nothing_and_says_nothing_when_all_packages_are_there(tmp_path):
    """A second run."""
    debian = Debian(tmp_path, PACKAGES)
    said = debian.set_up()
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    assert debian.called.read_text() == ""


def test_setup_says_what_it_installs_and_installs_only_that(tmp_path):
    missing = ["zookeeper", "libgtest-dev"]
    debian = Debian(tmp_path, [name for name in PACKAGES if name not in missing])
    said = debian.set_up()
    assert said.returncode == 0 and said.stdout == f"setup: installing {' '.join(missing)}\n", said
    update, install = debian.calls("apt-get")
    assert update[0] == "update"
    assert install[0] == "install" and [word for word in install[1:] if not word.startswith("-")] == missing


def test_setup_installs_only_the_groups_that_are_named(tmp_path):
    """The build stage of the images needs no servers and no tests."""
    missing = ["g++", "libhiredis-dev", "zookeeper", "libgtest-dev"]
    debian = Debian(tmp_path, [name for name in PACKAGES if name not in missing])
    said = debian.set_up("compilers", "libraries")
    assert said.returncode == 0 and said.stdout == "setup: installing g++ libhiredis-dev\n", said


def test_setup_refuses_a_group_that_it_does_not_know(tmp_path):
    debian = Debian(tmp_path, [])
    said = debian.set_up("libraries", "compiler")
    assert (said.returncode, said.stdout, said.stderr) == (2, "", "setup: no group is called compiler\n")
    assert debian.called.read_text() == ""


def test_setup_counts_a_package_that_provides_another_and_none_that_was_removed(tmp_path):
    debian = Debian(tmp_path, [name for name in PACKAGES if name not in ("g++", "curl")])
    with open(tmp_path / "installed", "a") as installed:
        installed.write("ii  g++-12 g++, c++-compiler (= 4:12.2.0)\nrc  curl \n")
    said = debian.set_up()
    assert said.stdout == "setup: installing curl\n", said


def test_setup_ends_with_the_status_of_an_installation_that_fails(tmp_path):
    debian = Debian(tmp_path, [name for name in PACKAGES if name != "curl"])
    debian.program("apt-get", "echo no network >&2; exit 100")
    said = debian.set_up()
    assert said.returncode == 100 and "no network" in said.stderr, said


def run(*command):
    return subprocess.run([REPOSITORY / command[0], *command[1:]], capture_output=True, text=True, timeout=20)


@pytest.mark.parametrize("arguments, said", [
    (["unti"], "no part is called unti"), (["unit", "--no-such-option"], "no part is called --no-such-option"),
    (["unit", "-R"], "-R: the value is missing"), (["--seeds"], "--seeds: the value is missing"),
], ids=["misspelt part", "unknown option", "-R without value", "--seeds without value"])
def test_the_tests_refuse_what_they_do_not_know_before_anything_is_built(arguments, said):
    result = run("scripts/test", *arguments)
    assert result.returncode == 2 and f"test: {said}\n" in result.stderr and result.stdout == "", result


def test_the_demo_refuses_what_it_does_not_know_before_anything_is_built():
    result = run("scripts/demo", "--no-such-option")
    assert result.returncode == 2 and "no option is called --no-such-option" in result.stderr and result.stdout == "", result


def test_chaos_tells_all_mistakes_before_anything_is_built():
    result = run("scripts/chaos", "--seed", "-1", "--minutes", "0", "--again", "--from")
    assert (result.returncode, result.stdout) == (2, ""), result
    assert result.stderr.splitlines() == ["chaos: --seed: '-1' is not a whole number of at most 18 digits",
                                          "chaos: --minutes: '0' is not a number of minutes above 0",
                                          "chaos: no option is called --again", "chaos: --from: the value is missing"]


@pytest.mark.parametrize("script", ["setup", "build", "test", "demo", "chaos"])
def test_every_script_explains_itself(script):
    result = run(f"scripts/{script}", "--help")
    assert result.returncode == 0 and result.stdout.startswith(f"Usage: scripts/{script}") and result.stderr == "", result
