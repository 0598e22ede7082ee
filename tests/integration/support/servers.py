"""Whose servers the tests start: those of Redis, or with REDIS_ZK_SERVERS=valkey those of Valkey. Nothing of Redis is in PATH then but
its tools, so that whoever looks for a server by name finds Valkey's."""

import os
import shutil
import tempfile
from pathlib import Path

HIDDEN = {"redis-server", "redis-sentinel"}
KINDS = ("redis", "valkey")


def kind():
    chosen = os.environ.get("REDIS_ZK_SERVERS", "redis")
    assert chosen in KINDS, f"REDIS_ZK_SERVERS is '{chosen}', and not one of {KINDS}"
    return chosen


def server():
    return f"{kind()}-server"


def sentinel():
    return f"{kind()}-sentinel"


class SearchPath:
    """PATH as long as the tests run."""

    def __init__(self):
        self._before, self._folder = None, None

    def enter(self):
        missing = [name for name in (server(), sentinel()) if not shutil.which(name)]
        assert not missing, f"{missing} is not installed: scripts/setup" + (" --valkey" if kind() == "valkey" else "")
        if kind() == "valkey":
            self._before, self._folder = os.environ["PATH"], tempfile.mkdtemp(prefix="redis-zk-path-")
            for folder in self._before.split(os.pathsep):
                self._show(Path(folder))
            os.environ["PATH"] = self._folder

    def _show(self, folder):
        for program in folder.iterdir() if folder.is_dir() else ():
            shown = Path(self._folder) / program.name
            if program.name not in HIDDEN and not shown.is_symlink():
                shown.symlink_to(program)

    def leave(self):
        if self._folder:
            os.environ["PATH"] = self._before
            shutil.rmtree(self._folder)
