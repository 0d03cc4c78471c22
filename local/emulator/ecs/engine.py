"""Stands where MiniStack expects Docker: runs a container's command as a process on loopback.

Every container has a loopback address of its own, so it listens on its usual port; `0.0.0.0` in its
command or environment, "all of my addresses", becomes that one address.
"""

import secrets
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from local import ledger
from local.emulator.ecs import images
from local.emulator.ecs.container import Container
from local.emulator.ecs.surroundings import surroundings
from local.emulator.ecs.targets import UnderWay, drain_seconds
from local.emulator.ecs.task import Task, find_task
from local.paths import Workplace

HEALTHY_TIMEOUT_S = 90.0
PROBE_S = 0.1
STOP_S = 30.0  # ECS's own, where a definition has no stopTimeout
_ALL_ADDRESSES = "0.0.0.0"  # noqa: S104 - it is replaced, never bound


class ContainerFailed(Exception):
    """A container could not be started or never became healthy."""


@dataclass
class Images:
    """Image names: all that a pull gives locally is the knowledge that the image can run."""

    def get_registry_data(self, image: str, **_options: Any) -> "Images.Data":
        """Return the digest of an image; locally that of its name."""
        return Images.Data(images.digest(image))

    def pull(self, image: str, **_options: Any) -> "Images.Data":
        """Refuse an image that the local cloud cannot run."""
        if not images.is_known(image):
            raise ContainerFailed(
                f"CannotPullContainerError: the local cloud runs only slipway/<runtime> images,"
                f" not {image}"
            )
        return self.get_registry_data(image)

    def get(self, image: str) -> "Images.Data":
        """Return a pulled image."""
        return self.pull(image)

    @dataclass
    class Data:
        """What is known of an image."""

        id: str

        def tag(self, _repository: str, tag: str = "latest") -> bool:
            """Accept another name; nothing depends on it here."""
            return bool(tag)


@dataclass
class Containers:
    """Starts containers and finds them again."""

    place: Workplace
    under_way: UnderWay
    _living: dict[str, Container] = field(default_factory=dict)

    def get(self, identifier: str) -> Container:
        """Return a container by its id."""
        if identifier not in self._living:
            raise KeyError(f"no container {identifier!r}")
        return self._living[identifier]

    def list(self, **_options: Any) -> list[Container]:
        """Return the containers that run."""
        return [found for found in self._living.values() if found.status == "running"]

    def run(self, image: str, **options: Any) -> Container:
        """Start a container and return once it is healthy.

        Raises:
            ContainerFailed: If it ends or stays unhealthy; the message has its last lines.
        """
        Images().pull(image)
        task = find_task(options["labels"])
        address = _fresh_address()
        container = self._start(task, address, options)
        self._living[container.id] = container
        try:
            _await_health(container, task)
        except ContainerFailed:
            container.end(1)
            raise
        return container

    def end_all(self) -> None:
        """End every container."""
        for container in list(self._living.values()):
            container.end(2)

    def _start(self, task: Task, address: str, options: dict[str, Any]) -> Container:
        try:
            image = images.find(task.container["image"], address, self.place)
        except images.ImageMissing as error:
            raise ContainerFailed(f"CannotPullContainerError: {error}") from error
        command = task.command(options) or image.command
        folder = self.place.root / "services"
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / f"{task.name}.log"
        with log.open("wb") as output:
            process = ledger.spawn(
                [part.replace(_ALL_ADDRESSES, address) for part in command],
                name=f"ecs {task.name}",
                ledger=self.place.processes,
                environment=_environment(task, image, address, options["environment"]),
                folder=self.place.scratch,
                output=output,
            )
        group = ledger.group_of(process, f"ecs {task.name}")
        identifier = secrets.token_hex(32)
        limit = drain_seconds(task.target_group) if task.target_group else 0.0
        return Container(
            identifier,
            address,
            process,
            group,
            self.place.processes,
            log,
            drain=lambda: self.under_way.wait(address, limit),
            grace_s=float(task.container.get("stopTimeout") or STOP_S),
        )


@dataclass
class Engine:
    """The little of a Docker client that MiniStack's ECS uses."""

    place: Workplace
    under_way: UnderWay
    images: Images = field(default_factory=Images)
    containers: Containers = field(init=False)

    def __post_init__(self) -> None:
        self.containers = Containers(self.place, self.under_way)


def _fresh_address() -> str:
    """Return a loopback address out of four million, so that no two clouds on a machine meet."""
    second, third, fourth = (
        64 + secrets.randbelow(64),
        secrets.randbelow(256),
        secrets.randbelow(254),
    )
    return f"127.{second}.{third}.{fourth + 1}"


def _environment(
    task: Task, image: images.Image, address: str, declared: dict[str, str]
) -> dict[str, str]:
    kept = {
        key: value.replace(_ALL_ADDRESSES, address)
        for key, value in declared.items()
        if not key.startswith("AWS_CONTAINER_") and key != "AWS_ENDPOINT_URL"
    }
    return {
        **surroundings(image),
        **kept,
        **task.credentials(),
    }


def _await_health(container: Container, task: Task) -> None:
    url = task.health_url(container.address)
    deadline = time.monotonic() + HEALTHY_TIMEOUT_S
    while time.monotonic() < deadline:
        if container.status == "exited":
            raise ContainerFailed(f"the container ended: {_tail(container)}")
        if url is None or _answers(url):
            return
        time.sleep(PROBE_S)
    raise ContainerFailed(f"no healthy answer from {url}: {_tail(container)}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - always http
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _tail(container: Container) -> str:
    return str(container.logs(tail=5).decode(errors="replace"))
