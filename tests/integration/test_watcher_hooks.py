"""Commands that a watcher runs for events: whatever they do, the record is kept, and nothing of them stays."""

import json
import signal

import pytest

from support.forger import Forger
from support.node import INHERITED
from support.plain_sentinel import PlainSentinel
from support.processes import process_is_alive
from support.sentinel import Sentinel, watched
from support.wait import stays_true, wait_until
from support.watcher import Watcher, start_watchers, wait_until_all_listen

SWITCH = "+switch-master"


@pytest.fixture
def script(workplace):
    """Makes a command out of the text of a shell script; its path."""
    def make(name, text):
        path = workplace.directory / name
        path.write_text(f"#!/bin/sh\ncd {workplace.directory}\n{text}\n")
        path.chmod(0o700)
        return path
    return make


@pytest.fixture
def forged(cluster, workplace):
    """One node, one sentinel, and between it and everybody else a forger. `start` begins a watcher that listens to it."""
    node, _ = cluster.start(1, conf="appendonly yes\n")
    sentinel = Sentinel(workplace, cluster.zk_hosts, cluster.directory.root, "sentinel-1", SENTINEL_QUORUM=1)
    forger = Forger(workplace, ("127.0.0.1", sentinel.port))
    sentinel.start(ANNOUNCE_PORT=forger.port)
    wait_until(sentinel.is_ready, 20, "the sentinel is ready")

    def start(**environment):
        watcher, = start_watchers(cluster, 1, **environment)
        wait_until_all_listen([watcher])
        wait_until(forger.listeners, 5, "the watcher listens through the forger")
        return watcher
    forger.start, forger.node, forger.sentinel = start, node, sentinel
    return forger


def metric(watcher, name, **labels):
    """0 when it was never counted."""
    for line in watcher.get("/metrics")[1].splitlines():
        if line.startswith(name) and all(f'{label}="{value}"' in line for label, value in labels.items()):
            return float(line.rpartition(" ")[2])
    return 0


def lines_in(path):
    return path.read_text().splitlines() if path.exists() else []


def pid_in(path):
    return wait_until(lambda: int(path.read_text()), 10, f"the hook writes {path.name}")


def test_a_hook_gets_the_event_of_a_real_fail_over_and_no_secret(cluster, workplace, script):
    """Secrets never reach what we start for somebody else."""
    hook = script("hook", 'printf "%s\\n" "$@" >arguments\nenv >environment.new\nmv environment.new environment\necho it was "$1"')
    master, replicas, sentinels = watched(cluster, 2)
    watcher, = start_watchers(cluster, 1, ON_EVENT=f"{SWITCH}={hook}", ZK_AUTH="digest:watcher:hunter2")
    wait_until_all_listen([watcher])
    master.kill()
    wait_until((workplace.directory / "environment").exists, 20, "the hook has run")
    old, new = master.address, replicas[0].address
    assert lines_in(workplace.directory / "arguments") == [SWITCH, "mymaster", old[0], str(old[1]), new[0], str(new[1])]
    environment = dict(line.split("=", 1) for line in lines_in(workplace.directory / "environment"))
    assert environment["REDIS_ZK_EVENT"] == SWITCH and environment["REDIS_ZK_MASTER_NAME"] == "mymaster"
    assert environment["REDIS_ZK_EVENT_TEXT"] == f"mymaster {old[0]} {old[1]} {new[0]} {new[1]}"
    assert environment["REDIS_ZK_ROOT"] == cluster.directory.root and environment["REDIS_ZK_HOSTS"] == cluster.zk_hosts
    assert environment["REDIS_ZK_SENTINEL"] in {"{}:{}".format(*one.address) for one in sentinels}
    assert "hunter2" not in str(environment) and environment["PATH"] == INHERITED["PATH"]
    watcher.process.wait_for_log(f"hook: it was {SWITCH}")
    wait_until(lambda: metric(watcher, "redis_zk_hook_runs_total", outcome="ok") == 1, 5, "it is counted")


def test_hooks_that_hang_fail_and_flood_do_not_delay_the_record(cluster, workplace, script):
    """P3. The wrappers of the replicas stand still, so that nobody but the watcher can write the record."""
    hang = script("hang", "trap '' TERM\nsleep 1000 &\necho $! >sleep$1.pid\nwait")
    flood = script("flood", "while :; do echo yes yes yes yes yes yes yes; done")
    fail = script("fail", "exit 3")
    master, replicas, sentinels = watched(cluster)
    events = ",".join(f"{event}={hook}" for hook in (hang, fail, flood) for event in ("+sdown", SWITCH))
    watcher, = start_watchers(cluster, 1, ON_EVENT=events, HOOK_TIMEOUT="3s")
    wait_until_all_listen([watcher])
    for replica in replicas:
        replica.process.signal(signal.SIGSTOP)
    master.kill()
    named = wait_until(lambda: {one.names() for one in sentinels} - {master.address}, 20, "a sentinel names another", interval=0.005)
    wait_until(lambda: cluster.directory.record() in named, 2, "the record names it too", interval=0.005)
    assert watcher.get("/health")[0] == 200
    for replica in replicas:
        replica.process.signal(signal.SIGCONT)
    wait_until(lambda: metric(watcher, "redis_zk_hook_runs_total", hook="hang", outcome="failed"), 15, "who hangs is killed")
    wait_until(lambda: not process_is_alive(pid_in(workplace.directory / "sleep+sdown.pid")), 5, "and what it has started")
    for name in ("fail", "flood"):
        wait_until(lambda: metric(watcher, "redis_zk_hook_runs_total", hook=name, outcome="failed") >= 2, 15, f"{name} is counted")
    log = watcher.log()
    assert "did not end within HOOK_TIMEOUT and was killed" in log
    assert "failed: exit status 3" in log and "wrote more than 1 MiB and was killed" in log
    assert sum("flood: " in line for line in log.splitlines()) <= 100 * metric(watcher, "redis_zk_hook_runs_total", hook="flood"), "bounded"
    assert watcher.stop() == 0, "a watcher that is killed could not end the hook that hangs now"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["asked", "killed"])
def test_a_hook_ends_with_its_watcher(forged, workplace, script, number):
    """P6."""
    hook = script("hook", "echo $$ >hook.pid\nexec sleep 1000")
    watcher = forged.start(ON_EVENT=f"+sdown={hook}")
    forged.publish("+sdown", "master mymaster 127.0.0.1 1")
    pid = pid_in(workplace.directory / "hook.pid")
    watcher.process.signal(number)
    assert watcher.process.wait_for_exit(10) == (0 if number == signal.SIGTERM else 137)
    wait_until(lambda: not process_is_alive(pid), 5, "the hook is gone")


def test_events_that_wait_for_a_hook_are_bounded_and_the_newest_are_kept(forged, workplace, script):
    hook = script("hook", "until [ -e go ]; do sleep 0.02; done\necho $5 >>order")
    watcher = forged.start(ON_EVENT=f"{SWITCH}={hook}", HOOK_QUEUE=3)
    for number in range(1, 51):
        forged.publish(SWITCH, f"mymaster 127.0.0.1 1 host-{number} 2")
    wait_until(lambda: metric(watcher, "redis_zk_events_total", event=SWITCH) == 50, 10, "all are heard")
    (workplace.directory / "go").touch()
    # The first may have begun before the others came, or with them have been dropped.
    wait_until(lambda: lines_in(workplace.directory / "order")[-3:] == ["host-48", "host-49", "host-50"], 10, "the newest have run")
    ran = len(lines_in(workplace.directory / "order"))
    assert ran in (3, 4) and metric(watcher, "redis_zk_hook_events_dropped_total") == 50 - ran
    assert "more events wait than HOOK_QUEUE allows" in watcher.log()


def test_an_event_about_another_master_is_ignored(forged, cluster, workplace, script):
    hook = script("hook", "echo $2 >>ran")
    watcher = forged.start(ON_EVENT=f"{SWITCH}={hook}")
    before = cluster.directory.record_and_history()
    forged.publish(SWITCH, "other 127.0.0.1 1 127.0.0.1 2")
    forged.publish("+odown", "master other 127.0.0.1 1 #quorum 2/2")
    forged.publish("+tilt", "#tilt mode entered")
    wait_until(lambda: metric(watcher, "redis_zk_events_total", event="+tilt"), 5, "they are heard")
    assert [one["event"] for one in watcher.json("/events")["events"]][:3] == ["+tilt", "+odown", SWITCH]
    stays_true(lambda: not (workplace.directory / "ran").exists(), 0.5, "no hook runs")
    forged.publish(SWITCH, "mymaster 127.0.0.1 1 127.0.0.1 2")
    wait_until(lambda: lines_in(workplace.directory / "ran") == ["mymaster"], 5, "ours runs it")
    assert cluster.directory.record_and_history() == before, "and no event alone changes the record (P3)"


def test_an_event_of_a_sentinel_that_was_left_runs_nothing(forged, cluster, workplace, script):
    hook = script("hook", "echo $2 >>ran")
    watcher = forged.start(ON_EVENT=f"{SWITCH}={hook}")
    other = PlainSentinel(workplace, "other", forged.node.address, quorum=1).start()
    cluster.directory.register_sentinel(other)
    forged.sentinel.process.signal(signal.SIGSTOP)  # its session ends; what it is the parent of goes on
    try:
        wait_until(lambda: watcher.listens_to() == (other.host, other.port), 20, "the watcher listens to the other one")
        forged.publish(SWITCH, "mymaster 127.0.0.1 1 127.0.0.1 2")
        stays_true(lambda: not (workplace.directory / "ran").exists(), 1, "no hook runs")
        assert not metric(watcher, "redis_zk_events_total", event=SWITCH)
    finally:
        forged.sentinel.process.signal(signal.SIGCONT)


GARBAGE = [b"", b"\x00", b"\xff\xfe\xfd", b"\x1b[2J\x1b]0;x\x07", b"a\r\nb", b"' \" \\ $(touch owned) `touch owned`; touch owned", b"%s%n%x",
           b"<script>alert(1)</script>", b"x" * 100_000, b"mymaster", b"mymaster 127.0.0.1 99999 :: 0", b"master mymaster", b"a " * 50_000,
           b"slave x @ @ @ @ mymaster", "K\u00f6ln \u202e".encode(), b"-1", b"../../etc/passwd"]


def test_garbage_as_event_changes_nothing(forged, cluster, workplace, script):
    """P8. As name and as text, and a hook gets it too."""
    hook = script("hook", 'echo "$@" >>ran')
    watcher = forged.start(ON_EVENT=f"{SWITCH}={hook}")
    before = cluster.directory.record_and_history()
    for text in GARBAGE:
        forged.publish(SWITCH, text)
        forged.publish(SWITCH, b"mymaster " + text)
        forged.publish(text, b"master mymaster 127.0.0.1 1")
        forged.publish(text, text)
    forged.publish("+tilt", "#tilt mode entered")
    wait_until(lambda: metric(watcher, "redis_zk_events_total", event="+tilt"), 10, "it hears them to the end")
    wait_until(lambda: metric(watcher, "redis_zk_hook_runs_total", hook="hook") >= len(GARBAGE), 20, "the hook has got them")
    assert cluster.directory.record_and_history() == before
    assert not (workplace.directory / "owned").exists()
    log = watcher.process.log_path.read_bytes()
    assert not [byte for byte in log if byte < 32 and byte not in b"\t\n"] and b"is no event" in log
    assert json.dumps(watcher.json("/events")) and watcher.get("/")[0] == 200
    assert "<script" not in watcher.get("/")[1]
    assert metric(watcher, "redis_zk_unreadable_events_total") > 0
    assert watcher.is_ready()


@pytest.mark.parametrize("raw", [b"+OK\r\n", b"-ERR no\r\n", b":1\r\n", b"$-1\r\n", b"*0\r\n", b"*1\r\n*1\r\n*0\r\n", b"*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nb\r\n",
                                 b"*4\r\n$8\r\npmessage\r\n*0\r\n:1\r\n$-1\r\n", b"*999999999\r\n", b"$999999999999\r\n", b"\x00\xff garbage\r\n"],
                         ids=lambda raw: repr(raw[:14]))
def test_what_is_no_message_at_all_makes_it_listen_anew_at_most(forged, cluster, raw):
    """P8."""
    watcher = forged.start()
    before = cluster.directory.record_and_history()
    for _ in range(3):
        forged.say(raw)
        wait_until(lambda: watcher.is_ready() and forged.listeners(), 20, "it listens")

    def heard():
        forged.publish("+tilt", "#tilt mode entered")
        return metric(watcher, "redis_zk_events_total", event="+tilt")
    wait_until(heard, 20, "it hears again", interval=0.3)
    assert watcher.is_running() and cluster.directory.record_and_history() == before


@pytest.mark.parametrize("wrong, said", [
    ({"ON_EVENT": "+switch-master"}, "event=command"),
    ({"ON_EVENT": "+switch-master=/no/such/file"}, "no file that can be executed"),
    ({"ON_EVENT": "+Switch Master=/bin/true"}, "is not the name of an event"),
    ({"HOOK_TIMEOUT": "10"}, "is not a duration"),
    ({"HOOK_QUEUE": "none"}, "is not a whole number"),
    ({"PORT0": "0"}, "is not a port"),
    ({"MASTER_NAME": "my master"}, "may only have letters"),
], ids=lambda value: next(iter(value)) if isinstance(value, dict) else "")
def test_a_wrong_option_ends_in_status_2_with_a_sentence(workplace, wrong, said):
    """P8."""
    watcher = Watcher(workplace, "127.0.0.1:1", "/redis", "watcher-1", **wrong)
    assert watcher.run_to_end() == 2
    assert next(iter(wrong)) in watcher.log() and said in watcher.log()


def test_check_says_what_it_has_looked_at_and_writes_nothing(cluster, workplace, script):
    cluster.start(1, conf="appendonly yes\n")
    before = cluster.directory.everything()
    hook = script("hook", "touch ran")
    options = {"ON_EVENT": f"{SWITCH}={hook}", "CHECK": "on"}
    good = Watcher(workplace, cluster.zk_hosts, cluster.directory.root, "watcher-1", **options)
    assert good.run_to_end() == 0, good.log()
    for line in ("ok: http port", f"ok: hook: {SWITCH} runs {hook}", "ok: ZooKeeper answers", "in ZooKeeper can be written"):
        assert line in good.log(), good.log()
    bad = Watcher(workplace, "127.0.0.1:1", cluster.directory.root, "watcher-2", **options)
    assert bad.run_to_end() == 2 and "mistake: ZooKeeper does not answer" in bad.log()
    assert set(cluster.directory.everything()) == set(before) and not (workplace.directory / "ran").exists()


def test_a_port_that_is_taken_ends_in_status_2(forged, workplace, cluster):
    """P8."""
    first = forged.start()
    second = Watcher(workplace, cluster.zk_hosts, cluster.directory.root, "watcher-2", PORT0=first.http_port)
    assert second.run_to_end() == 2 and "PORT0" in second.log() and "in use" in second.log()
