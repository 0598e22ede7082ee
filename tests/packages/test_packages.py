"""What is in the packages, before anything is installed."""

import os
import stat
import subprocess

import pytest

from support.node import REPOSITORY
from support.packages import CONFFILES, EXECUTABLES, field, files

# What lintian says and is meant so: `--help` and the README are the manual.
KNOWN = "no-manual-page"


@pytest.mark.parametrize("name", EXECUTABLES)
def test_a_package_has_its_executable_its_unit_its_configuration_and_its_texts(packages, name):
    package, unit = f"redis-zk-{name}", f"redis-zk-{name}.service"
    documents = [f"docs/{path.name}" for path in (REPOSITORY / "docs").iterdir()]
    texts = {f"/usr/share/doc/{package}/{text}" for text in ("README.md", "copyright", "changelog.gz", *documents)}
    found = {path for path, member in files(packages[name]).items() if member.isfile()}
    libraries = {path for path in found if path.startswith(f"/usr/share/doc/{package}/libraries/")}
    assert found - libraries == {f"/usr/bin/{name}", f"/usr/lib/systemd/system/{unit}"} | CONFFILES[name] | texts
    assert libraries, "the notices of the libraries that are linked statically"


@pytest.mark.parametrize("name", EXECUTABLES)
def test_all_files_belong_to_root_and_only_root_may_change_them(packages, name):
    for path, member in files(packages[name]).items():
        assert (member.uid, member.gid) == (0, 0) and not member.mode & (stat.S_IWGRP | stat.S_IWOTH | stat.S_ISUID), path


def test_a_package_depends_on_a_server_of_redis_or_valkey_where_it_starts_one(packages):
    depends = {name: field(packages[name], "Depends") for name in EXECUTABLES}
    assert "redis-server | valkey-server" in depends["redis-wrapper"]
    assert "redis-sentinel | redis-server | valkey-sentinel | valkey-server" in depends["sentinel-wrapper"]
    assert "redis" not in depends["watcher"] and "valkey" not in depends["watcher"]
    assert all("adduser" in text and "libc6 (>= " in text for text in depends.values()), "what dpkg-shlibdeps has found"


def test_lintian_finds_no_mistake(packages, tmp_path):
    said = subprocess.run(["lintian", "--allow-root", "--fail-on", "none", "--suppress-tags", KNOWN, *packages.values()],
                          env={**os.environ, "TMPDIR": str(tmp_path)},  # it leaves files behind
                          capture_output=True, text=True, timeout=120)
    assert (said.returncode, said.stdout) == (0, ""), said
