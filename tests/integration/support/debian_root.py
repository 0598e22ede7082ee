"""A Debian of its own in a folder, with as little as debootstrap can make: what is true there does not come from this machine.
Needs root. Made for each set of packages, and kept for a week as an archive in build/, since that takes half a minute."""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import time
from pathlib import Path

from support.node import REPOSITORY

RELEASE = platform.freedesktop_os_release()["VERSION_CODENAME"]
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LONGEST_DOWNLOAD, LONGEST_COMMAND = 900, 300
KEPT_FOR = 7 * 24 * 3600  # seconds

# Nothing is started when a package is installed: there is no init in the folder, and the network is that of the host.
POLICY = "#!/bin/sh\nexit 101\n"


class DebianRoot:
    def __init__(self, directory, packages=()):
        """`packages` are those of Debian that are there from the beginning."""
        self.directory = Path(directory)
        self.directory.mkdir(mode=0o755, parents=True)
        subprocess.run(["tar", "--extract", "--numeric-owner", "--file", archive(packages), "--directory", self.directory],
                       check=True, timeout=LONGEST_COMMAND)

    def run(self, *command, user="root", **environment):
        """In name spaces of its own for processes and mounts: when it ends, all that it started ends, and /proc goes too."""
        become = ["setpriv", "--reuid", user, "--regid", user, "--init-groups", "--no-new-privs"] if user != "root" else []
        variables = {"PATH": PATH, "HOME": "/", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", **environment}
        return subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--root", self.directory, "--wd", "/", "--mount-proc",
             *become, *command],
            env={name: str(value) for name, value in variables.items()}, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=LONGEST_COMMAND)

    def must(self, *command, **options):
        """What it says, when it succeeds."""
        said = self.run(*command, **options)
        assert said.returncode == 0, f"{command}: {said}"
        return said.stdout

    def path(self, name):
        return self.directory / str(name).lstrip("/")

    def put(self, file, name):
        """A copy of a file of this machine."""
        shutil.copyfile(file, self.path(name))

    def remove(self):
        shutil.rmtree(self.directory)


def archive(packages=()):
    """The path of the archive, which is made when there is none, or an old one."""
    key = hashlib.sha256(" ".join([RELEASE, *sorted(packages)]).encode()).hexdigest()[:12]
    path = REPOSITORY / "build" / f"debian-{RELEASE}-{key}.tar"
    path.parent.mkdir(exist_ok=True)
    with open(path.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another process of the tests may want the same one
        if not is_fresh(path):
            make(path, packages)
    return path


def is_fresh(path):
    return path.exists() and time.time() - path.stat().st_mtime < KEPT_FOR


def make(path, packages):
    directory = path.with_suffix(".new")
    shutil.rmtree(directory, ignore_errors=True)
    include = [f"--include={','.join(sorted(packages))}"] if packages else []
    try:
        said = subprocess.run(["debootstrap", "--variant=minbase", *include, RELEASE, directory, mirror()],
                              env={**os.environ, **proxy()}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=LONGEST_DOWNLOAD)
        assert said.returncode == 0, said.stdout[-2000:] + said.stderr
        policy = directory / "usr/sbin/policy-rc.d"
        policy.write_text(POLICY)
        policy.chmod(0o755)
        for package in (directory / "var/cache/apt/archives").glob("*.deb"):
            package.unlink()
        unfinished = path.with_suffix(".part")
        subprocess.run(["tar", "--create", "--numeric-owner", "--file", unfinished, "--directory", directory, "."], check=True,
                       timeout=LONGEST_COMMAND)
        unfinished.rename(path)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def mirror():
    """Where apt of this machine gets the packages of this release from."""
    listed = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Identifier: Packages"],
                            capture_output=True, text=True, check=True, timeout=LONGEST_COMMAND).stdout
    for address, release, component in (line.split() for line in listed.splitlines()):
        if (release, component) == (RELEASE, "main"):
            return address
    raise AssertionError(f"apt of this machine knows no mirror of {RELEASE}: {listed}")


def proxy():
    """debootstrap does not read apt's configuration."""
    said = subprocess.run(["apt-config", "--format", "%v%n", "dump", "Acquire::http::Proxy"], capture_output=True, text=True,
                          check=True, timeout=LONGEST_COMMAND).stdout.strip()
    return {"http_proxy": said} if said else {}
