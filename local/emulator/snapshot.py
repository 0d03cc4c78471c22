"""Saves the state of all services every few seconds, so that a killed emulator loses little."""

import asyncio

import ministack.app as ministack
from ministack.core import persistence

from local.emulator.timer import Timer

INTERVAL_S = 3.0


class Snapshots:
    """Saves on a timer, and only when a request may have changed something."""

    def __init__(self) -> None:
        self._requests = 0
        self._saved = 0
        self._timer = Timer(INTERVAL_S, self._save)

    def note_request(self) -> None:
        """Remember that state may have changed."""
        self._requests += 1

    async def start(self) -> None:
        """Start the timer."""
        await self._timer.start()

    async def stop(self) -> None:
        """Stop the timer; MiniStack itself saves once more at shutdown."""
        await self._timer.stop()

    async def _save(self) -> None:
        if self._requests != self._saved:
            self._saved = self._requests
            states = ministack._build_persistence_save_dict()
            await asyncio.to_thread(persistence.save_all, states)
