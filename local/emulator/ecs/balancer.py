"""Load balancers as TCP forwarders: a loopback port for each, which is its DNS name.

`DNSName` is `127.0.0.1:PORT`, so `http://` + DNSName works as it does on AWS. A connection goes to
the next healthy target of the listener's default target group, in turn.
"""

import asyncio
import contextlib
import itertools
import logging
import socket
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import alb

LOGGER = logging.getLogger("slipway.balancer")
CHUNK = 65536


class Balancers:
    """One listening socket for each load balancer of any account."""

    def __init__(self) -> None:
        self._servers: dict[str, asyncio.Server] = {}
        self._turns = itertools.count()

    async def open(self, account: str, region: str, arn: str, port: int | None = None) -> int:
        """Listen for a load balancer and return the port.

        Args:
            account: The account of the load balancer.
            region: Its region.
            arn: The load balancer.
            port: The port it had before, if any: kept where it is free.
        """

        async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with request_scope(account, region):
                targets = _targets(arn)
            await self._serve(targets, reader, writer)

        server = await asyncio.start_server(forward, sock=_listen(port))
        self._servers[arn] = server
        return int(server.sockets[0].getsockname()[1])

    async def close(self, arn: str) -> None:
        """Stop listening for a load balancer."""
        server = self._servers.pop(arn, None)
        if server:
            server.close()

    async def close_all(self) -> None:
        """Stop listening."""
        for arn in list(self._servers):
            await self.close(arn)

    async def _serve(
        self,
        targets: list[tuple[str, int]],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        start = next(self._turns)
        for offset in range(len(targets)):
            address, port = targets[(start + offset) % len(targets)]
            try:
                upstream = await asyncio.open_connection(address, port)
            except OSError:
                continue
            await asyncio.gather(_pump(reader, upstream[1]), _pump(upstream[0], writer))
            return
        with contextlib.suppress(OSError):
            writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
        writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()


def _listen(port: int | None) -> socket.socket:
    for wanted in (port, 0):
        if wanted is None:
            continue
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", wanted))
        except OSError:
            listener.close()
            continue
        listener.listen(128)
        return listener
    raise OSError("no free port for a load balancer")


def _targets(arn: str) -> list[tuple[str, int]]:
    """Return the addresses behind a load balancer's listeners."""
    found = []
    for listener in alb._listeners.values():
        if listener.get("LoadBalancerArn") == arn:
            for group in _groups(listener):
                found += [(t["Id"], int(t["Port"])) for t in alb._targets.get(group, [])]
    return found


def _groups(listener: dict[str, Any]) -> list[str]:
    names = []
    for action in listener.get("DefaultActions", []):
        if action.get("TargetGroupArn"):
            names.append(action["TargetGroupArn"])
        for group in (action.get("ForwardConfig") or {}).get("TargetGroups", []):
            names.append(group["TargetGroupArn"])
    return list(dict.fromkeys(names))
