"""What ZooKeeper holds about one cluster, as any client without our code reads it."""

import json
import uuid

from kazoo.exceptions import NoNodeError


class Directory:
    """`client` is a connected kazoo client, which the caller owns; `root` is the ZK_ROOT of the cluster."""

    def __init__(self, client, root):
        self.client, self.root = client, root

    def path(self, name=""):
        return f"{self.root}/{name}".rstrip("/")

    def text(self, name):
        """The value of a node, None if there is no such node."""
        try:
            return self.client.get(self.path(name))[0].decode(errors="replace")
        except NoNodeError:
            return None

    def json(self, name):
        text = self.text(name)
        return json.loads(text) if text else None

    def write(self, name, text):
        """As a stranger or an earlier life would: whatever it is, wherever it is. In one step: nobody sees it empty before."""
        path, value = self.path(name), text.encode() if isinstance(text, str) else text
        if self.client.exists(path):
            self.client.set(path, value)
        else:
            self.client.create(path, value, makepath=True)

    def children(self, name):
        try:
            return self.client.get_children(self.path(name))
        except NoNodeError:
            return []

    def record(self):
        """The address that clients are sent to, as (host, port); None if there is none."""
        text = self.text("master")
        if not text:
            return None
        host, port = text.split(" ")
        return host, int(port)

    def term(self):
        term = self.json("term")
        return term["term"] if term else None

    def history(self):
        """The terms that have an entry, in order."""
        return sorted(int(term) for term in self.children("history"))

    def members(self):
        """id -> what it says about itself. An entry that vanishes between list and look is left out."""
        found = {member: self.json(f"members/{member}") for member in self.children("members")}
        return {member: value for member, value in found.items() if value}

    def member_at(self, address):
        """The id of the member that announces this address."""
        text = "{} {}".format(*address)
        return next((member for member, value in self.members().items() if value["address"] == text), None)

    def owner(self, name):
        """The session that holds an ephemeral node."""
        stat = self.client.exists(self.path(name))
        return stat.ephemeralOwner if stat else None

    def register_sentinel(self, sentinel):
        """As redis-zk and the sentinel-wrapper do it; it stays until unregister() or the end of the client's session."""
        path = self.path(f"sentinels/{uuid.uuid4()}")
        self.client.create(path, f"{sentinel.host} {sentinel.port}".encode(), ephemeral=True, makepath=True)
        return path

    def sentinels(self):
        """Where clients are sent, as (host, port)."""
        texts = [self.text(f"sentinels/{name}") for name in self.children("sentinels")]
        return {(text.split(" ")[0], int(text.split(" ")[1])) for text in texts if text}

    def record_and_history(self):
        """All that a watcher may write: path -> bytes. The nodes' wrappers keep their own entries true meanwhile."""
        own = tuple(self.path(name) for name in ("master", "term", "history"))
        return {path: value for path, value in self.everything().items() if path.startswith(own)}

    def everything(self, path=None):
        """Every node below the root with its value: path -> bytes."""
        path = path or self.root
        try:
            found = {path: self.client.get(path)[0]}
            for child in self.client.get_children(path):
                found.update(self.everything(f"{path}/{child}"))
            return found
        except NoNodeError:
            return {}
