"""ZK_AUTH: what we create is ours to write and the world's to read; what was there before is reported, not changed."""

import pytest
from kazoo.exceptions import NoAuthError
from kazoo.security import OPEN_ACL_UNSAFE

from support.wait import wait_until

SECRET = "a-secret-of-zookeeper"


def test_with_credentials_strangers_can_read_the_record_and_not_write_it(cluster, directory):
    """Design 3, authentication: the ACL is "creator: all, world: read"."""
    node, _ = cluster.start(1, ZK_AUTH=f"digest:redis:{SECRET}")
    assert directory.text("master") == f"{node.host} {node.port}"
    for name in ("master", "term", f"members/{list(directory.members())[0]}"):
        with pytest.raises(NoAuthError):
            directory.client.set(directory.path(name), b"x")
    assert SECRET not in node.log()


def test_nodes_that_everybody_may_change_are_reported_and_left_alone(cluster, directory):
    """Design 3: existing nodes with another ACL are reported, not changed."""
    directory.client.ensure_path(directory.path("members"))
    node, _ = cluster.start(1, ZK_AUTH=f"digest:redis:{SECRET}")
    wait_until(lambda: f"everybody may change {directory.path('members')}" in node.log(), 5, "the report")
    acl, _ = directory.client.get_acls(directory.path("members"))
    assert acl == OPEN_ACL_UNSAFE
    assert f"everybody may change {directory.path('term')}" not in node.log(), "that one is ours"
