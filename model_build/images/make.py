"""Makes the images of a commit: what a registry holds already is left alone."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.images import Images, dockerfile
from model_build.images.docker import Docker, DockerFailed
from model_build.images.gate import Acceptance, stopping
from model_build.images.registry import Registry


class ImageRefused(Exception):
    """An image has a vulnerability that nobody has accepted."""


@dataclass(frozen=True)
class Maker:
    """Makes images.

    Attributes:
        registry: Where they are kept.
        docker: What builds them.
        address: The registry's address, before `/slipway/...`.
        triton: The address of AWS' own registry, which has the base of the Triton image.
        accepted: Vulnerabilities that were judged.
        today: The day on which acceptances are read.
        say: Takes a line about each image.
    """

    registry: Registry
    docker: Docker
    address: str
    triton: str
    accepted: Sequence[Acceptance]
    today: datetime.date
    say: Callable[[str], None]

    def make(self, images: Images, runtimes: Sequence[str], root: Path) -> Images:
        """Return the images with their digests, all of them built, pushed and scanned.

        Raises:
            DockerFailed: An image has to be built, and cannot be.
            ScanFailed: The registry could not scan one.
            ImageRefused: One has severe vulnerabilities; every image is looked at before.
        """
        lacking = [name for name in runtimes if not self.registry.digest(name, images.tags[name])]
        if lacking:
            self._sign_in(lacking, images)
        for runtime in lacking:
            self._build(runtime, images.tags[runtime], root)
        digests, refused = {}, []
        for runtime in runtimes:
            digest = self.registry.digest(runtime, images.tags[runtime])
            if digest is None:
                raise DockerFailed(f"slipway/{runtime}: pushed, but the registry does not have it")
            digests[runtime] = digest
            verb = "built" if runtime in lacking else "there"
            self.say(f"{verb}  slipway/{runtime}:{images.tags[runtime]}  {digest}")
            refused += self._judge(runtime, digest)
        if refused:
            raise ImageRefused(
                "\n".join(refused)
                + "\nupdate the base or the package, or accept it with a reason in"
                " model_build/images/accepted.toml"
            )
        return Images(images.tags, digests)

    def _sign_in(self, lacking: Sequence[str], images: Images) -> None:
        if not self.docker.available():
            names = ", ".join(f"slipway/{name}:{images.tags[name]}" for name in lacking)
            raise DockerFailed(f"{names}: not in the registry, and there is no docker to build it")
        registries = {self.address: self.address.partition(".")[0]}
        if "triton" in lacking:
            registries[self.triton] = self.triton.partition(".")[0]
        for address, password in self.registry.logins(registries).items():
            self.docker.login(address, password)

    def _build(self, runtime: str, tag: str, root: Path) -> None:
        name = f"{self.address}/slipway/{runtime}:{tag}"
        arguments = {"IMAGE_TAG": tag}
        if runtime == "triton":
            arguments["REGISTRY"] = self.triton
        self.docker.build(root, dockerfile(runtime), name, arguments)
        self.docker.push(name)

    def _judge(self, runtime: str, digest: str) -> list[str]:
        found = self.registry.findings(runtime, digest)
        return [
            f"slipway/{runtime}: {item.severity} {item.id} in {item.package}"
            for item in stopping(runtime, found, self.accepted, self.today)
        ]
