"""P8 for sentinel-wrapper: what --check and a start refuse, and garbage in ZooKeeper."""

import socket

import pytest
from kazoo.security import make_digest_acl

from support.cluster import LONE_CONF
from support.processes import free_port
from support.refusal import assert_refused
from support.sentinel import Sentinel, start_sentinels, wait_until_all_ready
from support.wait import wait_until

WRONG_VALUES = [
    ("ZK_SESSION_TIMEOUT", "6"), ("ZK_TIMEOUT", "soon"), ("ZK_HOSTS", "127.0.0.1:0"), ("ZK_ROOT", "redis"),
    ("ZK_AUTH", "user:password"), ("PORT0", "0"), ("PORT0", "65536"), ("LISTEN_PORT", "x"), ("ANNOUNCE_PORT", "0"),
    ("HTTP_PORT", "70000"), ("BIND_IP", "not-an-address"), ("BIND_IP", "192.0.2.1"), ("ANNOUNCE_IP", "0.0.0.0"),
    ("SENTINEL_SERVER", "no-such-server"), ("SENTINEL_CONF", "/no/such/file"), ("SENTINEL_PASSWORD_FILE", "/no/such/file"),
    ("REDIS_PASSWORD_FILE", "/no/such/file"), ("REDIS_USERNAME", "joe"), ("SENTINEL_USERNAME", "ann"), ("MASTER_NAME", "my master"),
    ("SENTINEL_QUORUM", "0"), ("SENTINEL_QUORUM", "-1"), ("SENTINEL_QUORUM", "1.5"), ("SENTINEL_QUORUM", "most"),
    ("DOWN_AFTER", "3"), ("DOWN_AFTER", "499ms"), ("FAILOVER_TIMEOUT", "0"), ("FAILOVER_TIMEOUT", "x"),
    ("PARALLEL_SYNCS", "0"), ("PARALLEL_SYNCS", "10001"), ("GHOST_TIMEOUT", "999ms"), ("MASTER_TIMEOUT", "soon"),
    ("DRAIN", "-1s"), ("STOP_TIMEOUT", "x"), ("LOG_LEVEL", "loud"), ("LOG_FORMAT", "xml"),
]


@pytest.fixture
def sentinel(workplace, zookeeper, directory):
    """Not started yet, and without anything that could be wrong."""
    return Sentinel(workplace, zookeeper.hosts, directory.root, "sentinel")


@pytest.fixture
def checked(sentinel):
    sentinel.environment["CHECK"] = "yes"
    return sentinel


@pytest.mark.parametrize("name, value", WRONG_VALUES, ids=[f"{name}={value}" for name, value in WRONG_VALUES])
def test_a_wrong_value_is_quoted_with_the_name_of_its_option(checked, directory, name, value):
    """--check and a start read the options in the same way; the unit tests have the rest."""
    checked.environment[name] = value
    assert_refused(checked, directory, name, "digest:" if name == "ZK_AUTH" else "REDIS_PASSWORD" if value == "joe" else value)


WRONG_FILES = [("loglevel chatty", "loglevel chatty"), ("sentinel monitor other 10.0.0.1 6379 2", "speaks of the master"),
               ("sentinel notification-script mymaster /bin/true", "is not supported"), ("replicaof 10.0.0.1 6379", "follows nobody"),
               ("sentinel down-after-milliseconds mymaster 100", "again and again"), ("include /no/such/file", "/no/such/file"),
               ("sentinel parallel-syncs mymaster none", "is not a whole number"), ('requirepass "half', "a quote is not closed")]


@pytest.mark.parametrize("line, said", WRONG_FILES, ids=[line for line, _ in WRONG_FILES])
def test_check_refuses_a_sentinel_conf_with_a_mistake_and_says_which(checked, directory, workplace, line, said):
    conf = workplace.directory / "mine.conf"
    conf.write_text(f"loglevel notice\n{line}\n")
    checked.environment.update(SENTINEL_CONF=conf, DOWN_AFTER=None)  # which would count more than the file
    assert_refused(checked, directory, said)


def test_check_finds_ports_that_are_taken(checked, directory):
    """Each in a line of its own."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for name in ("PORT0", "HTTP_PORT"):
            checked.environment[name] = port
            assert_refused(checked, directory, f"port {port} of 127.0.0.1 is in use")
            del checked.environment[name]


def test_check_finds_a_server_that_is_none(checked, directory):
    checked.environment["SENTINEL_SERVER"] = "true"
    assert_refused(checked, directory, "mistake: server", "/true")


def test_check_finds_that_zookeeper_does_not_answer(checked, directory):
    port = free_port()
    checked.environment["ZK_HOSTS"] = f"127.0.0.1:{port}"
    assert_refused(checked, directory, f"mistake: ZooKeeper does not answer at 127.0.0.1:{port}")


@pytest.mark.parametrize("folder", ["members", "sentinels", "sentinel-ids"])
def test_check_finds_a_folder_in_zookeeper_that_it_may_not_write(checked, directory, folder):
    """Somebody else's digest owns it."""
    directory.client.ensure_path(directory.root)
    mine = [make_digest_acl("somebody", "else", all=True)]
    for name in ("members", "sentinels", "sentinel-ids"):
        directory.client.create(directory.path(name), b"", acl=mine if name == folder else None)
    assert checked.run_to_end() == 2, checked.log()
    assert "mistake: " in checked.log() and (folder == "members" or directory.path(folder) in checked.log())


def test_check_finds_a_directory_that_another_sentinel_uses(checked, cluster, directory):
    cluster.start(1, conf=LONE_CONF)
    other, = start_sentinels(cluster, 1, SENTINEL_QUORUM="1")
    wait_until_all_ready([other], directory)
    checked.environment["RUN_DIR"] = other.run
    assert checked.run_to_end() == 2
    assert "mistake: directory" in checked.log() and str(other.run) in checked.log()
    assert other.is_ready()


def test_check_tells_all_mistakes_at_once_and_in_a_line_each(checked, directory, workplace):
    """Those that only a trial finds; wrong options are told before any trial."""
    conf = workplace.directory / "mine.conf"
    conf.write_text("loglevel chatty\n")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        checked.environment.update(PORT0=taken.getsockname()[1], SENTINEL_CONF=conf, ZK_HOSTS=f"127.0.0.1:{free_port()}")
        assert_refused(checked, directory, "sentinel port", "loglevel chatty", "ZooKeeper does not answer")
    assert sum(line.startswith("mistake: ") for line in checked.log().splitlines()) == 3


# --- garbage in ZooKeeper ---

AN_ID = "0123456789abcdef0123456789abcdef01234567"
GARBAGE = {"binary": b"\x00\xff\xfe\x80", "word": b"nonsense", "wrong port": b"127.0.0.1 99999", "long": b"x" * 100000,
           "half JSON": b"{", "wrong type": b'{"last_address":7,"state":[]}', "unknown state": b'{"last_address":"127.0.0.1 1","state":"dead"}'}
PLACES = [("sentinels/garbage", "binary"), ("sentinels/garbage", "word"), ("sentinels/garbage", "wrong port"),
          ("sentinels/garbage", "long"), ("sentinel-ids/garbage", "word"), (f"sentinel-ids/{AN_ID}", "binary"),
          (f"sentinel-ids/{AN_ID}", "half JSON"), (f"sentinel-ids/{AN_ID}", "wrong type"), (f"sentinel-ids/{AN_ID}", "unknown state")]


def tells(sentinel, path):
    """The lines of its log that complain of this node."""
    return [line for line in sentinel.log().splitlines() if path in line and "left alone" in line]


class WithoutGarbage:
    """The list of sentinels as clients see it that skip what is no address."""

    def __init__(self, directory):
        self.directory = directory

    def sentinels(self):
        texts = {self.directory.text(f"sentinels/{name}") for name in self.directory.children("sentinels") if name != "garbage"}
        return {(text.split(" ")[0], int(text.split(" ")[1])) for text in texts if text}


@pytest.mark.parametrize("comes", ["before the sentinels", "later"])
@pytest.mark.parametrize("where, kind", PLACES, ids=[f"{where.split('/')[0]} {kind}" for where, kind in PLACES])
def test_garbage_is_skipped_and_left_alone_and_told_once(cluster, directory, where, kind, comes):
    """P8. The lists are read again when another sentinel comes, and nothing is said again then."""
    cluster.start(1, conf=LONE_CONF)
    if comes != "later":
        directory.write(where, GARBAGE[kind])
    sentinels = start_sentinels(cluster, 2)
    wait_until_all_ready(sentinels, WithoutGarbage(directory))
    if comes == "later":
        directory.write(where, GARBAGE[kind])
    wait_until(lambda: all(tells(one, directory.path(where)) for one in sentinels), 10, f"both logs name {where}")
    sentinels += start_sentinels(cluster, 1)
    wait_until_all_ready(sentinels, WithoutGarbage(directory))
    ids = {one.id() for one in sentinels}
    assert len(ids) == 3 and AN_ID not in ids
    assert [len(tells(one, directory.path(where))) for one in sentinels] == [1, 1, 1]
    assert directory.client.get(directory.path(where))[0] == GARBAGE[kind]
    assert all(len(one.log()) < 60000 for one in sentinels), "a long value is not repeated in full"
