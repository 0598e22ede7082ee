"""A wrapper as PID 1 in a PID namespace of its own, as in a container without an init."""

import subprocess

from support.processes import children_of


class AsPidOne:
    """Goes before Node or Sentinel in the list of bases."""

    def command(self):
        return ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child=SIGKILL", "--", *super().command()]

    @property
    def wrapper_pid(self):
        """None before it runs and after its end, so that nobody can be killed by mistake: 0 would be the whole process group."""
        return next(iter(children_of(self.process.pid)), None)

    def make_orphan(self):
        """In the container: a process that loses its parent at once, and dies a little later with status 3."""
        script = "( ( read line; exit 3 ) <&3 & ) 3<&0"
        return subprocess.run(["nsenter", "--target", str(self.wrapper_pid), "--pid", "sh", "-c", script],
                              stdin=subprocess.DEVNULL, timeout=10, check=True)
