"""Saves the state of all services every few seconds, so that a killed emulator loses little."""

import asyncio
import contextlib

import ministack.app as ministack
from ministack.core import persistence

INTERVAL_S = 3.0


class Snapshots:
    """Saves on a timer, and only when a request may have changed something."""

    def __init__(self) -> None:
        self._requests = 0
        self._task: asyncio.Task[None] | None = None

    def note_request(self) -> None:
        """Remember that state may have changed."""
        self._requests += 1

    async def start(self) -> None:
        """Start the timer."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop the timer; MiniStack itself saves once more at shutdown."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        saved = 0
        while True:
            await asyncio.sleep(INTERVAL_S)
            if self._requests != saved:
                saved = self._requests
                states = ministack._build_persistence_save_dict()
                await asyncio.to_thread(persistence.save_all, states)
