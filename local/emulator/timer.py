"""A coroutine called again and again on the emulator's event loop, until it is stopped."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable


class Timer:
    """Calls `tick` every `interval_s` seconds, the first time after one interval."""

    def __init__(self, interval_s: float, tick: Callable[[], Awaitable[None]]) -> None:
        self._interval_s = interval_s
        self._tick = tick
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start on the running event loop."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop, also in the middle of a call."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._interval_s)
            await self._tick()
