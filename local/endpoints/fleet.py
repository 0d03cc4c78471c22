"""The servers that run: those of every endpoint, by variant."""

import asyncio
import contextlib
import functools
import json
import os
import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from local.endpoints.cloud import Cloud
from local.endpoints.control.shapes import Json
from local.endpoints.errors import AwsError, HostFailed
from local.endpoints.hosts.images import container_of, location_of, server_of
from local.endpoints.hosts.server import Means, Placement, Server
from local.endpoints.metrics import Metrics
from local.endpoints.settings import Scope, Settings

CALLERS, LOADERS = 64, 8
WATCH_SECONDS = 0.5
DRAIN_SECONDS = 0.02  # how often a fleet that leaves is asked whether it still answers
Servers = dict[str, Server]
"""The servers of one endpoint by variant."""


class Fleet:
    """Builds the servers of endpoint configurations, and knows which serve."""

    def __init__(self, settings: Settings, cloud: Cloud) -> None:
        self.settings = settings
        self.callers = ThreadPoolExecutor(CALLERS, "endpoint-call")
        self.loaders = ThreadPoolExecutor(LOADERS, "endpoint-load")
        self.metrics = Metrics(cloud, self.loaders)
        self._cloud = cloud
        self._serving: dict[tuple[Scope, str], Servers] = {}
        self._trials: dict[tuple[Scope, str], tuple[Servers, float]] = {}
        self._calls: Counter[Server] = Counter()
        self._leaving: set[asyncio.Task[None]] = set()

    async def build(self, scope: Scope, endpoint: str, config: Json, models: Json) -> Servers:
        """Bring up one server per variant; all of them, or none.

        Args:
            scope: Account and region.
            endpoint: The endpoint's name.
            config: The endpoint configuration's record.
            models: The records of the models that it names, by name.

        Raises:
            HostFailed: One did not come up; the others are down again.
        """
        servers = {
            variant["VariantName"]: self._make(
                scope, endpoint, variant, models[variant["ModelName"]]
            )
            for variant in config["ProductionVariants"]
        }
        try:
            outcomes = await asyncio.gather(
                *(server.start() for server in servers.values()), return_exceptions=True
            )
        except asyncio.CancelledError:
            await stop_all(servers)
            raise
        for name, outcome in zip(servers, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                await stop_all(servers)
                if isinstance(outcome, HostFailed):
                    raise HostFailed(f"Production variant {name}: {outcome}")
                raise outcome
        return servers

    async def reachable(self) -> None:
        """Return once the emulator, whose storage hosts need, takes connections."""
        call = functools.partial(self._cloud.wait, self.settings.start_seconds)
        await asyncio.get_running_loop().run_in_executor(self.loaders, call)

    def try_out(self, scope: Scope, endpoint: str, servers: Servers, share: float) -> None:
        """Let a part of the calls be answered by servers that may not stay."""
        self._trials[scope, endpoint] = servers, share

    def end_trial(self, scope: Scope, endpoint: str) -> None:
        """Let the servers of before answer every call again."""
        self._trials.pop((scope, endpoint), None)

    async def ringing(
        self, scope: Scope, alarms: Sequence[str], since: float, seconds: float
    ) -> list[str]:
        """Watch alarms for a while; returns those that ring as soon as one does.

        Args:
            scope: Account and region of the alarms.
            alarms: Their names.
            since: When an alarm must have rung to count, in epoch seconds.
            seconds: How long to watch.
        """
        deadline = time.monotonic() + seconds
        loop = asyncio.get_running_loop()
        while alarms and seconds:
            call = functools.partial(self._cloud.ringing, scope, alarms, since)
            found = await loop.run_in_executor(self.loaders, call)
            if found or time.monotonic() >= deadline:
                return found
            await asyncio.sleep(min(WATCH_SECONDS, max(0.0, deadline - time.monotonic())))
        await asyncio.sleep(max(0.0, deadline - time.monotonic()))
        return []

    def serve(self, scope: Scope, endpoint: str, servers: Servers) -> Servers:
        """Let these servers answer from now on; returns those that answered before."""
        self.end_trial(scope, endpoint)
        before = self._serving.get((scope, endpoint), {})
        self._serving[scope, endpoint] = servers
        self.publish(scope, endpoint)
        return before

    def retire(self, scope: Scope, endpoint: str) -> Servers:
        """Let nothing answer any more; returns what answered."""
        self.end_trial(scope, endpoint)
        self._file(scope, endpoint).unlink(missing_ok=True)
        return self._serving.pop((scope, endpoint), {})

    def servers(self, scope: Scope, endpoint: str) -> Servers:
        """Return the servers that answer for an endpoint; none where it is not in service."""
        return self._serving.get((scope, endpoint), {})

    def servers_for_a_call(self, scope: Scope, endpoint: str) -> Servers:
        """Return the servers that answer one call: now and then those that are tried out."""
        trial, share = self._trials.get((scope, endpoint), ({}, 0.0))
        if trial and random.random() < share:  # noqa: S311 - traffic, not secrets
            return trial
        return self.servers(scope, endpoint)

    @contextlib.contextmanager
    def calling(self, server: Server) -> Iterator[None]:
        """Count a call as in flight, so that its server is not drained before it ends."""
        self._calls[server] += 1
        try:
            yield
        finally:
            self._calls[server] -= 1
            if not self._calls[server]:
                del self._calls[server]

    def dismiss(self, servers: Servers) -> None:
        """Take servers down that get no new calls, once those in flight have their answers."""
        task = asyncio.create_task(self._drain(servers))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _drain(self, servers: Servers) -> None:
        deadline = time.monotonic() + self.settings.invoke_seconds
        try:
            while any(self._calls[server] for server in servers.values()):
                if time.monotonic() >= deadline:
                    break
                await asyncio.sleep(DRAIN_SECONDS)
        finally:  # at shutdown nobody waits
            await stop_all(servers)

    def publish(self, scope: Scope, endpoint: str) -> None:
        """Write where an endpoint is and what it holds to `endpoints/NAME.json`."""
        variants: Json = {}
        for name, server in self.servers(scope, endpoint).items():
            try:
                variants[name] = server.describe()
            except AwsError as error:
                variants[name] = {"unavailable": error.message}
        document = {"endpoint": endpoint, "account": scope[0], "region": scope[1]}
        file = self._file(scope, endpoint)
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(".partial")
        partial.write_text(json.dumps(document | {"variants": variants}, indent=2) + os.linesep)
        partial.replace(file)

    def clear(self) -> None:
        """Remove what the hosts of a killed emulator left on disk."""
        folder = self.settings.state / "endpoints"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    async def close(self) -> None:
        """Take every server down."""
        for task in self._leaving:
            task.cancel()
        await asyncio.gather(*self._leaving, return_exceptions=True)
        await asyncio.gather(
            *(stop_all(self.retire(scope, name)) for scope, name in list(self._serving))
        )
        await self.metrics.close()
        self.callers.shutdown(wait=False)
        self.loaders.shutdown(wait=False)

    def _make(self, scope: Scope, endpoint: str, variant: Json, model: Json) -> Server:
        name = variant["VariantName"]
        container = container_of(model)
        placement = Placement(
            scope,
            endpoint,
            name,
            variant.get("InstanceType", ""),
            model["ExecutionRoleArn"],
            container["Image"],
            location_of(container),
            container.get("Environment", {}),
        )
        means = Means(
            self.settings,
            self._cloud,
            functools.partial(self.metrics.put, scope, endpoint, name),
            functools.partial(self.publish, scope, endpoint),
            self.callers,
            self.loaders,
        )
        return server_of(container["Image"])(placement, means)

    def _file(self, scope: Scope, endpoint: str) -> Path:
        return self.settings.state / "endpoints" / f"{endpoint}.json"


async def stop_all(servers: Servers) -> None:
    """Take servers down, all at once."""
    await asyncio.gather(*(server.stop() for server in servers.values()))
