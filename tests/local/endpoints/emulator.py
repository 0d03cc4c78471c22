"""Runs the emulator with the local SageMaker alone plugged in; started by `conftest.py`."""

import os

import ministack.app as ministack

from local import paths
from local.emulator import extension, gateway, hooks, install
from local.endpoints import service, settings


def main() -> None:
    hooks.check()
    os.environ.pop("PYTHONPATH", None)
    limits = settings.Settings(
        gateway.endpoint(),
        paths.workplace().root,
        paths.PROJECT_BIN / "python",
        paths.ROOT / "serving",
        memory_bytes=int(os.environ["MEMORY_BYTES"]),
        invoke_seconds=float(os.environ["INVOKE_SECONDS"]),
        start_seconds=30,
    )
    registry = extension.Registry()
    service.add(registry, limits)
    install.install(registry)
    inner = ministack.app

    async def app(scope, receive, send):
        async def receive_and_stop():
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await install.stop(registry)
            return message

        async def start_and_send(message):
            if message["type"] == "lifespan.startup.complete":
                await install.start(registry)
            await send(message)

        if scope["type"] == "lifespan":
            await inner(scope, receive_and_stop, start_and_send)
        else:
            await inner(scope, receive, send)

    ministack.app = app
    ministack.main()


if __name__ == "__main__":
    main()
