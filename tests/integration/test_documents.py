"""What the documents say is true, where a program can tell."""

import json
import os
import re
import signal
import subprocess

import pytest

from support.documents import GETTING_STARTED, Terminals, commands_in, text_of
from support.node import REPOSITORY, WRAPPER
from support.sentinel import SENTINEL_WRAPPER
from support.wait import wait_until
from support.watcher import WATCHER

DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md",
             *sorted(str(file.relative_to(REPOSITORY)) for file in (REPOSITORY / "docs").glob("*.md"))]
LONGEST_LINE_OF_A_PICTURE = 100


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


def test_getting_started_works_as_it_is_written(workplace):
    ((build, configure, zookeeper), (one, two), (recorded, role, status), sentinels, (agree, named), (watcher,), (seeds, found),
     (kill, named_again, history)) = commands_in(GETTING_STARTED)
    assert build == "scripts/build release redis-wrapper sentinel-wrapper watcher"
    terminals = Terminals(workplace)
    terminals.run(configure)
    terminals.start(zookeeper)
    first = terminals.start(one)
    wait_until(lambda: "127.0.0.1 7001\n" in terminals.run(recorded), 60, "there is a master")
    second = terminals.start(two)
    assert terminals.run(role).startswith("master\n") and '"127.0.0.1:7001"' in terminals.run(status)
    others = [terminals.start(sentinel) for sentinel in sentinels]
    wait_until(lambda: terminals.run(agree).startswith("OK 3 usable Sentinels"), 30, "they agree")
    assert terminals.run(named) == "127.0.0.1\n7001\n"
    others.append(terminals.start(watcher))
    wait_until(lambda: len(terminals.run(seeds).split(",")) == 3, 20, "the watcher knows all sentinels", interval=0.2)
    assert json.loads(terminals.run(found))["port"] == 7001
    terminals.wait_until_it_could_hand_over(8001)
    first.signal(signal.SIGINT)  # Ctrl-C
    assert first.wait_for_exit(20) == 0
    wait_until(lambda: terminals.run(named) == "127.0.0.1\n7002\n", 2, "it has handed over", interval=0.1)
    first = terminals.start(one)
    terminals.wait_until_it_could_hand_over(8002)
    terminals.run(kill)
    assert second.wait_for_exit(10) != 0
    wait_until(lambda: terminals.run(named_again) == "127.0.0.1\n7001\n", 60, "the sentinels have replaced it", interval=0.2)
    wait_until(lambda: len(json.loads(terminals.run(history))["history"]) == 3, 30, "the record names it", interval=0.5)
    for program in (first, *others):
        program.signal(signal.SIGINT)
    assert [program.wait_for_exit(30) for program in (first, *others)] == [0] * 5
