"""The files of the project, and what they include. Read once, used by every check."""

import os
import re
from pathlib import Path

EXECUTABLES = ("redis-wrapper", "sentinel-wrapper", "watcher", "compatibility")
SKIPPED = {"build", ".git", "__pycache__", ".pytest_cache", "node_modules"}
INCLUDE = re.compile(r'^\s*#\s*include\s*(<[^>]+>|"[^"]+")', re.MULTILINE)
COMMENT_OR_STRING = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)


class Source:
    def __init__(self, root, path):
        self.path = path
        self.name = path.relative_to(root).as_posix()
        self.text = path.read_text(encoding="utf-8", errors="replace")

    @property
    def folder(self):
        return self.name.rpartition("/")[0]

    @property
    def is_cpp(self):
        return self.path.suffix in (".cc", ".h")

    @property
    def is_product(self):
        return self.is_cpp and not self.name.startswith(("tests/", "bench/"))

    @property
    def is_script(self):
        return re.match(r"#!.*\b(ba)?sh\b", self.text) is not None

    def line_count(self):
        return self.text.count("\n")

    def includes(self):
        """Each as (line number, "<event2/event.h>" or '"common/core/time.h"')."""
        return [(self.line_of(found.start(1)), found.group(1)) for found in INCLUDE.finditer(self.text)]

    def literals(self):
        """String literals outside comments and includes, each as (line number, its content)."""
        for found in COMMENT_OR_STRING.finditer(self.text):
            line_start = self.text.rfind("\n", 0, found.start()) + 1
            is_include = "#include" in self.text[line_start : found.start()]
            if found.group().startswith('"') and not is_include:
                yield self.line_of(found.start()), found.group()[1:-1]

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1


def read_sources(root):
    """Every text file that the project itself owns, whether git knows it yet or not."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - SKIPPED)
        for name in sorted(names):
            path = Path(folder) / name
            if path.is_symlink() or path.stat().st_size > 1_000_000:
                continue
            source = Source(root, path)
            if source.is_cpp or source.is_script or path.suffix == ".py":
                found.append(source)
    return found
