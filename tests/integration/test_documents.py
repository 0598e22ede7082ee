"""What the documents say is true, where a program can tell."""

import re
import subprocess

import pytest

from support.node import REPOSITORY, WRAPPER

DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_to_a_file(name):
    links = re.findall(r"\]\(([^)#:]+)\)", (REPOSITORY / name).read_text())
    assert [link for link in links if not (REPOSITORY / link).exists()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_script_and_example_that_is_named_exists(name):
    named = re.findall(r"\b(?:scripts|conf|bench|tests|demo|redis-wrapper)/[\w./-]*\w", (REPOSITORY / name).read_text())
    assert [path for path in named if not (REPOSITORY / path).exists()] == []


def test_the_readme_shows_the_options_as_help_does():
    answer = subprocess.run([WRAPPER, "--help"], capture_output=True, text=True, timeout=10, check=True)
    shown = re.search(r"```text\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.DOTALL)[1]
    assert shown == answer.stdout, "write the output of redis-wrapper --help into README.md"
