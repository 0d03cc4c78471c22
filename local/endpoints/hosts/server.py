"""What the runtime asks of the servers behind a variant, and what they work with."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ParamSpec, Protocol, TypeVar

from local.endpoints.captures import captured_here
from local.endpoints.cloud import Cloud
from local.endpoints.hosts.http import Answer
from local.endpoints.settings import Scope, Settings

IMAGE_TAG = "SLIPWAY_IMAGE_TAG"
"""Every runtime image carries its tag in this variable; archives are made for one tag."""
P = ParamSpec("P")
T = TypeVar("T")
PutMetric = Callable[[str, float, str], None]
"""Takes a metric's name, value and unit; endpoint and variant are known to it."""


@dataclass(frozen=True)
class Placement:
    """Where and for whom a server runs.

    Attributes:
        scope: Account and region.
        endpoint: The endpoint's name.
        variant: The production variant's name.
        instance_type: E.g. `ml.g5.xlarge`; its memory bounds a multi-model host.
        role: ARN of the model's execution role.
        image: The container image.
        location: S3 URL of the model data (a prefix).
        environment: The model's own variables.
    """

    scope: Scope
    endpoint: str
    variant: str
    instance_type: str
    role: str
    image: str
    location: str
    environment: Mapping[str, str]

    def variables(self) -> dict[str, str]:
        """Return the container's environment: the model's variables and the image's own tag."""
        tag = {IMAGE_TAG: self.image.rpartition(":")[2]}
        return {**captured_here(self.environment, self.role), **tag}


@dataclass(frozen=True)
class Means:
    """What every server works with.

    Attributes:
        settings: Where things are, and the limits.
        cloud: The account of the user.
        put: Takes a metric of this variant; call it in the event loop.
        publish: Writes anew where the endpoint is and what it holds.
        callers: Threads that wait for answers; one per invocation in flight.
        loaders: Threads that download and measure, so that a slow load delays no invocation.
    """

    settings: Settings
    cloud: Cloud
    put: PutMetric
    publish: Callable[[], None]
    callers: ThreadPoolExecutor
    loaders: ThreadPoolExecutor

    def put_seconds(self, name: str, seconds: float) -> None:
        """Put a duration, which SageMaker's metrics give in microseconds."""
        self.put(name, seconds * 1e6, "Microseconds")

    async def in_thread(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking call of an invocation."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.callers, lambda: call(*args, **kwargs))

    async def in_loader(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking call that may take long."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.loaders, lambda: call(*args, **kwargs))


class Server(Protocol):
    """One variant's model server, restarted when it crashes."""

    async def start(self) -> None:
        """Bring it up; raises HostFailed."""

    async def stop(self) -> None:
        """Take it down."""

    async def invoke(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Answer one invocation; raises AwsError."""

    def describe(self) -> dict[str, object]:
        """Return what a user may want to know: addresses, processes, models."""
