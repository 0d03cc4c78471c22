"""Gathers metrics and puts them into the emulator's CloudWatch once a second."""

import asyncio
import contextlib
import logging
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local.endpoints.cloud import Cloud
from local.endpoints.settings import Scope

log = logging.getLogger(__name__)
INVOCATION_NAMESPACE = "AWS/SageMaker"
INSTANCE_NAMESPACE = "/aws/sagemaker/Endpoints"
INSTANCE_METRICS = frozenset({"LoadedModelCount"})
FLUSH_SECONDS = 1.0
MOST_VALUES = 150  # of one datum, as CloudWatch has it
MOST_DATA = 500

Series = tuple[Scope, str, str, str, str]
"""Scope, endpoint, variant, metric, unit."""


class Metrics:
    """Values by series, sent together so that no invocation waits for CloudWatch."""

    def __init__(self, cloud: Cloud, threads: ThreadPoolExecutor) -> None:
        self._cloud = cloud
        self._threads = threads
        self._kept: dict[Series, list[float]] = defaultdict(list)
        self._flusher: asyncio.Task[None] | None = None

    def put(
        self, scope: Scope, endpoint: str, variant: str, name: str, value: float, unit: str
    ) -> None:
        """Keep one value until the next flush; call it in the event loop."""
        self._kept[scope, endpoint, variant, name, unit].append(value)
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush_later())

    async def close(self) -> None:
        """Stop; what was not sent yet is lost."""
        if self._flusher is not None:
            self._flusher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._flusher

    async def _flush_later(self) -> None:
        """Flush as long as there is something, then end: an idle endpoint costs nothing."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            if not self._kept:
                return
            kept, self._kept = self._kept, defaultdict(list)
            await asyncio.get_running_loop().run_in_executor(self._threads, self._send, kept)

    def _send(self, kept: dict[Series, list[float]]) -> None:
        batches: dict[tuple[Scope, str], list[dict[str, Any]]] = defaultdict(list)
        for (scope, endpoint, variant, name, unit), values in kept.items():
            dimensions = [
                {"Name": "EndpointName", "Value": endpoint},
                {"Name": "VariantName", "Value": variant},
            ]
            space = INSTANCE_NAMESPACE if name in INSTANCE_METRICS else INVOCATION_NAMESPACE
            for start in range(0, len(values), MOST_VALUES):
                batches[scope, space].append(
                    {
                        "MetricName": name,
                        "Dimensions": dimensions,
                        "Values": values[start : start + MOST_VALUES],
                        "Unit": unit,
                    }
                )
        for (scope, space), data in batches.items():
            for start in range(0, len(data), MOST_DATA):
                try:
                    self._cloud.put_metrics(scope, space, data[start : start + MOST_DATA])
                except Exception:  # a lost metric must not end the flusher
                    log.exception("metrics of %s were lost", scope)
