"""One HTTP/1.1 message read from a connection, or sent on one."""

import asyncio
from dataclasses import dataclass
from typing import Any

import h11

CHUNK = 65536
LONGEST_BODY = 16 << 20


class Gone(Exception):
    """The other side closed the connection before a message was complete."""


@dataclass
class Line:
    """A connection with its protocol state.

    Attributes:
        reader: What it sends us.
        writer: What we send it.
        state: h11's view of both directions.
    """

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    state: h11.Connection

    async def receive(self) -> tuple[Any, bytes]:
        """Return the head of the next message and its body.

        Raises:
            Gone: The other side closed before the end of the message.
            h11.RemoteProtocolError: It does not speak HTTP, or sends too much.
        """
        head, body = None, bytearray()
        while True:
            event = self.state.next_event()
            if event is h11.NEED_DATA:
                await self._continue()
                self.state.receive_data(await self.reader.read(CHUNK))
            elif isinstance(event, h11.Request | h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > LONGEST_BODY:
                    raise h11.RemoteProtocolError("the body is too large", 413)
            elif isinstance(event, h11.EndOfMessage):
                return head, bytes(body)
            elif isinstance(event, h11.ConnectionClosed) or event is h11.PAUSED:
                raise Gone

    async def send(self, head: Any, body: bytes) -> None:
        """Send a message."""
        parts = [self.state.send(head)]
        if body:
            parts.append(self.state.send(h11.Data(data=body)))
        parts.append(self.state.send(h11.EndOfMessage()))
        self.writer.write(b"".join(part for part in parts if part))
        await self.writer.drain()

    def renew(self) -> bool:
        """Make ready for another message; False if the connection cannot carry one."""
        if self.state.our_state is h11.DONE and self.state.their_state is h11.DONE:
            self.state.start_next_cycle()
            return True
        return False

    def close(self) -> None:
        """Close it."""
        self.writer.close()

    async def _continue(self) -> None:
        if self.state.they_are_waiting_for_100_continue:
            interim = h11.InformationalResponse(status_code=100, headers=[])
            self.writer.write(self.state.send(interim) or b"")
            await self.writer.drain()


def framed(headers: Any, body: bytes) -> list[tuple[bytes, bytes]]:
    """Return headers for the next connection: those of one hop go, the body's length is known."""
    hop = {b"connection", b"keep-alive", b"transfer-encoding", b"content-length", b"expect"}
    kept = [(name, value) for name, value in headers if name.lower() not in hop]
    return [*kept, (b"content-length", str(len(body)).encode())]
