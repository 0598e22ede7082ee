"""The documents as a reader has them: their text, and the commands in them, typed as they are."""

import json
import os
import re
import subprocess
import textwrap

from .node import BINARIES, REPOSITORY
from .processes import Process
from .wait import wait_until

GETTING_STARTED = "docs/getting-started.md"


def text_of(document):
    return (REPOSITORY / document).read_text()


def blocks_in(document, heading=None):
    """The blocks of commands in the document, or in the section below this heading. One with a language after its fence, such as
    ```text, is not typed by anybody."""
    text = text_of(document)
    if heading:
        text = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)[1]
    found = re.findall(r"^ *```(\w*)\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(block) for language, block in found if not language]


def commands_in(document, heading=None):
    """Of each block the commands, where each is a line."""
    return [block.replace("\\\n", "").splitlines() for block in blocks_in(document, heading)]


class Terminals:
    """Where the commands of a document are typed. The ports in them are free, since the network is one of its own; nothing else is
    changed in them but where the programs and the files are. `environment` is that of the programs which stay."""

    def __init__(self, workplace, **environment):
        self.workplace, self.programs = workplace, []
        self.environment = {"PATH": os.environ["PATH"], **environment}
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
        self.programs.append(Process(name, self.command(f"exec {text}"), log, self.environment, REPOSITORY))
        return self.programs[-1]

    def wait_until_it_could_hand_over(self, http_port):
        def could():
            answer = json.loads(self.run(f"curl -s http://127.0.0.1:{http_port}/status"))
            return answer["hand_over"]["possible"]

        wait_until(could, 30, f"{http_port} could hand over", interval=0.2)

    def remove(self):
        for program in (*self.programs, self.network):
            program.kill()
