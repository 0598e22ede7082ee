"""Clients that ask Sentinel where the master is, as people use them. They find the sentinels through /redis/sentinels."""

import json
import subprocess

import pytest
import redis.sentinel

from support.node import INHERITED
from support.sentinel import watched
from support.wait import wait_until

# Writes each line that it reads and answers it with the port of the server that took it.
WRITER = """
const Redis = require("ioredis");
const client = new Redis({sentinels: JSON.parse(process.argv[2]), name: "mymaster", connectTimeout: 1000,
                          sentinelRetryStrategy: () => 100, retryStrategy: () => 100, maxRetriesPerRequest: null});
client.on("error", () => {});
require("readline").createInterface({input: process.stdin}).on("line", async (line) => {
  await client.set("from-ioredis", line);
  const info = await client.info("server");
  console.log(info.match(/tcp_port:(\\d+)/)[1]);
}).on("close", () => client.disconnect());
"""


@pytest.fixture
def ioredis(npm_packages):
    """A directory with ioredis, and with a writer that uses it."""
    (npm_packages / "writer.js").write_text(WRITER)
    return npm_packages


class Ioredis:
    """A process that writes through ioredis."""

    def __init__(self, place, sentinels):
        addresses = json.dumps([{"host": host, "port": port} for host, port in sentinels])
        self.process = subprocess.Popen(["node", "writer.js", addresses], cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env=INHERITED)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def write(self, value):
        """The port of the server that took it. Waits for as long as ioredis does."""
        self.process.stdin.write(value + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


def replaced(cluster, master, replicas, sentinels):
    master.kill()
    wait_until(lambda: {one.names() for one in sentinels} <= {one.address for one in replicas}, 20, "all agree on a new one")
    return cluster.wait_until_healthy()[0]


def test_ioredis_finds_the_master_before_and_after_a_fail_over(cluster, directory, ioredis):
    master, replicas, sentinels = watched(cluster)
    with Ioredis(ioredis, directory.sentinels()) as client:
        assert client.write("before") == master.port and master.client.get("from-ioredis") == "before"
        new = replaced(cluster, master, replicas, sentinels)
        assert client.write("after") == new.port and new.client.get("from-ioredis") == "after"
    with Ioredis(ioredis, directory.sentinels()) as newcomer:
        assert newcomer.write("later") == new.port


def test_redis_py_finds_the_master_and_the_replicas_before_and_after_a_fail_over(cluster, directory):
    master, replicas, sentinels = watched(cluster)
    client = redis.sentinel.Sentinel(list(directory.sentinels()), socket_timeout=1)
    assert client.discover_master("mymaster") == master.address
    assert set(client.discover_slaves("mymaster")) == {one.address for one in replicas}
    writer = client.master_for("mymaster", socket_timeout=1)
    writer.set("from-redis-py", "before")
    new = replaced(cluster, master, replicas, sentinels)
    wait_until(lambda: writer.set("from-redis-py", "after"), 10, "the same client writes again")
    assert client.discover_master("mymaster") == new.address and new.client.get("from-redis-py") == "after"
