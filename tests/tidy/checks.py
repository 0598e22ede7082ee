"""What is checked without a compiler. Each check gives back its findings, one line each."""

import re
import subprocess

from sources import EXECUTABLES

LONGEST_FILE = 399
LONGEST_MAIN = 39

# Which library may be included where. What is not listed here is either ours or the system's.
LIBRARIES = (
    (r"<event2/|<evhttp|<event\.h>", ("common/event", "common/http")),
    (r"<hiredis/", ("common/redis",)),
    (r"<zookeeper/", ("common/zk",)),
    (r"<ares", ("common/event",)),
    (r"<spdlog/|<fmt/", ("common/app",)),
    (r"<boost/(?!asio|beast)", ("common/app",)),
    (r"<boost/(asio|beast)", ("common/http",)),
    (r"<nlohmann/", ("common/app", "common/server", "common/zk") + EXECUTABLES),
    (r"<gtest/|<gmock/|<benchmark/", ("tests", "bench")),
)

# What lives below the root in ZooKeeper, as design and common/zk/layout.h draw it.
ZOOKEEPER_PATH = re.compile(
    r"^/redis(/|$)|(^|/)(sentinels|sentinel-ids|members|roster|lock|ghost-lock|history)(/|$)|(^|/)term$|^/(elections|services)/"
)


def is_below(folder, places):
    return any(folder == place or folder.startswith(place + "/") for place in places)


def file_sizes(sources):
    return [
        f"{source.name}: {source.line_count()} lines, allowed are {LONGEST_FILE}"
        for source in sources
        if source.line_count() > LONGEST_FILE
    ]


def main_sizes(sources):
    return [
        f"{source.name}: {source.line_count()} lines, allowed are {LONGEST_MAIN}"
        for source in sources
        if source.is_product and source.path.name == "main.cc" and source.line_count() > LONGEST_MAIN
    ]


def core_includes(sources):
    """A core is pure: the standard library, and headers of a core."""
    findings = []
    for source in sources:
        if not source.is_product or "core" not in source.folder.split("/"):
            continue
        allowed = re.compile(r'<c?[a-z_0-9]+>|"common/core/[^"]+"|"%s/[^"]+"' % re.escape(source.folder))
        findings += [
            f"{source.name}:{line}: a core may not include {header}"
            for line, header in source.includes()
            if not allowed.fullmatch(header)
        ]
    return findings


def layers(sources):
    """core <- shell <- main: common/ knows no executable, an executable knows no other one, and the
    product knows no test. Everything of ours is included from the root of the repository."""
    findings = []
    for source in sources:
        if not source.is_cpp:
            continue
        top = source.name.split("/")[0]
        for line, header in source.includes():
            if header.startswith("<"):
                continue
            target = header.strip('"').split("/")[0]
            is_ours = target in ("common", "tests", "bench") + EXECUTABLES
            if not is_ours:
                findings.append(f"{source.name}:{line}: {header} is not written from the root")
            elif source.is_product and target not in ("common", top):
                findings.append(f"{source.name}:{line}: {top} may not know {header}")
    return findings


def libraries(sources):
    """A library stays behind its folder. The tests of a folder may use what the folder uses."""
    findings = []
    for source in sources:
        if not source.is_cpp:
            continue
        is_test = not source.is_product
        for line, header in source.includes():
            for pattern, places in LIBRARIES:
                if not re.match(pattern, header) or is_below(source.folder, places):
                    continue
                mirrored = tuple(f"tests/unit/{place}" for place in places)
                is_helper = source.folder == "tests/support" or "nlohmann" in header
                if is_test and (is_below(source.folder, mirrored) or is_helper):
                    continue
                findings.append(f"{source.name}:{line}: {header} belongs to {', '.join(places)}")
    return findings


def zookeeper_paths(sources):
    """Every path is drawn once. Tests may write paths: they are the contract seen from outside. What an api.cc names are
    pages of HTTP."""
    return [
        f'{source.name}:{line}: "{literal}" belongs to common/zk/layout'
        for source in sources
        if source.is_product and not re.fullmatch(r"common/zk/layout\w*\.(h|cc)|[^/]+/api\.cc", source.name)
        for line, literal in source.literals()
        if ZOOKEEPER_PATH.search(literal) and "/" in literal
    ]


def shell_syntax(sources):
    findings = []
    for source in sources:
        if not source.is_script:
            continue
        answer = subprocess.run(["bash", "-n", source.path], capture_output=True, text=True)
        if answer.returncode != 0:
            findings.append(f"{source.name}: {answer.stderr.strip()}")
        if "set -euo pipefail" not in source.text and "set -uo pipefail" not in source.text:
            findings.append(f"{source.name}: set -euo pipefail is missing")
    return findings


def promises_to_come(sources):
    """Nothing is left for later in a comment. The words are put together so as not to find themselves."""
    words = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    return [
        f"{source.name}:{source.line_of(found.start())}: {found.group()}"
        for source in sources
        for found in words.finditer(source.text)
    ]


def formatting(sources):
    by_path = {str(source.path): source.name for source in sources if source.is_cpp}
    if not by_path:
        return []
    command = ["clang-format-14", "--dry-run", "--Werror", "--ferror-limit=1"]
    answer = subprocess.run(command + list(by_path), capture_output=True, text=True)
    if answer.returncode == 0:
        return []
    bad = re.findall(r"^(.+?):(\d+):\d+: error", answer.stderr, re.MULTILINE)
    return [f"{by_path[path]}:{line}: not as clang-format writes it" for path, line in bad] or [answer.stderr.strip()]


TEXT_CHECKS = {
    "file sizes": file_sizes,
    "main.cc sizes": main_sizes,
    "what core includes": core_includes,
    "who knows whom": layers,
    "libraries behind their folders": libraries,
    "ZooKeeper paths": zookeeper_paths,
    "shell scripts": shell_syntax,
    "promises to come": promises_to_come,
    "formatting": formatting,
}
