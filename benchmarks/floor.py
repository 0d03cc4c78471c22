"""A server that answers every request with the same bytes: the floor of every measured latency.

`python -m benchmarks.floor PORT WORKERS`
"""

import sys
from collections.abc import Sequence
from typing import Any

from granian.constants import Interfaces, Loops
from granian.server.mp import MPServer

ANSWER = '{"intent": "none"}'


async def app(_scope: Any, protocol: Any) -> None:
    """Read the request, answer."""
    await protocol()
    protocol.response_str(200, [("content-type", "application/json")], ANSWER)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM."""
    port, workers = arguments or sys.argv[1:]
    MPServer(
        "benchmarks.floor:app",
        interface=Interfaces.RSGI,
        address="127.0.0.1",
        port=int(port),
        workers=int(workers),
        loop=Loops.uvloop,
        websockets=False,
    ).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
