"""P8: each mistake of the user has a clear sentence, all of them are told at once, the exit status is 2, and nothing was started or
written anywhere."""

import re
import socket
import subprocess

import pytest
from kazoo.security import make_digest_acl

from support.cluster import LONE_CONF
from support.forwarder import ResettingForwarder
from support.node import INHERITED, WRAPPER
from support.plain_redis import PlainRedis
from support.processes import free_port
from support.refusal import assert_refused
from support.wait import stays_true, wait_until


WRONG_VALUES = [
    ("ZK_SESSION_TIMEOUT", "6parsecs"), ("ZK_SESSION_TIMEOUT", "6"), ("ZK_SESSION_TIMEOUT", "-1s"),
    ("COLD_START_WAIT", "soon"), ("ZK_TIMEOUT", "1.5.2s"), ("STOP_TIMEOUT", "x"),
    ("PORT0", "0"), ("PORT0", "65536"), ("PORT0", "redis"), ("PORT0", "6379 "), ("PORT0", "-1"),
    ("HTTP_PORT", "70000"), ("ANNOUNCE_PORT", "0"),
    ("BIND_IP", "not-an-address"), ("BIND_IP", "1.2.3"), ("ANNOUNCE_IP", "0.0.0.0"), ("ANNOUNCE_IP", "::"),
    ("ZK_ROOT", "redis"), ("ZK_ROOT", "/redis/"), ("ZK_ROOT", "/a//b"), ("ZK_ROOT", "/../redis"),
    ("ZK_HOSTS", "127.0.0.1:0"), ("ZK_HOSTS", "127.0.0.1:99999"),
    ("LOG_LEVEL", "loud"), ("LOG_FORMAT", "xml"), ("ACCEPT_DATA_LOSS", "perhaps"),
]


@pytest.mark.parametrize("name, value", WRONG_VALUES, ids=[f"{name}={value}" for name, value in WRONG_VALUES])
def test_a_wrong_value_is_quoted_with_the_name_of_its_option(cluster, directory, name, value):
    assert_refused(cluster.add(**{name: value}), directory, name, value.strip())


@pytest.mark.parametrize("value, said", [(",", "a comma too many"), ("127.0.0.1:2181/a//b", "/a//b")])
def test_the_part_of_zk_hosts_that_is_wrong_is_named(cluster, directory, value, said):
    assert_refused(cluster.add(ZK_HOSTS=value), directory, "ZK_HOSTS", said)


@pytest.mark.parametrize("arguments, words", [
    (["--no-such-option"], ["--no-such-option"]),
    (["--log-levle", "debug"], ["--log-levle", "--log-level"]),
    (["--port0"], ["--port0"]),
    (["surplus"], ["surplus"]),
    (["--cold-start-wait", "soon"], ["--cold-start-wait", "soon"]),
], ids=["unknown", "misspelt", "without value", "surplus", "wrong value"])
def test_a_wrong_argument_is_named(cluster, directory, arguments, words):
    assert_refused(cluster.add(arguments=arguments), directory, *words)


def test_there_is_no_flag_for_a_secret_and_it_is_not_repeated(cluster, directory):
    """Everybody on a host can read an argument list."""
    node = cluster.add(arguments=["--redis-password", "hush-5561"])
    assert_refused(node, directory, "--redis-password")
    assert "hush-5561" not in node.log()


def test_all_mistakes_are_told_at_once(cluster, directory):
    node = cluster.add(PORT0="0", ZK_SESSION_TIMEOUT="soon", LOG_LEVEL="loud", REDIS_CONF="/no/such/file", ZK_ROOT="redis",
                       arguments=["--no-such-option"])
    assert_refused(node, directory, "PORT0", "ZK_SESSION_TIMEOUT", "LOG_LEVEL", "/no/such/file", "ZK_ROOT", "--no-such-option")


def test_an_interface_that_does_not_exist_is_answered_with_those_that_do(cluster, directory):
    node = cluster.add(BIND_IP=None, NET_IFACE="nosuch0")
    assert_refused(node, directory, "NET_IFACE", "nosuch0", "lo (127.0.0.1", "BIND_IP")


def test_an_address_of_another_host_cannot_be_listened_on(cluster, directory):
    assert_refused(cluster.add(BIND_IP="192.0.2.1"), directory, "BIND_IP", "192.0.2.1")


@pytest.mark.parametrize("name", ["REDIS_CONF", "REDIS_PASSWORD_FILE", "HTTP_TOKEN_FILE", "ZK_AUTH_FILE", "CONFIG_FILE"])
def test_a_file_that_cannot_be_read_is_named(cluster, directory, workplace, name):
    assert_refused(cluster.add(**{name: workplace.directory / "missing"}), directory, name, "missing")
    cluster.nodes[0].environment[name] = workplace.directory  # a directory
    assert_refused(cluster.nodes[0], directory, name)


def test_a_file_without_permission_is_named(cluster, directory, workplace):
    """Root may read everything, so this one runs as nobody."""
    conf = cluster.write_conf(LONE_CONF)
    conf.chmod(0o000)
    workplace.directory.chmod(0o755)
    result = subprocess.run([WRAPPER], env={**INHERITED, "REDIS_CONF": str(conf), "BIND_IP": "127.0.0.1"}, timeout=20,
                            stderr=subprocess.STDOUT, stdout=subprocess.PIPE, text=True, user="nobody", group="nogroup",
                            extra_groups=[], cwd="/")
    assert result.returncode == 2 and "REDIS_CONF" in result.stdout and "ermission" in result.stdout, result.stdout


def test_a_server_that_is_missing_is_named(cluster, directory):
    assert_refused(cluster.add(REDIS_SERVER="/no/such/redis-server"), directory, "REDIS_SERVER", "/no/such/redis-server")


def test_a_server_that_is_none_is_named(cluster, directory):
    """It takes a start to see that."""
    assert_refused(cluster.add(REDIS_SERVER="true"), directory, "REDIS_SERVER", "/true ")


OLD_SERVER = """#!/usr/bin/python3
import re, socket, sys
if sys.argv[1] == "--version":
    sys.exit(print("Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64 build=0"))
listener = socket.socket(socket.AF_UNIX)
listener.bind(re.search(r'^unixsocket "?([^"\\n]+)', open(sys.argv[1]).read(), re.MULTILINE)[1])
listener.listen()
open(re.search(r'^dir "?([^"\\n]+)', open(sys.argv[1]).read(), re.MULTILINE)[1] + "/appendonly.aof", "w")
info = "redis_version:6.0.16\\r\\nrole:slave\\r\\nmaster_host:127.0.0.1\\r\\nmaster_port:0\\r\\n"
ANSWERS = {b"INFO": f"${len(info)}\\r\\n{info}\\r\\n", b"GET": "*0\\r\\n", b"DELUSER": ":0\\r\\n"}
while True:
    connection, _ = listener.accept()
    while words := connection.recv(65536):
        for command in re.split(rb"^\\*", words, flags=re.MULTILINE)[1:]:
            kind = next((kind for kind in ANSWERS if kind in command.split()), None)
            connection.sendall(ANSWERS.get(kind, "+OK\\r\\n").encode())
"""


@pytest.mark.parametrize("arguments", [[], ["--check"]], ids=["start", "check"])
def test_a_server_that_is_too_old_is_refused(cluster, directory, workplace, arguments):
    server = workplace.directory / "redis-server"
    server.write_text(OLD_SERVER)
    server.chmod(0o755)
    node = cluster.add(conf=LONE_CONF, REDIS_SERVER=server, arguments=arguments)
    assert_refused(node, directory, str(server), "is version 6.0.16; 6.2 is the oldest that is supported")


@pytest.mark.parametrize("auth", ["user:password", "digest:", "digest:userpassword", "sasl:user:password"])
def test_a_wrong_zk_auth_is_refused_and_not_repeated(cluster, directory, auth):
    node = cluster.add(ZK_AUTH=auth)
    assert_refused(node, directory, "ZK_AUTH", "digest:")
    assert "password" not in node.log().replace("digest:user:password", ""), "only the pattern may be shown"


@pytest.mark.parametrize("line, message", [("no-such-directive yes", "no-such-directive"), ("maxmemory lots", "maxmemory")])
def test_a_redis_conf_that_redis_refuses_is_shown_in_the_servers_own_words(cluster, directory, line, message):
    assert_refused(cluster.add(conf=LONE_CONF + line + "\n"), directory, "redis-server refuses its configuration", message)


def test_a_redis_conf_that_redis_refuses_changes_nothing_that_an_earlier_life_has_left(cluster, directory):
    """What it did not finish, and a state file that cannot be understood, are for a life that begins."""
    node = cluster.add(conf=LONE_CONF + "maxmemory lots\n")
    left = {"temp-123.rdb": "unfinished", "redis-zk.state": "garbage"}
    for name, text in left.items():
        (node.data / name).write_text(text)
    assert_refused(node, directory, "maxmemory")
    assert {path.name: path.read_text() for path in node.data.iterdir()} == left
    cluster.write_conf(LONE_CONF, f"{node.name}.conf")
    node.start()
    cluster.wait_until_healthy()
    wait_until(lambda: (node.data / "redis-zk.state.unreadable").exists(), 5, "the state file is set aside")
    assert (node.data / "redis-zk.state.unreadable").read_text() == "garbage" and node.claim()
    assert not (node.data / "temp-123.rdb").exists() and "temp-123.rdb" in node.log()


def test_the_directories_of_a_start_that_is_refused_are_not_left(cluster, directory, workplace):
    node = cluster.add(conf=LONE_CONF + "maxmemory lots\n", DATA_DIR=workplace.directory / "new/data",
                       RUN_DIR=workplace.directory / "new/run")
    assert_refused(node, directory, "maxmemory")
    assert not list((workplace.directory / "new").iterdir())


def test_a_file_that_a_redis_conf_includes_and_that_cannot_be_read_is_named(cluster, directory):
    """We read it ourselves, so this is seen before anything is started."""
    node = cluster.add(conf=LONE_CONF + "include /no/such/file.conf\n")
    assert_refused(node, directory, "/no/such/file.conf", node.environment["REDIS_CONF"].name)


def test_a_port_that_is_taken_is_named(cluster, directory):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert_refused(cluster.add(PORT0=port), directory, "PORT0", f"port {port} of 127.0.0.1 is in use")


@pytest.mark.parametrize("line", ["daemonize yes", "port 1", "bind 192.0.2.1", "dir /tmp", "supervised systemd",
                                  "replicaof 192.0.2.1 6379", "logfile /dev/null", "pidfile /no/such/file"])
def test_what_the_wrapper_decides_is_overridden_and_said(cluster, line):
    """P7, P8: the user's file may come from somewhere else; the node works, and the log says what did not count. (redis-server
    changes into a `dir` and opens a `logfile` while it reads the line, so those have to exist.)"""
    node, _ = cluster.start(1, conf=LONE_CONF + line + "\n")
    assert node.accepts_writes() and (node.data / "appendonlydir").is_dir()
    assert "Ready to accept connections" in node.log()
    name = line.split()[0]
    assert any(name in said and "REDIS_CONF" in said or name in said and "redis.conf" in said or name in said and "overrid" in said
               for said in node.log().splitlines() if "redis-server: " not in said), node.log()


def test_an_address_that_another_living_member_announces_is_refused(cluster, directory):
    """P1: it really answers there."""
    first, _ = cluster.start(1, conf=LONE_CONF)
    wait_until(lambda: directory.json("roster").get("nodes"), 5, "the cluster has written all that it writes")
    second = cluster.add(conf=LONE_CONF, ANNOUNCE_IP=first.host, ANNOUNCE_PORT=first.port)
    assert_refused(second, directory, "{}:{}".format(*first.address))
    assert first.is_master() and len(directory.members()) == 1


def test_a_copied_data_directory_is_refused_while_the_original_lives(cluster, directory):
    """P1, P6: the identity is in the directory; two nodes with one identity would take each other for themselves."""
    first, _ = cluster.start(1, conf=LONE_CONF)
    second = cluster.add(conf=LONE_CONF).restore_data(first.save_data())
    assert second.run_to_end() == 2
    assert first.status()["id"] in second.log() and first.is_master() and len(directory.members()) == 1


def test_a_leftover_of_its_own_former_life_does_not_count(cluster, directory):
    """P4: the session of the life before has 10 s left; the new life does not wait for its end."""
    node, _ = cluster.start(1, conf=LONE_CONF, ZK_SESSION_TIMEOUT="10s")
    former = directory.owner(f"members/{node.status()['id']}")
    node.kill()
    assert directory.members()
    node.start()
    cluster.wait_until_healthy(seconds=8)
    assert directory.owner(f"members/{node.status()['id']}") not in (None, former)


def test_an_address_that_a_dead_member_announces_is_taken_over(cluster, directory):
    """P4: the registration of another node that does not answer any more."""
    directory.client.create(directory.path("members/11111111-2222-4333-8444-555555555555"), ephemeral=True, makepath=True,
                            value=b"{}")
    node = cluster.add(conf=LONE_CONF)
    directory.write("members/11111111-2222-4333-8444-555555555555",
                    '{{"address":"{} {}","role":"replica"}}'.format(*node.address))
    node.start()
    cluster.wait_until_healthy()


# --- garbage in ZooKeeper ---

GARBAGE = {"binary": b"\x00\xff\xfe\x80", "half JSON": b"{", "word": b"nonsense", "long": b"x" * 100000,
           "wrong port": b"127.0.0.1 99999", "wrong JSON": b"[1,2,3]", "wrong type": b'{"term":"seven","master":7}'}
PLACES = [("master", "binary"), ("master", "word"), ("master", "long"), ("master", "wrong port"),
          ("term", "binary"), ("term", "half JSON"), ("term", "wrong JSON"), ("term", "wrong type"),
          ("members/garbage", "binary"), ("members/garbage", "wrong type"), ("roster", "half JSON"),
          ("sentinels/garbage", "word"), ("sentinels/garbage", "wrong port")]


@pytest.mark.parametrize("where, kind", PLACES)
def test_garbage_in_zookeeper_is_logged_and_does_not_stop_the_cluster(cluster, directory, where, kind):
    """P8, P4: it is treated as unknown, and an election that replaces it says so."""
    garbage = GARBAGE[kind]
    directory.write(where, garbage)
    options = {"ACCEPT_DATA_LOSS": "yes"} if where == "term" else {}  # see the next test
    node, _ = cluster.start(1, conf=LONE_CONF, **options)
    assert node.is_running()
    path = directory.path(where)
    wait_until(lambda: path in node.log(), 5, f"the log names {path}")
    if where in ("master", "term"):
        assert "could not be read" in node.log() and directory.term() >= 1
    elif where == "roster":
        wait_until(lambda: directory.json(where).get("nodes"), 5, "the master has written its own")
        assert f"{path} could not be read, and this master replaces it" in node.log()
    else:
        assert directory.text(where) == garbage.decode(errors="replace")
    assert len(node.log()) < 60000, "it is said once, and a long value is not repeated in full"


def test_a_node_without_data_waits_for_the_operator_when_the_term_cannot_be_read(cluster, directory):
    """P2: that there is a term says that there were data, whoever has them now."""
    directory.write("term", GARBAGE["half JSON"])
    node = cluster.add(conf=LONE_CONF).start()
    node.wait_until_doing("ACCEPT_DATA_LOSS")
    stays_true(lambda: not node.is_master(), 2.5, "longer than COLD_START_WAIT")
    assert directory.text("term") == "{"


def test_garbage_that_appears_later_changes_nothing(cluster, directory):
    """P8: the master stays open, its replica stays with it."""
    master, (replica,) = cluster.start(2, conf=LONE_CONF)
    directory.write("members/garbage", b"\xff\x00")
    directory.write("sentinels/garbage", b"::::")
    wait_until(lambda: directory.path("members/garbage") in master.log(), 5, "it is logged")
    assert master.accepts_writes() and replica.follows(master) and directory.term() == 1


def test_unknown_fields_of_a_newer_version_are_kept(cluster, directory):
    """design/3: in the record, when it is rewritten."""
    master, (replica,) = cluster.start(2, conf=LONE_CONF)
    directory.write("term", directory.text("term").rstrip("} \n") + ',"from_the_future":{"a":1}}')
    master.kill()
    wait_until(lambda: directory.term() == 2, 20, "the next term is written")
    assert directory.json("term")["from_the_future"] == {"a": 1}


# --- --check, --help, --version, precedence ---

def test_check_finds_everything_in_order(cluster, directory):
    node = cluster.add(conf=LONE_CONF, arguments=["--check"])
    assert node.run_to_end() == 0
    assert directory.client.exists(directory.root) is None and not list(node.data.iterdir()) and not list(node.run.iterdir())
    findings = node.log().splitlines()
    assert not [finding for finding in findings if not finding.startswith("ok: ")]
    assert any(re.search(r"^ok: server: /.*redis-server is version \d+\.\d+\.\d+$", finding) for finding in findings), findings


def test_check_tells_every_finding_in_a_line_of_its_own(cluster, workplace):
    taken = PlainRedis(workplace).start()
    conf = "no-such-directive yes\n"
    node = cluster.add(conf=conf, arguments=["--check"], PORT0=taken.port, ZK_HOSTS=f"127.0.0.1:{free_port()}")
    assert node.run_to_end() == 2
    lines = node.log().splitlines()
    for word in (f"port {taken.port}", "no-such-directive", "ZooKeeper"):
        assert any(word in line for line in lines), f"{word} in {lines}"


@pytest.mark.parametrize("where", ["master", "term", "roster", "members", "lock", "history"])
def test_check_reports_nodes_in_zookeeper_that_it_may_not_write(cluster, directory, where):
    """The ACLs: somebody else's digest owns it."""
    directory.client.ensure_path(directory.root)
    for name in ("master", "members", "lock", "history"):
        if name != where:
            directory.client.create(directory.path(name), b"")
    directory.client.create(directory.path(where), b"", acl=[make_digest_acl("somebody", "else", all=True)])
    node = cluster.add(conf=LONE_CONF, arguments=["--check"])
    assert node.run_to_end() == 2
    assert "mistake: " in node.log() and (where == "members" or directory.path(where) in node.log())


def test_check_reports_a_root_in_zookeeper_in_which_it_may_not_create_what_is_missing(cluster, directory):
    names = ["master", "term", "roster", "members", "lock", "history"]
    for name in names:
        directory.client.create(directory.path(name), b"", makepath=True)
    directory.client.set_acls(directory.root, [make_digest_acl("somebody", "else", all=True)])
    node = cluster.add(conf=LONE_CONF, arguments=["--check"])
    assert node.run_to_end() == 0, "nothing is missing"
    directory.client.add_auth("digest", "somebody:else")
    directory.client.delete(directory.path("roster"))
    node = cluster.add(conf=LONE_CONF, arguments=["--check"])
    assert node.run_to_end() == 2
    assert f"nothing can be created below {directory.root}" in node.log()
    assert not [name for name in directory.client.get_children(directory.root) if name.startswith("check-")]


@pytest.mark.parametrize("answers", range(1, 7))
def test_check_says_that_zookeeper_hung_up_on_it(cluster, directory, workplace, zookeeper, answers):
    """An answer can still be read from a connection that is reset already; the next question finds none."""
    directory.client.ensure_path(directory.path("members"))
    resetting = ResettingForwarder(workplace, ("127.0.0.1", zookeeper.port), answers)
    node = cluster.add(conf=LONE_CONF, arguments=["--check"], ZK_HOSTS=resetting.hosts)
    assert node.run_to_end() == 2
    assert "mistake: " in node.log() and "ZooKeeper" in node.log()


def run(*arguments, **environment):
    return subprocess.run([WRAPPER, *arguments], env={**INHERITED, **environment}, text=True, timeout=20,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_help_shows_the_three_names_of_every_option():
    result = run("--help")
    assert result.returncode == 0
    for name in ("zk-hosts", "zk-root", "zk-session-timeout", "zk-timeout", "net-iface", "bind-ip", "port0", "announce-ip",
                 "announce-port", "http-port", "redis-server", "redis-conf", "redis-username", "data-dir", "run-dir",
                 "cold-start-wait", "stop-timeout", "log-level", "log-format", "master-name", "accept-data-loss"):
        assert f"--{name}" in result.stdout and name.replace("-", "_").upper() in result.stdout, name
    for name in ("zk-auth", "http-token", "redis-password"):
        assert f"--{name}-file" in result.stdout and name.replace("-", "_").upper() in result.stdout, name


def test_version_is_one_line():
    result = run("--version")
    assert result.returncode == 0 and re.fullmatch(r"redis-wrapper \d+\.\d+\.\d+\n", result.stdout)


def test_a_flag_counts_more_than_the_environment_and_that_more_than_the_file(cluster, workplace, directory):
    """And an empty variable is as good as none."""
    file = workplace.directory / "wrapper.conf"
    path = {source: f"{directory.root}-{source}" for source in ("flag", "environment", "file")}
    file.write_text(f"zk-root = {path['file']}\nlog-level = debug\n")
    node = cluster.add(conf=LONE_CONF, CONFIG_FILE=file, LOG_LEVEL="")
    for source in ("file", "environment", "flag"):
        node.environment["ZK_ROOT"] = None if source == "file" else path["environment"]
        node.arguments = ["--zk-root", path["flag"]] if source == "flag" else []
        node.start()
        wait_until(lambda: directory.client.exists(path[source] + "/members"), 15, f"the root of the {source} counts")
        assert " debug " in node.log()
        assert node.stop() == 0
        node.forget_data()
