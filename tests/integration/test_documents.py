"""What the documents say is true, where a program can tell."""

import json
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

DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md",
             *sorted(str(file.relative_to(REPOSITORY)) for file in (REPOSITORY / "docs").glob("*.md"))]
LONGEST_LINE_OF_A_PICTURE = 100


def text_of(document):
    return (REPOSITORY / document).read_text()


def anchors_of(file):
    """As GitHub makes them of the headings."""
    headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_broken(document, link):
    path, _, anchor = link.partition("#")
    target = (REPOSITORY / document).parent / path if path else REPOSITORY / document
    return not target.exists() or (anchor and anchor not in anchors_of(target))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_to_a_file_and_a_heading(name):
    links = re.findall(r"\]\(([^):]+)\)", text_of(name))
    assert [link for link in links if is_broken(name, link)] == []


def test_every_document_can_be_found_from_the_readme():
    links = re.findall(r"\]\((docs/[\w.-]+)", text_of("README.md"))
    assert sorted(set(links)) == sorted(name for name in DOCUMENTS if name.startswith("docs/"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_script_and_example_that_is_named_exists(name):
    named = re.findall(r"(?<![\w./-])(?:scripts|conf|bench|tests|demo|docs|redis-wrapper|sentinel-wrapper|watcher)/[\w./-]*\w", text_of(name))
    assert [path for path in named if not (REPOSITORY / path).exists()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_picture_renders(name):
    """One that is drawn as text does where its lines are not broken."""
    blocks = re.findall(r"^```text\n(.*?)^```", text_of(name), re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks if not block.startswith("Usage: ") for line in block.splitlines()]
    assert [line for line in lines if "\t" in line or len(line) > LONGEST_LINE_OF_A_PICTURE] == []


@pytest.mark.parametrize("program", [WRAPPER, SENTINEL_WRAPPER, WATCHER], ids=lambda program: program.name)
def test_the_options_reference_is_what_help_prints(program):
    """UPDATE_DOCUMENTS=1 writes it anew."""
    answer = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=10, check=True)
    reference = text_of("docs/options.md")
    usage = re.compile(rf"(?<=```text\n)Usage: {program.name} .*?(?=```)", re.DOTALL)
    if os.environ.get("UPDATE_DOCUMENTS"):
        (REPOSITORY / "docs/options.md").write_text(usage.sub(lambda _: answer.stdout, reference))
    assert usage.search(text_of("docs/options.md"))[0] == answer.stdout, "repeat it with UPDATE_DOCUMENTS=1"


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


def commands_in(document):
    """Of each block of commands, the commands."""
    blocks = re.findall(r"^```\n(.*?)^```", text_of(document), re.DOTALL | re.MULTILINE)
    return [block.replace("\\\n", "").splitlines() for block in blocks]


def test_getting_started_works_as_it_is_written(workplace):
    ((build, configure, zookeeper), nodes, (recorded, role, status), sentinels, (agree, named), (watcher,), (seeds, found),
     (kill, named_again, history)) = commands_in("docs/getting-started.md")
    assert build == "scripts/build release redis-wrapper sentinel-wrapper watcher"
    terminals = Terminals(workplace)
    terminals.run(configure)
    terminals.start(zookeeper)
    started = {node: terminals.start(node) for node in nodes}
    of_port = {re.search(r"--port0 (\d+)", node)[1]: node for node in nodes}
    first = wait_until(lambda: re.search(r"^127\.0\.0\.1 (700[12])$", terminals.run(recorded), re.MULTILINE), 60, "there is a master")[1]
    second = {"7001": "7002", "7002": "7001"}[first]
    assert terminals.run(role).splitlines()[0] == ("master" if first == "7001" else "slave")
    assert f'"127.0.0.1:{first}"' in terminals.run(status)
    others = [terminals.start(sentinel) for sentinel in sentinels]
    wait_until(lambda: terminals.run(agree).startswith("OK 3 usable Sentinels"), 30, "they agree")
    assert terminals.run(named) == f"127.0.0.1\n{first}\n"
    others.append(terminals.start(watcher))
    wait_until(lambda: len(terminals.run(seeds).split(",")) == 3, 20, "the watcher knows all sentinels", interval=0.2)
    assert f'"port":{first}' in terminals.run(found).replace(" ", "")
    possible = f"curl -s http://127.0.0.1:{first.replace('7', '8', 1)}/status"
    wait_until(lambda: json.loads(terminals.run(possible))["hand_over"]["possible"], 30, "it could hand over", interval=0.2)
    started[of_port[first]].signal(signal.SIGINT)  # Ctrl-C
    assert started[of_port[first]].wait_for_exit(20) == 0
    wait_until(lambda: terminals.run(named) == f"127.0.0.1\n{second}\n", 2, "it has handed over", interval=0.1)
    started[of_port[first]] = terminals.start(of_port[first])
    wait_until(lambda: f"slave0:ip=127.0.0.1,port={first},state=online" in terminals.run(f"redis-cli -p {second} info replication"), 30,
               "it follows", interval=0.2)
    wait_until(lambda: f"port={first}" in terminals.run("redis-cli -p 27001 info sentinel") or
               first in terminals.run("redis-cli -p 27001 sentinel replicas mymaster"), 30, "the sentinels know it", interval=0.5)
    terminals.run(kill)
    assert started[of_port[second]].wait_for_exit(10) != 0
    wait_until(lambda: terminals.run(named_again) == f"127.0.0.1\n{first}\n", 60, "the sentinels have replaced it", interval=0.2)
    wait_until(lambda: len(json.loads(terminals.run(history))["history"]) == 3, 30, "the record names it", interval=0.5)
    rest = [started[of_port[first]], *others]
    for program in rest:
        program.signal(signal.SIGINT)
    assert [program.wait_for_exit(30) for program in rest] == [0] * 5
