"""clang-tidy over every compiled file, on all cores. A file that passed is not looked at again until it,
a header of ours that it reaches, its command or the checks have changed."""

import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
from pathlib import Path

# Options of g++ that clang does not know.
FOREIGN = re.compile(r"^(-fno-canonical-system-headers|-fconcepts.*|--coverage)$")


def commands_of(build):
    """The compilation command of each file, as {resolved path: [argument]}."""
    entries = json.loads((build / "compile_commands.json").read_text())
    return {
        Path(entry["directory"], entry["file"]).resolve(): shlex.split(entry["command"])
        for entry in entries
    }


def configurations(root):
    """The root's, and the tests' own below it."""
    return [root / ".clang-tidy", *sorted(root.glob("tests/**/.clang-tidy"))]


class ClangTidy:
    def __init__(self, root, sources, build, cache):
        self.root = root
        self.cache = cache
        self.build = build
        self.by_name = {source.name: source for source in sources}
        self.commands = commands_of(build)
        version = subprocess.run(["clang-tidy-14", "--version"], capture_output=True, check=True).stdout
        self.common = version + b"".join(
            path.read_bytes() for path in configurations(root)
        )

    def reached_from(self, source):
        """The file and every header of ours below it."""
        names, todo = set(), [source.name]
        while todo:
            name = todo.pop()
            if name in names or name not in self.by_name:
                continue
            names.add(name)
            todo += [header.strip('"') for _, header in self.by_name[name].includes()]
        return sorted(names)

    def key_of(self, source):
        digest = hashlib.sha256(self.common)
        digest.update(" ".join(self.commands[source.path.resolve()]).encode())
        for name in self.reached_from(source):
            digest.update(name.encode() + b"\0" + self.by_name[name].text.encode())
        return digest.hexdigest()

    def check(self, source):
        """The findings in one file, as lines."""
        if source.path.resolve() not in self.commands:
            return [f"{source.name}: no target builds it"]
        mark = self.cache / self.key_of(source)
        if mark.exists():
            return []
        arguments = [
            argument
            for argument in self.commands[source.path.resolve()][1:]
            if not FOREIGN.match(argument) and not argument.startswith("-fsanitize")
        ]
        # The launcher (ccache) may stand before the compiler.
        if arguments and not arguments[0].startswith("-"):
            arguments = arguments[1:]
        answer = subprocess.run(
            ["clang-tidy-14", "--quiet", str(source.path), "--", *arguments],
            cwd=self.build,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if answer.returncode == 0:
            self.cache.mkdir(parents=True, exist_ok=True)
            mark.touch()
            return []
        lines = [line for line in answer.stdout.splitlines() if re.search(r": (error|warning): ", line)]
        lines = [line.replace(f"{self.root}/", "") for line in lines]
        return lines or [f"{source.name}: clang-tidy failed: {answer.stderr.strip()}"]

    def check_all(self, on_result):
        """Calls on_result(name, findings) for each compiled file of ours, as they are done."""
        files = [source for source in self.by_name.values() if source.path.suffix == ".cc"]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
            waiting = {workers.submit(self.check, source): source for source in files}
            for done in concurrent.futures.as_completed(waiting):
                on_result(waiting[done].name, done.result())
