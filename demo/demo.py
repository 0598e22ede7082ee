"""The story that scripts/demo tells. Reading order: tell(), then the steps above it, then failover.py, parts.py and tour.py."""

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from failover import FailOver
from parts import (HOST, INTERRUPTIONS, MASTER_NAME, NotInTime, Node, Sentinel, Watcher, Workplace, ZooKeeper,
                   uninterrupted, wait_until)
from tour import BRING_BACK, KILL, NODES, SENTINELS, WATCHERS, WRITE, ZOOKEEPER, NoTour, Tour

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


def wait_for_sentinels(sentinels, replicas):
    began = time.monotonic()
    for sentinel in sentinels:
        wait_until(lambda: sentinel.is_running() and sentinel.is_prepared(replicas), PATIENCE,
                   f"{sentinel.name} sees the other sentinels, and {replicas} replicas that it may promote")
    say(f"  {time.monotonic() - began:5.1f} s  all see each other, and {replicas} replicas that may be promoted")


def wait_for_watchers(watchers):
    began = time.monotonic()
    for watcher in watchers:
        wait_until(lambda: watcher.is_running() and watcher.is_listening(), PATIENCE, f"{watcher.name} listens to a sentinel")
    say(f"  {time.monotonic() - began:5.1f} s  each listens to a sentinel, and knows that the record is true")


def show_rows(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        say("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    say()


def show_nodes(nodes):
    rows = [("NODE", "ADDRESS", "ROLE", "LAG", "LINEAGE", "WHAT IT SAYS")]
    for node in nodes:
        status = node.status()
        lineage = status and status["lineage"]
        lag = status and status["lag"]
        rows.append((node.name, node.address, role_of(status), "-" if lag is None else f"{lag} bytes",
                     f"term {lineage['term']}, offset {lineage['offset']}" if lineage else "-",
                     status["doing"] if status else "-"))
    say()
    show_rows(rows)


def show_sentinels(sentinels):
    show_rows([("SENTINEL", "ADDRESS", "TELLS CLIENTS THAT MASTER IS")] +
              [(sentinel.name, sentinel.address, sentinel.named()) for sentinel in sentinels])


def show_watchers(place):
    names = {sentinel.address: sentinel.name for sentinel in place.sentinels}
    rows = [("WATCHER", "ADDRESS", "LISTENS TO", "EVENTS", "SAYS THAT MASTER IS")]
    for watcher in place.watchers:
        status = watcher.status()
        sentinel = status["listening"]["sentinel"]
        rows.append((watcher.name, watcher.address, names.get(sentinel, sentinel or "-"), str(len(watcher.events())),
                     f"{status['master'] or '-'}, since term {status['term']}"))
    show_rows(rows)


def run(node, *words, expect=None):
    """Shows a command of redis-cli and its answer. With `expect`, waits for that answer."""
    answer = node.cli(*words) if expect is None else wait_until(
        lambda: node.cli(*words) == expect and expect, 10, f"{' '.join(words)} on {node.name} answers {expect!r}")
    say(f"  $ redis-cli -h {HOST} -p {node.port} {' '.join(words)}\n  {answer}")


def master_of(nodes):
    return next(node for node in nodes if role_of(node.status()) == "master")


def start(place, bin_directory, tour):
    tour.explain(ZOOKEEPER)
    say("Starting ZooKeeper")
    with uninterrupted():
        place.zookeeper = ZooKeeper(place.directory)
    wait_until(place.zookeeper.serves, PATIENCE, "ZooKeeper serves")
    tour.explain(NODES)
    say("Starting three nodes at the same time. None is told who is master.")
    place.nodes = [Node(f"node-{number}", place.directory, bin_directory, REPOSITORY / "conf/redis.conf",
                        place.zookeeper) for number in (1, 2, 3)]
    for node in place.nodes:
        node.start()
    wait_for_convergence(place.nodes)
    show_nodes(place.nodes)
    tour.explain(SENTINELS)
    say("Starting three sentinels. They are not told either.")
    place.sentinels = [Sentinel(f"sentinel-{number}", place.directory, bin_directory, REPOSITORY / "conf/sentinel.conf",
                                place.zookeeper) for number in (1, 2, 3)]
    for sentinel in place.sentinels:
        sentinel.start()
    wait_for_sentinels(place.sentinels, replicas=len(place.nodes) - 1)
    say()
    show_sentinels(place.sentinels)
    tour.explain(WATCHERS)
    say("Starting two watchers. Each listens to a sentinel of its choice, and keeps the record true.")
    place.watchers = [Watcher(f"watcher-{number}", place.directory, bin_directory, place.zookeeper) for number in (1, 2)]
    for watcher in place.watchers:
        watcher.start()
    wait_for_watchers(place.watchers)
    say()
    show_watchers(place)


def write_and_read(nodes):
    say("Writing a key to the master, reading it from a replica")
    master = master_of(nodes)
    run(master, "SET", KEY, VALUE, expect="OK")
    run(next(node for node in nodes if node is not master), "GET", KEY, expect=VALUE)
    say()


def kill_the_master(place):
    """Gives back the node that was master."""
    old = master_of(place.nodes)
    say(f"Killing the wrapper of the master, {old.name}, with kill -9. Clients of each node try to write every 2 ms.")
    with FailOver(old, place.nodes, place.sentinels, place.watchers, place.zookeeper.hosts) as fail_over:
        fail_over.kill()
        steps = fail_over.wait(PATIENCE)
    for seconds, who, what in steps:
        say(f"  {seconds * 1000:6.0f} ms  {who:10}  {what}")
    show_nodes(place.nodes)
    show_sentinels(place.sentinels)
    show_watchers(place)
    return old


def bring_back(place, old):
    say(f"Starting {old.name} again, with its data, on the same address")
    old.start()
    wait_for_convergence(place.nodes)
    show_nodes(place.nodes)
    new = master_of(place.nodes)
    record = new.status()["record"]
    say(f"  {new.name} is master in the place of {old.name}: "
        f"ZooKeeper names {record['master']} in term {record['term']}.")
    page = place.watchers[0].page("/master.json")
    say(f"  Written by {page['by']}, because {page['reason']}.")
    say("  The key is still there, on every node:")
    for node in place.nodes:
        run(node, "GET", KEY, expect=VALUE)
    say()


def look_around(place):
    """What to try, until Ctrl-C. Whoever ends is started again, as a scheduler does it."""
    master, sentinel, watcher = master_of(place.nodes), place.sentinels[0], place.watchers[0]
    cli = f"/usr/share/zookeeper/bin/zkCli.sh -server {place.zookeeper.hosts}"
    say(f"""The cluster stays up until Ctrl-C. In another terminal:

  redis-cli -h {HOST} -p {master.port}  # the master
  curl -s http://{HOST}:{master.http_port}/status | python3 -m json.tool
  curl -s http://{HOST}:{master.http_port}/metrics
  {cli} get /redis/master
  {cli} get /redis/term
  {cli} ls -R /redis
  redis-cli -h {HOST} -p {sentinel.port} sentinel get-master-addr-by-name {MASTER_NAME}
  redis-cli -h {HOST} -p {sentinel.port} sentinel ckquorum {MASTER_NAME}
  redis-cli -h {HOST} -p {sentinel.port} psubscribe '*'  # what happens, as it happens
  redis-cli -h {HOST} -p {sentinel.port} sentinel failover {MASTER_NAME}  # another master, please
  curl -s http://{HOST}:{sentinel.http_port}/status | python3 -m json.tool
  curl -s http://{watcher.address}/status | python3 -m json.tool  # the whole cluster, as a watcher sees it
  curl -s http://{watcher.address}/events
  curl -s http://{watcher.address}/sentinels  # for clients: host:port,host:port
  kill -9 {sentinel.child.process.pid}  # the wrapper of {sentinel.name}; it is started again
  kill -9 {master.child.process.pid}  # the wrapper of the master; it is started again
  tail -f {place.directory}/*.log
""")
    while True:
        for one in place.nodes + place.sentinels + place.watchers:
            if not one.is_running():
                say(f"{one.name} has ended with status {one.child.process.returncode}; starting it again")
                one.start()
        time.sleep(0.5)


def tell(place, bin_directory, tour):
    start(place, bin_directory, tour)
    tour.explain(WRITE)
    write_and_read(place.nodes)
    tour.explain(KILL)
    old = kill_the_master(place)
    tour.explain(BRING_BACK)
    bring_back(place, old)


class Interrupted(BaseException):
    pass


def interrupt(number, _):
    signal.signal(number, signal.SIG_IGN)  # the second Ctrl-C of an impatient hand must not stop the cleaning up
    raise Interrupted(number)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bin", type=Path, required=True, help="where the executables are")
    arguments.add_argument("--stay", action="store_true", help="leave the cluster up until Ctrl-C")
    arguments.add_argument("--tour", action="store_true", help="explain each step, and wait for Enter before it on a terminal")
    options = arguments.parse_args()
    for number in INTERRUPTIONS:
        signal.signal(number, interrupt)

    tour = Tour(waits=sys.stdin.isatty() and sys.stdout.isatty()) if options.tour else NoTour()
    place, status, told = Workplace(tempfile.mkdtemp(prefix="redis-zk-")), 0, False
    try:
        tell(place, options.bin.resolve(), tour)
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
