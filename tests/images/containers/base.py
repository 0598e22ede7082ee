"""What stands for debian:bookworm-slim: a Debian of debootstrap, slimmed as Debian's own image is. Kept in build/."""

import fcntl
import shutil
import subprocess
from pathlib import Path

from support import debian_root
from support.node import REPOSITORY

SUITE = "bookworm"
KEPT = REPOSITORY / "build/images" / f"{SUITE}-slim.tar"

# What a slim image leaves out, now and when something is installed. There, too, dpkg does not wait for the disk.
LEFT_OUT = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info")
EMPTIED = (*LEFT_OUT, "var/lib/apt/lists", "var/cache/apt", "var/log")


def slim(root):
    for name in EMPTIED:
        shutil.rmtree(root / name, ignore_errors=True)
        (root / name).mkdir(parents=True)
    excludes = "".join(f"path-exclude /{name}/*\n" for name in LEFT_OUT)
    (root / "etc/dpkg/dpkg.cfg.d/slim").write_text(f"{excludes}force-unsafe-io\n")


def make(directory, whole):
    """In `directory`, which is empty; then kept as a whole or not at all."""
    assert debian_root.RELEASE == SUITE, f"the images are of {SUITE}, and debootstrap makes {debian_root.RELEASE}"
    root, unfinished = directory / "root", KEPT.with_suffix(".new")
    root.mkdir()
    subprocess.run(["tar", "--extract", "--numeric-owner", "--file", whole, "--directory", root], check=True)
    slim(root)
    subprocess.run(["tar", "--create", "--numeric-owner", "--file", unfinished, "--directory", root, "."], check=True)
    unfinished.rename(KEPT)
    shutil.rmtree(root)


def archive(directory: Path):
    """The path of the root as a tar."""
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    whole = debian_root.archive()
    with open(KEPT.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not KEPT.exists() or KEPT.stat().st_mtime < whole.stat().st_mtime:
            make(directory, whole)
    return KEPT
