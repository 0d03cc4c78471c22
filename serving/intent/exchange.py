"""One HTTP exchange over ASGI: headers, the body in time and within its length, the answer."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

from serving.intent import request
from serving.intent.problem import Refusal

BODY_SECONDS = 5.0
READ_AT_MOST = 4 << 20  # bytes of a body that is refused

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def headers(scope: Message) -> dict[str, str]:
    """Return a request's headers by their names in lower case."""
    return {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}


async def body(told: Mapping[str, str], receive: Receive) -> bytes:
    """Return the body; one that is too long is still read, that its sender may hear the answer.

    Args:
        told: The request's headers.
        receive: What gives the body's parts.

    Raises:
        Refusal: 408, it did not arrive in time or whole; 413, it is too long.
    """
    declared = told.get("content-length")
    length = int(declared) if declared and declared.isdecimal() else 0
    found, read = b"", 0
    with _at_most(BODY_SECONDS):
        more = True
        while more and read <= READ_AT_MOST:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Refusal(408, "slow", "body: the client hung up before its end")
            chunk, more = message["body"], message["more_body"]
            read += len(chunk)
            if max(length, read) <= request.MAX_BODY:
                found += chunk
    request.check_length(max(length, read))
    return found


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Give a body up that takes longer; `asyncio.timeout` is not in the Python 3.10 of Inf1."""
    task, late = asyncio.current_task(), False
    assert task is not None, "a body is read by a request's task"

    def end() -> None:
        nonlocal late
        late = True
        task.cancel()

    timer = asyncio.get_running_loop().call_later(seconds, end)
    try:
        yield
    except asyncio.CancelledError as error:
        if not late:
            raise
        told = f"body: did not arrive within {seconds:g} s; send it at once"
        raise Refusal(408, "slow", told) from error
    finally:
        timer.cancel()


async def answer(send: Send, status: int, told: list[tuple[str, str]], text: str) -> None:
    """Send an answer whole; `told` are its headers."""
    content = text.encode()
    told = [*told, ("content-length", str(len(content)))]
    raw = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in told]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": content})
