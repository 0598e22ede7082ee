"""P8: what every start that is refused has in common."""

import re


def assert_refused(node, directory, *words):
    """Exit status 2, all words in the sentences, nothing written, on the disk or in ZooKeeper."""
    log_file = str(node.directory / "wrapper.log")
    before = sorted(str(path) for path in node.directory.rglob("*") if str(path) != log_file)
    known = directory.everything()
    assert node.run_to_end() == 2, node.log()
    log = node.log()
    for word in words:
        assert word in log, f"{word!r} is not in:\n{log}"
    assert not re.search(r"Sanitizer|terminate called|what\(\):", log)
    assert sorted(str(path) for path in node.directory.rglob("*") if str(path) != log_file) == before, "nothing was written"
    assert directory.everything() == known, "nothing was written into ZooKeeper"
