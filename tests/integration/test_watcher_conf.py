"""conf/watcher.conf is used as it is, and every line of it is one that a watcher takes."""

import re
import subprocess

from support.node import REPOSITORY
from support.processes import free_port
from support.sentinel import start_sentinels, wait_until_all_ready
from support.watcher import WATCHER, Watcher, start_watchers, wait_until_all_listen

SHIPPED_CONF = REPOSITORY / "conf/watcher.conf"

# Asked for, and not set once for all.
OF_ONE_RUN = {"check", "config"}


def lines_of(text, start=""):
    """name -> value, of the lines that begin so."""
    return dict(re.findall(rf"^{start}([a-z0-9-]+) = (.+)$", text, re.MULTILINE))


def options_in_help():
    """name in the file -> what the help says at the end of the line about the default."""
    said = subprocess.run([WATCHER, "--help"], capture_output=True, text=True, timeout=10, check=True).stdout
    return dict(re.findall(r"^  --\S+(?: [A-Z]+)? +\S+ +([a-z0-9-]{2,}) +(\S.*)$", said, re.MULTILINE))


def test_the_shipped_file_names_every_option_with_its_default():
    text, known = SHIPPED_CONF.read_text(), options_in_help()
    active, examples = lines_of(text), lines_of(text, "# ")
    assert active.keys() | examples.keys() == known.keys() - OF_ONE_RUN and not active.keys() & examples.keys()
    assert active == {name: known[name] for name in active}


def test_a_watcher_works_with_the_shipped_file(cluster):
    """Its environment gives addresses alone."""
    cluster.start(1)
    wait_until_all_ready(start_sentinels(cluster, 1, SENTINEL_QUORUM="1"), cluster.directory)
    wait_until_all_listen(start_watchers(cluster, 1, CONFIG_FILE=SHIPPED_CONF, ZK_SESSION_TIMEOUT=None))


def test_a_watcher_takes_every_example_in_the_shipped_file(workplace, zookeeper, directory):
    """--check finds no mistake in it. The files of the examples are made here, and the address is one that this host has."""
    secrets = workplace.directory / "run/secrets"
    secrets.mkdir(parents=True)
    (secrets / "zookeeper-auth").write_text("digest:ann:of-ann-7714\n")
    (secrets / "redis-password").write_text("of-the-nodes-4415\n")
    (secrets / "sentinel-password").write_text("of-the-sentinels-9127\n")
    for name in ("master-has-changed", "master-is-down"):
        (workplace.directory / name).write_text("#!/bin/sh\n")
        (workplace.directory / name).chmod(0o755)
    text = re.sub(r"^# ([a-z0-9-]+ = )", r"\1", SHIPPED_CONF.read_text(), flags=re.MULTILINE)
    text = text.replace("/run/secrets", str(secrets)).replace("10.0.0.7", "127.0.0.1").replace("/usr/local/bin", str(workplace.directory))
    text = text.replace("listen-port = 8080", f"listen-port = {free_port()}")
    changed = workplace.directory / "watcher.conf"
    changed.write_text(text)
    watcher = Watcher(workplace, zookeeper.hosts, directory.root, "watcher", CONFIG_FILE=changed, CHECK="on", BIND_IP=None)
    assert watcher.run_to_end() == 0, watcher.log()
    assert "mistake" not in watcher.log()
