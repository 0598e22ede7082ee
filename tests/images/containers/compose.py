"""docker-compose.yml, read and run: each service in a network of its own, with the name of ZooKeeper in its /etc/hosts, as an engine
would do it. What the file says and this does not know is an error."""

import yaml

from containers.container import KINDS
from support.node import REPOSITORY

FILE = REPOSITORY / "docker-compose.yml"
ZOOKEEPER = "zookeeper"

# Of the services that are built here. The words are those of the Compose specification, 05-services.md.
HARDENED = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}
KNOWN = {"image", "build", "networks", "restart", "stop_grace_period", "environment", "tmpfs", "volumes", "ports", *HARDENED}


def read():
    return yaml.safe_load(FILE.read_text())


def services():
    """Those that are built here, by their names."""
    return {name: service for name, service in read()["services"].items() if name != ZOOKEEPER}


def executable(service):
    return service["build"]["dockerfile"].removesuffix("/Dockerfile")


def pairs(lines):
    """`place:what` or `what:place`, as the short form of tmpfs and volumes."""
    return dict(line.split(":", 1) for line in lines or [])


class Composed:
    """The services in containers. `network` has a far host for each; their ports are those that the images set."""

    def __init__(self, images, workplace, network, zookeeper, directory):
        hosts = workplace.directory / "hosts"
        hosts.write_text(f"127.0.0.1 localhost\n{zookeeper.host} {ZOOKEEPER}\n")
        self.network, self.parts = network, {}
        for host, (name, service) in zip(network.far, services().items(), strict=True):
            unknown = set(service) - KNOWN
            assert not unknown, f"{name}: {unknown}"
            self.parts[name] = self._part(images, workplace, directory, name, service, host)
            self.parts[name].hosts = hosts

    @staticmethod
    def _part(images, workplace, directory, name, service, host):
        kind = KINDS[executable(service)]
        volumes = {place: workplace.directory / f"volume-{volume}" for volume, place in pairs(service.get("volumes")).items()}
        environment = {option: None for option in ("BIND_IP", "COLD_START_WAIT", "ZK_SESSION_TIMEOUT", "DOWN_AFTER", "FAILOVER_TIMEOUT")}
        return Fixed[kind](images[executable(service)], workplace, None, directory.root, name, host=host, volumes=volumes,
                           temporary=pairs(service.get("tmpfs")), **{**environment, **service["environment"]})

    def start(self):
        for part in self.parts.values():
            with self.network.at(part.host):
                part.start()
        return self

    def of(self, executable):
        return [self.parts[name] for name, service in services().items() if service["build"]["dockerfile"].startswith(executable)]


def with_ports_of_the_image(kind):
    """Nobody gives it ports: it has those of its image, and of its own."""
    class WithPortsOfTheImage(kind):
        def move(self):
            self.port = {"redis-wrapper": 6379, "sentinel-wrapper": 26379}.get(self.image.executable)
            self.http_port = 8080
            return self

        def ports(self):
            return {}
    return WithPortsOfTheImage


Fixed = {kind: with_ports_of_the_image(kind) for kind in KINDS.values()}
