"""The one place where a test keeps what it started: its directory and its parts. Whatever happens, all of it is removed."""

import shutil
import tempfile
from pathlib import Path

LINES_SHOWN = 120


class Workplace:
    """A short path of its own, since a unix socket's path may have 107 bytes and pytest's own directories are longer. In
    `complaints` a part says, when it is removed, what is wrong with it whatever the test was about."""

    def __init__(self):
        self.directory = Path(tempfile.mkdtemp(prefix="rz-"))
        self.parts, self.complaints = [], []

    def add(self, part):
        """`part` has remove(), which may be called at any time, and process, whose log is shown when the test fails."""
        self.parts.append(part)
        return part

    def logs(self):
        """The end of every log file of this test, the newest life of each part last."""
        text = []
        for path in sorted(self.directory.rglob("*.log")):
            lines = path.read_text(errors="replace").splitlines()
            text += [f"===== {path.relative_to(self.directory)} ({len(lines)} lines)"] + lines[-LINES_SHOWN:]
        return "\n".join(text)

    def remove(self):
        for part in reversed(self.parts):
            part.remove()
        shutil.rmtree(self.directory, ignore_errors=True)
