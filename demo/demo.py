"""The story that scripts/demo tells. Reading order: tell(), then the steps above it, then parts.py."""

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from parts import HOST, NotInTime, Node, Workplace, ZooKeeper, wait_until

REPOSITORY = Path(__file__).resolve().parents[1]
KEY, VALUE = "greeting", "hello"
PATIENCE = 60


def say(text=""):
    print(text, flush=True)


def role_of(status):
    if status is None:
        return "down"
    return status["role"] + (" (fenced)" if status["fenced"] else "")


def has_converged(statuses):
    """One master, the record names it, all believe the record, and the others are in sync with it."""
    if None in statuses:
        return False
    masters = [it["address"] for it in statuses if it["role"] == "master" and not it["fenced"]]
    others = [it for it in statuses if it["role"] != "master"]
    return (len(masters) == 1 and all(it["record"]["master"] == masters[0] for it in statuses)
            and len(others) == len(statuses) - 1
            and all(it["in_sync"] and it["following"] == masters[0] for it in others))


def wait_for_convergence(nodes):
    began, last = time.monotonic(), None

    def look():
        nonlocal last
        for node in nodes:
            if not node.is_running():
                raise NotInTime(f"{node.name} has ended; its log says why")
        statuses = [node.status() for node in nodes]
        progress = ", ".join(f"{node.name} {role_of(status)}" for node, status in zip(nodes, statuses))
        if progress != last:
            say(f"  {time.monotonic() - began:5.1f} s  {progress}")
            last = progress
        return has_converged(statuses)

    wait_until(look, PATIENCE, "one master, and everybody else in sync with it")
    say(f"  {time.monotonic() - began:5.1f} s  converged")


def show_table(nodes):
    rows = [("NODE", "ADDRESS", "ROLE", "LAG", "LINEAGE", "WHAT IT SAYS")]
    for node in nodes:
        status = node.status()
        lineage = status and status["lineage"]
        lag = status and status["lag"]
        rows.append((node.name, node.address, role_of(status), "-" if lag is None else f"{lag} bytes",
                     f"term {lineage['term']}, offset {lineage['offset']}" if lineage else "-",
                     status["doing"] if status else "-"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    say()
    for row in rows:
        say("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    say()


def run(node, *words, expect=None):
    """Shows a command of redis-cli and its answer. With `expect`, waits for that answer."""
    answer = node.cli(*words) if expect is None else wait_until(
        lambda: node.cli(*words) == expect and expect, 10, f"{' '.join(words)} on {node.name} answers {expect!r}")
    say(f"  $ redis-cli -h {HOST} -p {node.port} {' '.join(words)}\n  {answer}")


def master_of(nodes):
    return next(node for node in nodes if role_of(node.status()) == "master")


def start(place, bin_directory):
    say("Starting ZooKeeper")
    place.zookeeper = ZooKeeper(place.directory)
    wait_until(place.zookeeper.serves, PATIENCE, "ZooKeeper serves")
    say("Starting three nodes at the same time. None is told who is master.")
    place.nodes = [Node(f"node-{number}", place.directory, bin_directory, REPOSITORY / "conf/redis.conf",
                        place.zookeeper) for number in (1, 2, 3)]
    for node in place.nodes:
        node.start()
    wait_for_convergence(place.nodes)
    show_table(place.nodes)


def write_and_read(nodes):
    say("Writing a key to the master, reading it from a replica")
    master = master_of(nodes)
    run(master, "SET", KEY, VALUE, expect="OK")
    run(next(node for node in nodes if node is not master), "GET", KEY, expect=VALUE)
    say()


def kill_and_restart(nodes):
    master = master_of(nodes)
    say(f"Killing the wrapper of the master, {master.name}, with kill -9")
    seconds = master.kill()
    say(f"  its redis-server was gone {seconds * 1000:.0f} ms later")
    others = [node for node in nodes if node is not master]
    wait_until(lambda: not any(node.status()["link_up"] for node in others), 10, "the replicas miss their master")
    show_table(nodes)
    say(f"Starting {master.name} again, with its data, on the same address")
    master.start()
    wait_for_convergence(nodes)
    show_table(nodes)
    now = master_of(nodes)
    again = "again" if now is master else f"in the place of {master.name}"
    record = now.status()["record"]
    say(f"  {now.name} is master {again}: ZooKeeper names {record['master']} in term {record['term']}.")
    say(f"  {now.name} said: {now.last_words('promote')}")
    say("  The key is still there, on every node:")
    for node in nodes:
        run(node, "GET", KEY, expect=VALUE)
    say()


def look_around(place):
    """What to try, until Ctrl-C. Whoever ends is started again, as a scheduler does it."""
    master = master_of(place.nodes)
    cli = f"/usr/share/zookeeper/bin/zkCli.sh -server {place.zookeeper.hosts}"
    say(f"""The cluster stays up until Ctrl-C. In another terminal:

  redis-cli -h {HOST} -p {master.port}  # the master
  curl -s http://{HOST}:{master.http_port}/status | python3 -m json.tool
  curl -s http://{HOST}:{master.http_port}/metrics
  {cli} get /redis/master
  {cli} get /redis/term
  {cli} ls -R /redis
  tail -f {place.nodes[0].log}
  kill -9 {master.child.process.pid}  # the wrapper of the master; it is started again
""")
    while True:
        for node in place.nodes:
            if not node.is_running():
                say(f"{node.name} has ended with status {node.child.process.returncode}; starting it again")
                node.start()
        time.sleep(0.5)


def tell(place, bin_directory):
    start(place, bin_directory)
    write_and_read(place.nodes)
    kill_and_restart(place.nodes)


class Interrupted(BaseException):
    pass


def interrupt(number, _):
    signal.signal(number, signal.SIG_IGN)  # the second Ctrl-C of an impatient hand must not stop the cleaning up
    raise Interrupted(number)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bin", type=Path, required=True, help="where the executables are")
    arguments.add_argument("--stay", action="store_true", help="leave the cluster up until Ctrl-C")
    options = arguments.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)

    place, status, told = Workplace(tempfile.mkdtemp(prefix="redis-zk-")), 0, False
    try:
        tell(place, options.bin.resolve())
        told = True
        if options.stay or sys.stdout.isatty():
            look_around(place)
    except NotInTime as error:
        print(f"demo: {error}\n{place.logs()}", file=sys.stderr, flush=True)
        status = 1
    except Interrupted as signalled:
        status = 0 if told else 128 + signalled.args[0]
    finally:
        place.remove()
    say("Everything is stopped and removed.")
    return status


if __name__ == "__main__":
    sys.exit(main())
