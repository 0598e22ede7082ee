"""sentinel-wrapper with settings that are not the default: what they promise holds on real servers."""

import shutil

import pytest
from kazoo.exceptions import NoAuthError
from redis import AuthenticationError, Redis
from redis.exceptions import NoPermissionError

from support import servers
from support.cluster import LONE_CONF
from support.plain_redis import PlainRedis
from support.sentinel import Sentinel, start_sentinels, wait_until_all_ready, watched
from support.wait import wait_until
from support.watcher import start_watchers, wait_until_all_listen

SECRET, PASSWORD = "a-secret-of-zookeeper", 'of "joe" alone'
ESCAPED = PASSWORD.replace('"', '\\"')  # as it stands in a line of a configuration


def says_password(parts):
    """Whose logs have it, as it is or as it stands in a configuration."""
    return [one.name for one in parts if any(word in one.log() for word in (PASSWORD, ESCAPED))]


def fails_over(cluster, master, replicas, sentinels):
    master.kill()
    wait_until(lambda: {one.names() for one in sentinels} <= {one.address for one in replicas}, 30, "the sentinels have failed over")
    return cluster.wait_until_healthy()[0]


def test_the_quorum_majority_follows_the_number_of_registered_sentinels(cluster, directory):
    master, replicas, sentinels = watched(cluster, SENTINEL_QUORUM="majority", GHOST_TIMEOUT="2s")
    def quorums():
        return {one.client.sentinel_master("mymaster")["quorum"] for one in sentinels}
    assert quorums() == {2}
    sentinels += start_sentinels(cluster, 2, SENTINEL_QUORUM="majority", GHOST_TIMEOUT="2s")
    wait_until_all_ready(sentinels, directory)
    wait_until(lambda: quorums() == {3}, 20, "three of five")
    for one in (sentinels.pop(), sentinels.pop()):
        one.kill()
    wait_until(lambda: quorums() == {2}, 30, "two of three again")
    fails_over(cluster, master, replicas, sentinels)


def test_with_credentials_strangers_can_read_what_a_sentinel_wrote_and_not_change_it(cluster, directory):
    credentials = {"ZK_AUTH": f"digest:redis:{SECRET}"}
    master, replicas, sentinels = watched(cluster, nodes_know=credentials, **credentials)
    id_node, entry = f"sentinel-ids/{sentinels[0].id()}", f"sentinels/{directory.children('sentinels')[0]}"
    for name in (id_node, entry):
        assert directory.client.exists(directory.path(name))
        with pytest.raises(NoAuthError):
            directory.client.set(directory.path(name), b"x")
    with pytest.raises(NoAuthError):
        directory.client.create(directory.path("sentinel-ids/" + "f" * 40), b"")
    fails_over(cluster, master, replicas, sentinels)
    assert not any(SECRET in one.log() for one in sentinels)


def test_a_user_of_the_nodes_is_enough_to_watch_them_and_to_fail_over(cluster, directory):
    """Nobody comes in as the default user; the sentinels and the wrappers do as joe."""
    conf = LONE_CONF + f'user default off\nuser joe on ">{ESCAPED}" ~* &* +@all\n'
    joe = {"REDIS_USERNAME": "joe", "REDIS_PASSWORD": PASSWORD}
    master, replicas, sentinels = watched(cluster, nodes_know=joe, conf=conf, **joe)
    new = fails_over(cluster, master, replicas, sentinels)
    master.move().start()
    wait_until(lambda: master.follows(new), 30, "the old master follows")
    assert not says_password(sentinels)


@pytest.mark.parametrize("of_the_default_user", ["user default off\n", ""], ids=["default is off", "nothing is said of default"])
def test_a_user_of_the_sentinels_is_enough_for_nodes_watchers_and_wrappers(cluster, workplace, of_the_default_user):
    """Nobody comes in as the default user; who comes in as ann may not introduce himself as a sentinel."""
    conf = workplace.directory / "ann.conf"
    conf.write_text(f'{of_the_default_user}user ann on ">{ESCAPED}" ~* &* +@all\n')
    ann = {"SENTINEL_USERNAME": "ann", "SENTINEL_PASSWORD": PASSWORD}
    master, replicas, sentinels = watched(cluster, nodes_know=ann, SENTINEL_CONF=conf, **ann)
    watchers = start_watchers(cluster, 1, **ann)
    wait_until_all_listen(watchers)
    for node in (master, *replicas):
        wait_until(lambda: all(one["can_act"] for one in node.status()["sentinels"]), 15, f"the sentinels answer {node.name}")
    with pytest.raises(NoPermissionError):
        sentinels[0].client.publish("__sentinel__:hello", "x")
    for one in sentinels:
        for question in (["PING"], ["SENTINEL", "MASTERS"]):
            with Redis(one.host, one.port) as stranger, pytest.raises(AuthenticationError):
                stranger.execute_command(*question)
    new = fails_over(cluster, master, replicas, sentinels)
    assert {one.names() for one in sentinels} == {new.address}
    assert not says_password([*sentinels, *watchers, *replicas])


def test_a_master_name_of_its_own_is_the_name_everywhere(cluster):
    """For the sentinels, for their clients, and for the nodes, which ask them; the fail-over is recorded."""
    name = {"MASTER_NAME": "cache-1"}
    master, replicas, sentinels = watched(cluster, nodes_know=name, **name)
    assert all(list(one.client.sentinel_masters()) == ["cache-1"] for one in sentinels)
    new = fails_over(cluster, master, replicas, sentinels)
    assert {one.names() for one in sentinels} == {new.address}
    for node in replicas:
        wait_until(lambda: {one["master"] for one in node.status()["sentinels"]} == {"{}:{}".format(*new.address)}, 15,
                   f"{node.name} hears whom they name")


class WithoutRedisSentinel(Sentinel):
    """On a host where nothing is called redis-sentinel or valkey-sentinel."""

    kind_of_child = "-server"


def test_where_there_is_no_redis_sentinel_redis_server_is_one(cluster, directory, workplace):
    """The fallback of SENTINEL_SERVER."""
    master, replicas = cluster.start(2, conf=LONE_CONF, COLD_START_WAIT="15s")
    programs = workplace.directory / "programs"
    programs.mkdir()
    (programs / "redis-server").symlink_to(shutil.which(servers.server()))
    sentinels = [WithoutRedisSentinel(workplace, cluster.zk_hosts, directory.root, f"sentinel-{number}", PATH=programs).start()
                 for number in (1, 2, 3)]
    wait_until_all_ready(sentinels, directory)
    wait_until(lambda: all(one.knows()[1] == {replicas[0].address} for one in sentinels), 20, "the replica is known")
    fails_over(cluster, master, replicas, sentinels)
    pid = sentinels[0].sentinel_pid
    assert pid and sentinels[0].stop() == 0


def test_a_name_in_the_record_is_the_same_master_for_the_sentinels(cluster, directory, workplace):
    """As redis-zk may have written it: "localhost 31002", no term, and a server without a wrapper. A sentinel that answers with the
    address would watch another node than the recorded one, and forget no ghost."""
    master = PlainRedis(workplace, "master").start()
    directory.write("master", f"localhost {master.port}")
    sentinels = start_sentinels(cluster, 3, GHOST_TIMEOUT="2s")
    wait_until_all_ready(sentinels, directory)
    assert {one.names() for one in sentinels} == {("localhost", master.port)}
    gone = sentinels.pop()
    gone.kill()
    for one in sentinels:
        others = {other.address for other in sentinels if other is not one}
        wait_until(lambda: one.knows()[0] == others, 60, f"{one.name} has forgotten the ghost")
        assert "holds on to" not in one.log()
