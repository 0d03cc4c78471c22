"""Serves MiniStack with all parts plugged in. Import it only once the hooks are checked."""

import logging
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import ministack.app as ministack

from local.emulator import extension, install, waits
from local.emulator.alarms.service import AlarmTimer
from local.emulator.captures import Captures
from local.emulator.cloudformation.interrupted import Interrupted
from local.emulator.codebuild.service import Builds
from local.emulator.ecs.service import Tasks
from local.emulator.embedded import EmbeddedMetrics
from local.emulator.jobs.array import BatchJobs
from local.emulator.memory import Memory
from local.emulator.snapshot import Snapshots
from local.paths import workplace

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Message, Receive, Send], Awaitable[None]]


def run() -> None:
    """Serve until a signal ends it."""
    # Lambda functions inherit this environment; the checkout must not be importable there.
    os.environ.pop("PYTHONPATH", None)
    for name in ("botocore", "urllib3", "hypercorn.access", "persistence"):
        logging.getLogger(name).setLevel(logging.WARNING)
    registry = extension.collect()
    snapshots = Snapshots()
    background = (
        Interrupted(),
        AlarmTimer(),
        EmbeddedMetrics(workplace()),
        Captures(workplace()),
        Builds(),
        Tasks(),
        BatchJobs(),
        Memory(),
    )
    install.install(registry)
    waits.install()
    for part in background:
        part.install()

    async def on_start() -> None:
        for part in background:
            await part.start()
        await install.start(registry)
        await snapshots.start()

    async def on_stop() -> None:
        await snapshots.stop()
        await install.stop(registry)
        for part in background:
            await part.stop()

    ministack.app = _with_life(ministack.app, on_start, on_stop, snapshots.note_request)
    ministack.main()


def _with_life(
    inner: Asgi,
    on_start: Callable[[], Awaitable[None]],
    on_stop: Callable[[], Awaitable[None]],
    on_request: Callable[[], None],
) -> Asgi:
    """Run `on_start` once the inner application is up and `on_stop` before it goes down."""

    async def application(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            if scope.get("method") in {"POST", "PUT", "DELETE", "PATCH"}:
                on_request()
            await inner(scope, receive, send)
            return

        async def receive_and_stop() -> Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await on_stop()
            return message

        async def start_and_send(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                await on_start()
            await send(message)

        await inner(scope, receive_and_stop, start_and_send)

    return application
