"""Moves the records that model servers wrote to files into S3, under the models' roles."""

import asyncio
import logging
import time
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import BotoCoreError, ClientError
from ministack.core.responses import request_scope

from local.emulator import gateway
from local.emulator.timer import Timer
from local.endpoints.captures import FOLDER
from local.paths import Workplace

LOGGER = logging.getLogger("slipway.captures")
INTERVAL_S = 2.0
KEYS_GOOD_S = 1800.0
REGION = "us-east-1"


class Captures:
    """Looks for files every two seconds."""

    def __init__(self, place: Workplace) -> None:
        self._root = place.root / FOLDER
        self._stores: dict[str, tuple[float, Any]] = {}
        self._timer = Timer(INTERVAL_S, self._tick)

    def install(self) -> None:
        """Nothing of MiniStack is replaced."""

    async def start(self) -> None:
        """Start."""
        await self._timer.start()

    async def stop(self) -> None:
        """Stop; what was not moved is moved after the next start."""
        await self._timer.stop()

    async def _tick(self) -> None:
        await asyncio.to_thread(self.move)

    def move(self) -> None:
        """Move every finished file; one that a role may not write is dropped, with a word."""
        for path in sorted(self._root.rglob("*.jsonl")):
            role, bucket, *key = path.relative_to(self._root).parts
            try:
                with request_scope(unquote(role).split(":")[4], REGION):
                    store = self._store(unquote(role))
                    store.put_object(Bucket=bucket, Key="/".join(key), Body=path.read_bytes())
            except (ClientError, BotoCoreError, gateway.AssumeRoleRefused) as error:
                LOGGER.warning("a capture was dropped: %s", error)
            path.unlink()

    def _store(self, role: str) -> Any:
        until, store = self._stores.get(role, (0.0, None))
        if store is None or time.monotonic() > until:
            keys = gateway.assume(role, "SageMaker", "sagemaker.amazonaws.com")
            store = gateway.client("s3", keys)
            self._stores[role] = (time.monotonic() + KEYS_GOOD_S, store)
        return store
