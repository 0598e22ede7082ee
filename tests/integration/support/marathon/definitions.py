"""The files of marathon/ as a user takes them: read, changed where they have to be, put into order."""

import copy
import graphlib
import json

from support.node import REPOSITORY

FOLDER = REPOSITORY / "marathon"


def files():
    return sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.json"))


def read(name):
    """As "host/group.json"."""
    return json.loads((FOLDER / name).read_text())


def apps_of(definition):
    """Of a group, or of the file of one app."""
    return definition.get("apps", [definition])


def each_app(definition, change):
    """A copy in which `change` was made to each app."""
    changed = copy.deepcopy(definition)
    for app in apps_of(changed):
        change(app)
    return changed


def adapted(definition, zk_hosts, interface):
    """What a user has to change, and nothing else: where ZooKeeper is and, with host networking, the network interface of the agents.
    (The name of the image as well; the executor takes the executable of that name.)"""
    def change(app):
        app["env"]["ZK_HOSTS"] = zk_hosts
        if "NET_IFACE" in app["env"]:
            app["env"]["NET_IFACE"] = interface
    return each_app(definition, change)


def hurried(definition, paced=()):
    """The same looks, more often: a test waits for them. Only the apps in `paced` keep the time from their start to the first one."""
    def change(app):
        for check in app["healthChecks"]:
            check.update({"intervalSeconds": 0.5} if app["id"] in paced else {"delaySeconds": 0, "intervalSeconds": 0.5})
        for check in app["readinessChecks"]:
            check.update(intervalSeconds=0.25)
    return each_app(definition, change)


def next_version(definition):
    """A change that alters no behaviour: Marathon replaces every task all the same."""
    def change(app):
        app.setdefault("labels", {})["VERSION"] = "2"
    return each_app(definition, change)


def in_order(apps):
    """Whoever others depend on comes first."""
    by_id = {app["id"]: app for app in apps}
    order = graphlib.TopologicalSorter({app["id"]: app.get("dependencies", []) for app in apps}).static_order()
    return [by_id[name] for name in order]
