"""Load balancers: a loopback port for each, which is its DNS name.

`DNSName` is `127.0.0.1:PORT`, so `http://` + DNSName works as it does on AWS. Each request, not
each connection, goes to the next target of the listener's default target group: a target that is
taken out gets no request more, whoever keeps connections open.
"""

import asyncio
import contextlib
import itertools
import socket
import time
from collections import defaultdict
from typing import Any

import h11
from ministack.core.responses import request_scope

from local.emulator.ecs.exchange import Gone, Line, framed
from local.emulator.ecs.targets import Target, UnderWay, targets_of
from local.emulator.ecs.traffic import Traffic, Where

REFUSALS = {502: b"Bad Gateway", 503: b"Service Temporarily Unavailable"}


class Unreachable(Exception):
    """A target that takes no connections."""


class Balancers:
    """One listening socket for each load balancer of any account."""

    def __init__(self, under_way: UnderWay) -> None:
        self._under_way = under_way
        self._servers: dict[Where, asyncio.Server] = {}
        self._idle: dict[Target, list[Line]] = defaultdict(list)
        self._turns = itertools.count()
        self._traffic = Traffic(lambda: list(self._servers))

    async def start(self) -> None:
        """Begin to tell CloudWatch of the traffic."""
        await self._traffic.start()

    async def open(self, account: str, region: str, arn: str, port: int | None = None) -> int:
        """Listen for a load balancer and return the port.

        Args:
            account: The account of the load balancer.
            region: Its region.
            arn: The load balancer.
            port: The port it had before, if any: kept where it is free.
        """
        where = (account, region, arn)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve(where, Line(reader, writer, h11.Connection(h11.SERVER)))

        server = await asyncio.start_server(serve, sock=_listen(port))
        self._servers[where] = server
        return int(server.sockets[0].getsockname()[1])

    async def close(self, arn: str) -> None:
        """Stop listening for a load balancer."""
        for where in [where for where in self._servers if where[2] == arn]:
            self._servers.pop(where).close()

    async def close_all(self) -> None:
        """Stop listening."""
        await self._traffic.stop()
        for where in list(self._servers):
            self._servers.pop(where).close()

    async def _serve(self, where: Where, client: Line) -> None:
        """Answer the requests of one connection, one after the other."""
        with contextlib.suppress(Gone, OSError, h11.ProtocolError):
            while True:
                request, body = await client.receive()
                answer, content = await self._answer(where, request, body)
                await client.send(answer, content)
                if not client.renew():
                    break
        client.close()

    async def _answer(self, where: Where, request: h11.Request, body: bytes) -> tuple[Any, bytes]:
        account, region, arn = where
        turn, tried = next(self._turns), set[Target]()
        while True:
            with request_scope(account, region):  # anew: it may have changed during a try
                targets = [target for target in targets_of(arn) if target not in tried]
            if not targets:
                break
            target = targets[turn % len(targets)]
            tried.add(target)
            self._under_way.begin(target.address)  # before anything is awaited: see `UnderWay`
            started = time.perf_counter()
            try:
                answer, content = await self._ask(target, request, body)
            except Unreachable:  # nothing was asked yet
                continue
            except (Gone, OSError, h11.ProtocolError):
                self._traffic.refused(where)
                return _refusal(502)
            finally:
                self._under_way.end(target.address)
            seconds = time.perf_counter() - started
            self._traffic.answered(where, target.group, answer.status_code, seconds)
            return answer, content
        self._traffic.refused(where)
        return _refusal(503)

    async def _ask(self, target: Target, request: h11.Request, body: bytes) -> tuple[Any, bytes]:
        asked = h11.Request(
            method=request.method, target=request.target, headers=framed(request.headers, body)
        )
        while self._idle[target]:
            line = self._idle[target].pop()
            with contextlib.suppress(Gone, OSError, h11.ProtocolError):  # it was closed meanwhile
                return await self._exchange(target, line, asked, body)
        try:
            reader, writer = await asyncio.open_connection(target.address, target.port)
        except OSError as error:
            raise Unreachable from error
        line = Line(reader, writer, h11.Connection(h11.CLIENT))
        return await self._exchange(target, line, asked, body)

    async def _exchange(
        self, target: Target, line: Line, asked: h11.Request, body: bytes
    ) -> tuple[Any, bytes]:
        try:
            await line.send(asked, body)
            answer, content = await line.receive()
        except BaseException:
            line.close()
            raise
        if line.renew():
            self._idle[target].append(line)
        else:
            line.close()
        headers = framed(answer.headers, content)
        return h11.Response(status_code=answer.status_code, headers=headers), content


def _refusal(code: int) -> tuple[Any, bytes]:
    body = REFUSALS[code]
    headers = [("content-type", "text/plain"), ("content-length", str(len(body)))]
    return h11.Response(status_code=code, headers=headers), body


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
