"""HTTP/1.1 with the limits that uvicorn leaves out: a head must come soon, and must be short."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from serving.intent.problem import CONTENT_TYPE, Refusal

HEAD_SECONDS = 5.0
LONGEST_HEAD = 64 << 10  # bytes of request line and headers
# A load balancer's own limit is 60 s. It must be the one that closes an idle connection: a request
# that it sends while we close is lost.
IDLE_SECONDS = 75


class LimitedProtocol(HttpToolsProtocol):
    """One connection; refuses a client that sends its head slowly, without end, or not as HTTP."""

    _late: asyncio.TimerHandle | None = None
    _head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a head from now on."""
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing more."""
        self._arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head grows too long."""
        super().data_received(data)
        if self._late is None or self.transport.is_closing():
            return
        self._head += len(data)
        if self._head > LONGEST_HEAD:
            told = f"headers: have over {LONGEST_HEAD} bytes; send fewer"
            self._refuse(Refusal(431, "too-long", told))

    def on_message_begin(self) -> None:
        """Expect the rest of a head whose first byte is there."""
        self._expect()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Let the application give the body its time."""
        self._arrived()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP, in the form of all refusals."""
        self._refuse(Refusal(400, "not-http", f"request: {msg}"))

    def _expect(self) -> None:
        self._arrived()
        self._late = self.loop.call_later(HEAD_SECONDS, self._hang_up)

    def _arrived(self) -> None:
        self._head = 0
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _hang_up(self) -> None:
        self._late = None
        if not self.transport.is_closing():
            self.transport.close()

    def _refuse(self, refusal: Refusal) -> None:
        body = refusal.document("").encode()
        head = f"HTTP/1.1 {refusal.status} {refusal.phrase}\r\ncontent-type: {CONTENT_TYPE}\r\n"
        head += f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.transport.write(head.encode() + body)
        self.transport.close()


def options() -> dict[str, Any]:
    """Return what uvicorn is told of its protocol."""
    return {"http": LimitedProtocol, "ws": "none", "timeout_keep_alive": IDLE_SECONDS}
