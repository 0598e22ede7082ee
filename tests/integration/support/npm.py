"""Clients that come from npm."""

import json
import subprocess

# One version of each, so that a release of theirs is no failure of ours: the newest that run on the node 18 of Debian 12.
PACKAGES = {"ioredis": "5.9.2", "redis": "5.12.1"}


def install(place):
    """Into the directory `place`, which it returns."""
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *wanted], cwd=place, check=True, timeout=120,
                   stdout=subprocess.DEVNULL)
    for name, version in PACKAGES.items():
        assert json.loads((place / f"node_modules/{name}/package.json").read_text())["version"] == version
    return place
