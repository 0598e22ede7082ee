"""The programs in docs/clients.md, extracted and run as they stand there."""

import re
import sys

from support.node import INHERITED, REPOSITORY
from support.processes import Process
from support.wait import wait_until

DOCUMENT = REPOSITORY / "docs/clients.md"
RUN_BY = {"py": [sys.executable, "-B"], "mjs": ["node"]}


def blocks():
    """Of each block of code its language, its text, and the file name in the line before, None if there is none."""
    found = re.findall(r"^(?:\*\*(\w+\.\w+)\*\*[^\n]*\n\n)?```(\w+)\n(.*?)^```$", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)
    return [(language, text, name or None) for name, language, text in found]


def write_examples(place, packages):
    """Into the directory `place`, which it returns, beside what npm has installed. All that have a name."""
    place.mkdir()
    (place / "node_modules").symlink_to(packages / "node_modules")
    for _, text, name in blocks():
        if name:
            (place / name).write_text(text)
    return place


class Example:
    """One of these programs, which writes numbers into a set and prints each that is kept."""

    def __init__(self, workplace, place, name, **environment):
        self.name, kind = name.split(".")
        self.key, self._seen = self.name.replace("_", "-"), 0
        environment = {variable: str(value) for variable, value in environment.items() if value is not None}
        self.process = Process(self.name, [*RUN_BY[kind], name], place / f"{self.name}.log", {**INHERITED, **environment}, place)
        workplace.add(self)

    def remove(self):
        self.process.kill()

    def kept(self):
        """The numbers that it says a replica has."""
        return [int(number) for number in re.findall(r"^kept (\d+)$", self.process.log(), re.MULTILINE)]

    def wait_until_it_writes(self, seconds=20):
        """It goes on from here."""
        count = len(self.kept())

        def goes_on():
            assert self.process.is_running(), self.process.log()[-2000:]
            return len(self.kept()) > count + 3
        wait_until(goes_on, seconds, f"{self.name} writes")

    def wait_until_it_says(self, text, seconds=10):
        self.process.wait_for_log(text, seconds)

    def lost(self, master):
        """What it says is kept, and this node does not have."""
        return sorted(set(self.kept()) - {int(number) for number in master.client.smembers(self.key)})
