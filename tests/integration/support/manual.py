"""A terminal in which a test types the blocks of a document that go on from each other: with variables, and words that they define."""

import os
import re
import subprocess

from support.node import BINARIES, REPOSITORY
from support.processes import Process

SECONDS_FOR_A_BLOCK = 120


class Terminal:
    """`paths`: what stands in the page -> what the test has in its place. Nothing else is changed in a command."""

    def __init__(self, workplace, paths):
        self.workplace, self.paths, self.known = workplace, paths, []
        self.environment = {"PATH": f"{BINARIES}:{os.environ['PATH']}", "HOME": str(workplace.directory), "TMPDIR": str(workplace.directory),
                            "CLIENT_JVMFLAGS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}  # zkCli.sh lives for a second

    def set(self, block, **values):
        """A block of `export NAME=example`, with values of the test's own."""
        names = re.findall(r"\b([A-Z_]+)=", block)
        assert set(names) == set(values), "the page and the test know the same variables"
        self.environment.update({name: str(value) for name, value in values.items()})

    def learn(self, block):
        """Words that the next blocks use."""
        self.run(block)
        self.known.append(self._with_paths(block))

    def _with_paths(self, block):
        for of_the_page, of_the_test in self.paths.items():
            block = block.replace(of_the_page, str(of_the_test))
        return block

    def run(self, block):
        """What it prints."""
        text = "\n".join([*self.known, self._with_paths(block)])
        done = subprocess.run(["bash", "-c", text], env=self.environment, cwd=REPOSITORY, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS_FOR_A_BLOCK)
        return done.stdout

    def start(self, name, block, **environment):
        """It stays, as in a terminal of its own, which is on another host: with its own files, and variables."""
        directory = self.workplace.directory / name
        directory.mkdir(exist_ok=True)
        own = {**self.environment, "TMPDIR": str(directory), **environment}
        command = self._with_paths(block).replace("/var/lib/redis-zk", str(directory))
        program = Process(name, ["bash", "-c", f"exec {command}"], directory / "program.log", own, REPOSITORY)
        self.workplace.add(Removable(program))
        return program


class Removable:
    """For Workplace."""

    def __init__(self, process):
        self.process = process

    def remove(self):
        self.process.kill()
