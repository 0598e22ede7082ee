"""Test data of every common type, and a look at all of it: two nodes agree when every key has the same value."""

from support.wait import wait_until

READERS = {"string": lambda client, key: client.get(key), "hash": lambda client, key: client.hgetall(key),
           "list": lambda client, key: client.lrange(key, 0, -1), "set": lambda client, key: client.smembers(key),
           "zset": lambda client, key: client.zrange(key, 0, -1, withscores=True)}


def wait_until_written(client):
    """With `appendfsync everysec` redis acknowledges first and writes later, up to 2 s later, as long as an earlier fsync is under
    way [flushAppendOnlyFile() of 7.0]. What is still in its buffer does not survive a kill -9, so a test that kills waits for it."""
    wait_until(lambda: client.info("persistence").get("aof_buffer_length", 0) == 0, 10, "the append only file has everything")


def fill(client, name, count=200):
    """Writes `count` strings and one key of each other type. `name` keeps several fillings apart. Returns what was
    acknowledged, as contents() would show it."""
    pipeline = client.pipeline(transaction=False)
    for number in range(count):
        pipeline.set(f"{name}:{number}", f"value {number}")
    pipeline.hset(f"{name}:hash", mapping={"a": "1", "b": "2"})
    pipeline.rpush(f"{name}:list", "x", "y", "z")
    pipeline.sadd(f"{name}:set", "p", "q")
    pipeline.zadd(f"{name}:zset", {"low": 1, "high": 2})
    pipeline.execute()
    wait_until_written(client)
    written = {f"{name}:{number}": f"value {number}" for number in range(count)}
    written[f"{name}:hash"] = {"a": "1", "b": "2"}
    written[f"{name}:list"] = ["x", "y", "z"]
    written[f"{name}:set"] = {"p", "q"}
    written[f"{name}:zset"] = [("low", 1.0), ("high", 2.0)]
    return written


def contents(client):
    """Every key with its value."""
    return {key: READERS[client.type(key)](client, key) for key in client.scan_iter(count=1000)}


def has_all(client, expected):
    """True, or an error that names some of the keys that are missing or different."""
    found = contents(client)
    wrong = [key for key, value in expected.items() if found.get(key) != value]
    assert not wrong, f"{len(wrong)} of {len(expected)} keys are missing or different, such as {wrong[:3]}"
    return True


def wait_until_same(nodes, expected=None, seconds=10):
    """All nodes hold the same keys with the same values, and among them those of `expected`."""
    def same():
        first, *others = [contents(node.client) for node in nodes]
        for node, other in zip(nodes[1:], others):
            different = [key for key in first.keys() | other.keys() if first.get(key) != other.get(key)]
            assert not different, f"{nodes[0].name} and {node.name} differ in {len(different)} keys, such as {different[:3]}"
        return has_all(nodes[0].client, expected or {})
    wait_until(same, seconds, f"{', '.join(node.name for node in nodes)} hold the same data")
    for node in nodes:
        wait_until_written(node.client)
