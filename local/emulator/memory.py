"""Keeps the emulator small, whatever is pushed through it.

MiniStack writes every S3 object to disk, yet keeps the bytes of each version of a versioned bucket
in memory too; it reads them from disk itself once they are gone. It also keeps one process of every
Lambda function for good.
"""

import asyncio
import ctypes
import time
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import s3

from local.emulator.hooks import wrap
from local.emulator.timer import Timer

IDLE_S = 15.0  # how long a Lambda function's process waits for another call
INTERVAL_S = 5.0
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # of mallopt(3)
_LARGE_BYTES = 1 << 20
_ARENAS = 2


class Memory:
    """Lets go of what MiniStack can read or start again."""

    def __init__(self) -> None:
        self._timer = Timer(INTERVAL_S, _tick)

    def install(self) -> None:
        """Forget the bytes of an object once they lie on disk; give freed memory back."""
        wrap("ministack.services.s3", "_persist_object", _forgetting_bodies)
        libc = ctypes.CDLL(None)
        if hasattr(libc, "mallopt"):  # glibc: set here and not by variable, which builds inherit
            libc.mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
            libc.mallopt(_ARENA_MAX, _ARENAS)

    async def start(self) -> None:
        """Start to end idle Lambda processes."""
        await self._timer.start()

    async def stop(self) -> None:
        """Stop ending them; MiniStack ends all of them itself."""
        await self._timer.stop()


async def _tick() -> None:
    await asyncio.to_thread(end_idle_functions)


def end_idle_functions(idle_s: float = IDLE_S) -> None:
    """End the Lambda processes whose last call began longer ago than `idle_s` seconds."""
    oldest = time.time() - idle_s
    ended = []
    with lambda_runtime._lock:
        for key, workers in list(lambda_runtime._workers.items()):
            idle = [w for w in workers if not w.in_use and w.last_used < oldest]
            ended += idle
            lambda_runtime._workers[key] = [w for w in workers if w not in idle]
            if not lambda_runtime._workers[key]:
                del lambda_runtime._workers[key]
    lambda_runtime.kill_workers(ended)


def _forgetting_bodies(original: Any) -> Any:
    def persist(bucket: str, key: str, record: Any) -> None:
        original(bucket, key, record)
        current = (s3._buckets.get(bucket) or {"objects": {}})["objects"].get(key) or {}
        on_disk = current.get("body", b"") is None  # MiniStack's sign that the write succeeded
        for version in s3._object_versions.get((bucket, key)) or []:
            name = version["version_id"]
            is_current = name == (current.get("version_id") or "null")
            if (is_current and on_disk) or s3._version_file_exists(bucket, key, name):
                version["data"] = None

    return persist
