"""Keeps one host alive: starts it, watches it, replaces it after a crash."""

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Callable, Mapping

from local.endpoints.errors import AwsError, HostFailed, unavailable
from local.endpoints.hosts.host import Host
from local.endpoints.hosts.http import Answer
from local.endpoints.hosts.order import Order
from local.endpoints.hosts.server import Means, Placement

log = logging.getLogger(__name__)
BACKOFF_SECONDS = (0.1, 1.0, 5.0, 15.0, 30.0)
MakeOrder = Callable[[], Order]


class Keeper:
    """The host of one variant, and its successor when it crashes.

    Attributes:
        identity: Unique name of this server, for its folder, its log and its ledger entry.
        restarted: Called, in the event loop, when a successor is up and knows no model yet.
    """

    def __init__(self, placement: Placement, means: Means, make_order: MakeOrder) -> None:
        self.placement = placement
        self.identity = f"{placement.endpoint}-{placement.variant}-{uuid.uuid4().hex[:8]}"
        self.restarted: Callable[[], None] = lambda: None
        self._means = means
        self._make_order = make_order
        self._host: Host | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def host(self) -> Host:
        """The host that is up.

        Raises:
            AwsError: None is: the last one crashed and its successor does not answer yet.
        """
        if self._host is None:
            raise unavailable(self.placement.endpoint)
        return self._host

    async def start(self) -> None:
        """Bring the first host up.

        Raises:
            HostFailed: It does not come up.
        """
        self._host = await self._bring_up()
        self._watch = asyncio.create_task(self._keep(self._host))

    async def stop(self) -> None:
        """Take the host down and look after it no longer."""
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        host, self._host = self._host, None
        if host is not None:
            await host.stop()

    async def ask(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], seconds: float
    ) -> Answer:
        """Send one request to the host.

        Raises:
            AwsError: ServiceUnavailable where the host is away, ModelError where it took longer
                than `seconds`.
        """
        pool = self.host.pool
        try:
            return await self._means.in_thread(pool.request, method, path, body, headers, seconds)
        except TimeoutError:
            raise AwsError(
                "ModelError",
                "Your invocation timed out while waiting for a response from container primary. "
                f"Review the latency metrics for each container, and its log {self.host.log}.",
                424,
                OriginalStatusCode=0,
            ) from None
        except OSError as error:
            raise unavailable(self.placement.endpoint) from error

    async def invoke(
        self, path: str, body: bytes, headers: Mapping[str, str], seconds: float
    ) -> Answer:
        """Send one invocation, and measure what SageMaker calls the model's latency.

        Raises:
            AwsError: As `ask` does.
        """
        started = time.perf_counter()
        try:
            return await self.ask("POST", path, body, headers, seconds)
        finally:
            self._means.put_seconds("ModelLatency", time.perf_counter() - started)

    async def _bring_up(self) -> Host:
        settings = self._means.settings
        host = Host(self.identity, self._make_order(), settings.python, settings.state)
        await host.start(settings.start_seconds)
        return host

    async def _keep(self, host: Host) -> None:
        """Replace the host whenever it ends, for as long as nobody stops the keeper."""
        crashes = 0
        while True:
            await host.ended()
            self._host = None
            await host.stop()
            log.warning("host %s crashed; starting another", self.identity)
            await asyncio.sleep(BACKOFF_SECONDS[min(crashes, len(BACKOFF_SECONDS) - 1)])
            crashes += 1
            try:
                host = await self._bring_up()
            except HostFailed as error:
                log.warning("host %s did not come back: %s", self.identity, error)
                continue
            self._host = host
            self.restarted()
