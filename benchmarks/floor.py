"""A server that answers every request with the same bytes: the floor of every measured latency.

`python -m benchmarks.floor PORT WORKERS`
"""

import sys
from collections.abc import Sequence
from typing import Any

import uvicorn

ANSWER = b'{"intent": "none"}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ANSWER))]


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Read the request, answer."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": ANSWER})


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM."""
    port, workers = arguments or sys.argv[1:]
    uvicorn.run(
        "benchmarks.floor:app",
        port=int(port),
        workers=int(workers),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="warning",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
