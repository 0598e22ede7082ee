"""What stands for debian:bookworm-slim: a root by debootstrap, from where this machine takes its packages, slimmed as Debian's own image
is. Kept in build/ for a week, since to make it takes half a minute."""

import fcntl
import os
import shutil
import subprocess
import time
from pathlib import Path

from support.node import REPOSITORY

SUITE = "bookworm"
KEPT = REPOSITORY / "build/images" / f"{SUITE}-slim.tar"
KEPT_FOR = 7 * 24 * 3600  # seconds

# What a slim image leaves out, now and when something is installed. There, too, dpkg does not wait for the disk, and no service is
# started by its installation.
LEFT_OUT = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info")
EMPTIED = (*LEFT_OUT, "var/lib/apt/lists", "var/cache/apt", "var/log")
POLICY = "#!/bin/sh\nexit 101\n"


def mirror():
    """Of this machine's apt, the one that has the suite."""
    targets = subprocess.run(["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)", "Identifier: Packages"],
                             capture_output=True, text=True, check=True).stdout
    for site, release, component in map(str.split, targets.splitlines()):
        if (release, component) == (SUITE, "main"):
            return site
    raise LookupError(f"apt of this machine has no packages of {SUITE}")


def environment():
    """debootstrap has a proxy from here, where apt has it from its configuration."""
    said = subprocess.run(["apt-config", "shell", "proxy", "Acquire::http::Proxy"], capture_output=True, text=True, check=True).stdout
    proxy = said.strip().removeprefix("proxy=").strip("'")
    return {**os.environ, **({"http_proxy": proxy} if proxy else {})}


def slim(root):
    for name in EMPTIED:
        shutil.rmtree(root / name, ignore_errors=True)
        (root / name).mkdir(parents=True)
    excludes = "".join(f"path-exclude /{name}/*\n" for name in LEFT_OUT)
    (root / "etc/dpkg/dpkg.cfg.d/slim").write_text(f"{excludes}force-unsafe-io\n")
    (root / "usr/sbin/policy-rc.d").write_text(POLICY)
    (root / "usr/sbin/policy-rc.d").chmod(0o755)


def make(directory):
    """In `directory`, which is empty; then kept as a whole or not at all."""
    root, archive = directory / "root", KEPT.with_suffix(".new")
    with open(directory / "debootstrap.log", "wb") as log:
        subprocess.run(["debootstrap", "--variant=minbase", SUITE, root, mirror()], stdin=subprocess.DEVNULL, stdout=log,
                       stderr=subprocess.STDOUT, check=True, env=environment())
    slim(root)
    subprocess.run(["tar", "--create", "--file", archive, "--directory", root, "."], check=True)
    archive.rename(KEPT)
    shutil.rmtree(root)


def is_fresh():
    return KEPT.exists() and time.time() - KEPT.stat().st_mtime < KEPT_FOR


def archive(directory: Path):
    """The path of the root as a tar."""
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    with open(KEPT.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_fresh():
            make(directory)
    return KEPT
