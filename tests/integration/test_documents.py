"""What the documents say is true, where a program can tell."""

import os
import re
import signal
import subprocess

import pytest

from support.node import BINARIES, REPOSITORY, WRAPPER
from support.processes import Process
from support.sentinel import SENTINEL_WRAPPER
from support.wait import wait_until
from support.watcher import WATCHER

DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_to_a_file(name):
    links = re.findall(r"\]\(([^)#:]+)\)", (REPOSITORY / name).read_text())
    assert [link for link in links if not (REPOSITORY / link).exists()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_script_and_example_that_is_named_exists(name):
    named = re.findall(r"\b(?:scripts|conf|bench|tests|demo|redis-wrapper|sentinel-wrapper|watcher)/[\w./-]*\w", (REPOSITORY / name).read_text())
    assert [path for path in named if not (REPOSITORY / path).exists()] == []


@pytest.mark.parametrize("program", [WRAPPER, SENTINEL_WRAPPER, WATCHER], ids=lambda program: program.name)
def test_the_readme_shows_the_options_as_help_does(program):
    answer = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=10, check=True)
    shown = re.findall(r"```text\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.DOTALL)
    assert answer.stdout in shown, f"write the output of {program.name} --help into README.md"


class Terminals:
    """Where the commands of the README are typed. The ports in them are free, since the network is one of its own; nothing else is
    changed in them but where the programs and the files are."""

    def __init__(self, workplace):
        self.workplace, self.programs = workplace, []
        self.network = Process("network", ["unshare", "--net", "--", "sh", "-c", "ip link set lo up && exec sleep infinity"],
                               workplace.directory / "network.log")
        self.process = self.network
        workplace.add(self)
        wait_until(lambda: os.readlink(self.namespace) != os.readlink("/proc/self/ns/net"), 10, "it has left ours")
        wait_until(lambda: "LOOPBACK,UP" in self.run("ip link show lo"), 10, "there is a network")

    @property
    def namespace(self):
        return f"/proc/{self.network.pid}/ns/net"

    def command(self, text):
        text = text.replace("/tmp/quick", str(self.workplace.directory / "quick")).replace("build/bin", str(BINARIES))
        return ["nsenter", f"--net={self.namespace}", "bash", "-c", text]

    def run(self, text):
        done = subprocess.run(self.command(text), cwd=REPOSITORY, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done
        return done.stdout

    def start(self, text):
        """It stays, as in a terminal of its own."""
        name = f"terminal-{len(self.programs)}"
        log = self.workplace.directory / f"{name}.log"
        self.programs.append(Process(name, self.command(f"exec {text}"), log, {"PATH": os.environ["PATH"]}, REPOSITORY))
        return self.programs[-1]

    def remove(self):
        for program in (*self.programs, self.network):
            program.kill()


def commands_below(heading):
    """Of each block of commands of this section, the commands."""
    section = re.search(rf"^## {heading}\n(.*?)^## ", (REPOSITORY / "README.md").read_text(), re.DOTALL | re.MULTILINE)[1]
    blocks = re.findall(r"^```\n(.*?)^```", section, re.DOTALL | re.MULTILINE)
    return [block.replace("\\\n", "").splitlines() for block in blocks]


def test_the_quick_start_works_as_it_is_written(workplace):
    (build, configure, zookeeper), nodes, (recorded, role, status) = commands_below("Quick start")
    sentinels, (agree, another, named) = commands_below("Sentinels")
    assert build == "scripts/build release redis-wrapper sentinel-wrapper watcher"
    terminals = Terminals(workplace)
    terminals.run(configure)
    terminals.start(zookeeper)
    started = [terminals.start(node) for node in nodes]
    first = wait_until(lambda: re.search(r"^127\.0\.0\.1 (700[12])$", terminals.run(recorded), re.MULTILINE), 60, "there is a master")[1]
    assert terminals.run(role).splitlines()[0] == ("master" if first == "7001" else "slave")
    assert f'"127.0.0.1:{first}"' in terminals.run(status)
    started += [terminals.start(sentinel) for sentinel in sentinels]
    wait_until(lambda: terminals.run(agree).startswith("OK 3 usable Sentinels"), 30, "they agree")
    wait_until(lambda: terminals.run(another) == "OK\n", 30, "the replica may be promoted", interval=0.5)
    second = {"7001": "7002", "7002": "7001"}[first]
    wait_until(lambda: terminals.run(named) == f"127.0.0.1\n{second}\n", 30, "they name another one")
    for program in started:
        program.signal(signal.SIGINT)  # Ctrl-C
    assert [program.wait_for_exit(20) for program in started] == [0] * 5
