"""watcher --check tries everything that the watcher will need: ZooKeeper, and each sentinel and node with the passwords that it was
given. One sentence for each mistake, status 2, and nothing is changed."""

import pytest
from kazoo.security import READ_ACL_UNSAFE

from support.cluster import LONE_CONF
from support.processes import free_port
from support.sentinel import start_sentinels, wait_until_all_ready
from support.watcher import Watcher

OF_NODES, OF_SENTINELS = "of-the-nodes-4415", "of-the-sentinels-9127"
SECRETS = {"REDIS_PASSWORD": OF_NODES, "SENTINEL_PASSWORD": OF_SENTINELS}
# What README says that such a user needs, without the last of them.
USER = "user watcher on >of-the-watcher-5582 ~* &* -@all +role +info +pubsub|numsub"


class Checked:
    """A node and a sentinel with passwords, and a watcher that only checks."""

    def __init__(self, workplace, cluster, conf=LONE_CONF, passwords=SECRETS):
        self.directory = cluster.directory
        self.node, _ = cluster.start(1, conf=conf, **passwords)
        self.sentinel, = start_sentinels(cluster, 1, SENTINEL_QUORUM="1", **passwords)
        wait_until_all_ready([self.sentinel], cluster.directory)
        self.watcher = Watcher(workplace, cluster.zk_hosts, cluster.directory.root, "watcher", CHECK="on")

    def names(self):
        return ["{}:{}".format(*one.address) for one in (self.sentinel, self.node)]

    def findings(self, status, **environment):
        """What stands behind "mistake: ", or behind "warning: " if that is what the status says."""
        before = self.directory.everything()
        self.watcher.environment.update({**SECRETS, **environment})
        assert self.watcher.run_to_end() == status, self.watcher.log()
        assert self.directory.everything() == before, "nothing was written"
        for secret in (OF_NODES, OF_SENTINELS, "of-the-watcher"):
            assert secret not in self.watcher.log()
        kind = "mistake: " if status else "warning: "
        return [line.removeprefix(kind) for line in self.watcher.log().splitlines() if line.startswith(kind)]


@pytest.fixture
def checked(workplace, cluster):
    return Checked(workplace, cluster)


def test_check_listens_to_each_sentinel_and_asks_each_node(checked):
    assert checked.findings(0) == []
    sentinel, node = checked.names()
    assert f"ok: sentinel {sentinel} lets us listen, and names {node}" in checked.watcher.log()
    assert f"ok: node {node} answers all that a watcher asks" in checked.watcher.log()


def test_check_finds_each_password_that_is_missing_or_wrong(checked):
    sentinel, node = checked.names()
    assert checked.findings(2, SENTINEL_PASSWORD=None) == [f"sentinel {sentinel} demands a password: give it as SENTINEL_PASSWORD"]
    wrong, = checked.findings(2, SENTINEL_PASSWORD="wrong")
    assert wrong.startswith(f"sentinel {sentinel} does not take what SENTINEL_PASSWORD says: ") and "WRONGPASS" in wrong
    assert checked.findings(2, REDIS_PASSWORD=None) == [f"node {node} demands a password: give it as REDIS_PASSWORD"]
    wrong, = checked.findings(2, REDIS_PASSWORD="wrong")
    assert wrong.startswith(f"node {node} does not take what REDIS_PASSWORD says: ") and "WRONGPASS" in wrong
    of_both = checked.findings(2, REDIS_PASSWORD="wrong", SENTINEL_PASSWORD=None)
    assert len(of_both) == 2 and of_both[0].startswith("sentinel ") and of_both[1].startswith("node "), "all mistakes at once"


def test_check_finds_a_password_that_nobody_wants(workplace, cluster):
    checked = Checked(workplace, cluster, passwords={})
    found = checked.findings(2)
    assert [one.split(": ")[0] for one in found] == [f"sentinel {checked.names()[0]} does not take what SENTINEL_PASSWORD says",
                                                     f"node {checked.names()[1]} does not take what REDIS_PASSWORD says"]
    assert checked.findings(0, SENTINEL_PASSWORD=None, REDIS_PASSWORD=None) == []


def test_check_finds_a_master_name_that_the_sentinels_do_not_know(checked):
    assert checked.findings(2, MASTER_NAME="theirs") == [
        f'sentinel {checked.names()[0]} knows no master of the name that MASTER_NAME says, "theirs"']


def test_check_finds_what_the_user_may_not_ask_a_node(workplace, cluster):
    """README names what such a user needs."""
    checked = Checked(workplace, cluster, conf=f"{LONE_CONF}{USER}\n")
    as_user = {"REDIS_USERNAME": "watcher", "REDIS_PASSWORD": "of-the-watcher-5582"}
    found, = checked.findings(2, **as_user)
    assert found.startswith(f"node {checked.names()[1]} refuses CONFIG GET: NOPERM ")
    found, = checked.findings(2, **as_user | {"REDIS_USERNAME": "nobody"})
    assert "does not take what REDIS_USERNAME and REDIS_PASSWORD says" in found
    checked.node.client.execute_command("ACL", "SETUSER", "watcher", "+config|get")
    assert checked.findings(0, **as_user) == []


def test_check_warns_of_a_registered_sentinel_that_is_dead_and_refuses_when_all_are(checked, directory):
    """It may have died just now; but if nobody can be reached the mistake is rather here."""
    path = directory.path("sentinels/dead")
    directory.client.create(path, f"127.0.0.1 {free_port()}".encode(), ephemeral=True)
    found, = checked.findings(0)
    assert "is registered, and cannot be asked: " in found and "Connection refused" in found
    checked.sentinel.stop()
    assert checked.findings(2) == ["no registered sentinel can be reached from this host"]
    directory.client.delete(path)
    assert checked.findings(0) == ["no sentinel is registered in ZooKeeper, so its password could not be tried"]


def test_check_finds_a_history_in_which_it_may_not_write(checked, directory):
    """Without an entry there the record cannot be written: all or nothing."""
    directory.client.set_acls(directory.path("history"), READ_ACL_UNSAFE)
    found, = checked.findings(2)
    assert found.startswith(directory.path("history") + " in ZooKeeper cannot be written")
