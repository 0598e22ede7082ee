"""Where images are built and mounted. In a directory of its own, of which nothing is left: the machine's own images are not touched."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from containers import base
from support.node import REPOSITORY

BASE = "docker.io/library/debian:bookworm-slim"
EXECUTABLES = ("redis-wrapper", "sentinel-wrapper", "watcher")

# How this machine reaches its packages. Mounted while an image is built, so that nothing of it gets into one.
OF_THE_MACHINE = ("/etc/apt", "/usr/share/keyrings", "/etc/ssl/certs")


class Image:
    """`root` is its file system, `config` what a container engine reads, as Docker writes it."""

    def __init__(self, name, root, config):
        self.name, self.root, self.config = name, Path(root), config
        self.executable = name.removeprefix("redis-zk/")

    @property
    def environment(self):
        return dict(line.split("=", 1) for line in self.config["Env"])

    def size(self):
        """In bytes, of all files."""
        return sum(path.lstat().st_size for path in self.root.rglob("*") if path.is_symlink() or path.is_file())


class Store:
    def __init__(self, directory):
        self.directory, self.containers = directory, []
        self.log = directory / "buildah.log"
        self._base()

    def buildah(self, *words):
        """What it prints. It takes the variables of proxies from the environment, and its temporary files stay here."""
        options = ["--storage-driver", "vfs", "--root", self.directory / "storage", "--runroot", self.directory / "run"]
        with open(self.log, "ab") as log:
            said = subprocess.run(["buildah", *options, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                                  env={**os.environ, "TMPDIR": str(self.directory)}, cwd=REPOSITORY)
            log.write(said.stdout)
        assert said.returncode == 0, f"buildah {words[0]}: " + "\n".join(self.log.read_text(errors="replace").splitlines()[-40:])
        return said.stdout.decode().strip()

    def _base(self):
        container = self.buildah("from", "scratch")
        self.buildah("add", "--quiet", container, base.archive(self.directory), "/")
        self.buildah("commit", "--quiet", "--rm", container, BASE)

    def build(self, executable):
        """As its Dockerfile says. The cache of layers is used, as users do, and what this machine has compiled before."""
        volumes = [f"{path}:{path}:ro" for path in OF_THE_MACHINE if Path(path).is_dir()] + self._cache_of_the_compiler()
        self.buildah("build", "--pull-never", "--isolation", "chroot", "--format", "docker", "--layers",
                     *(f"--volume={volume}" for volume in volumes),
                     "--file", f"{executable}/Dockerfile", "--tag", f"redis-zk/{executable}", ".")
        return self.mounted(f"redis-zk/{executable}")

    @staticmethod
    def _cache_of_the_compiler():
        said = subprocess.run(["ccache", "--get-config", "cache_dir"], capture_output=True, text=True, check=True).stdout.strip()
        Path(said).mkdir(parents=True, exist_ok=True)
        return [f"{said}:/root/.cache/ccache"]

    def mounted(self, name):
        container = self.buildah("from", "--pull-never", name)
        self.containers.append(container)
        config = json.loads(self.buildah("inspect", "--type", "image", name))["Docker"]["config"]
        return Image(name, self.buildah("mount", container), config)

    def remove(self):
        for container in self.containers:
            self.buildah("umount", container)
        shutil.rmtree(self.directory)
