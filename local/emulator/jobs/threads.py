"""Jobs under way: a thread for each, which can be asked to stop."""

import asyncio
import threading
from collections.abc import Callable

JOIN_S = 40.0

Body = Callable[[threading.Event], None]


class Running:
    """The threads of one kind of job, by the job's name."""

    def __init__(self) -> None:
        self._jobs: dict[str, tuple[threading.Thread, threading.Event]] = {}

    def begin(self, name: str, body: Body) -> None:
        """Run `body` on a thread; it is handed the event that asks it to stop."""
        stop = threading.Event()
        thread = threading.Thread(target=body, args=(stop,), name=f"job {name}", daemon=True)
        self._jobs = {key: job for key, job in self._jobs.items() if job[0].is_alive()}
        self._jobs[name] = (thread, stop)
        thread.start()

    def stop(self, name: str) -> None:
        """Ask a job to stop."""
        if name in self._jobs:
            self._jobs[name][1].set()

    async def end_all(self) -> None:
        """Ask every job to stop, and wait for it."""
        for _, stop in self._jobs.values():
            stop.set()
        for thread, _ in list(self._jobs.values()):
            await asyncio.to_thread(thread.join, JOIN_S)
