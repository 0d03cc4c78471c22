"""Time and length limits of a connection, on the server's own event loop."""

import asyncio
import json

import pytest
import uvicorn

from serving.intent import protocol

HEAD = b"GET / HTTP/1.1\r\nhost: x\r\n"
# To the byte: what is still unread when the server hangs up would take the answer with it.
LONG = (b"GET / HTTP/1.1\r\nx: ").ljust(protocol.LONGEST_HEAD + 1, b"a")


async def app(_scope, _receive, send):
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


def talk(*parts: bytes, rest: float = 0.0) -> bytes:
    """Send parts with a rest after each, and return all that comes until the server hangs up."""

    async def scenario() -> bytes:
        config = uvicorn.Config(app, lifespan="off", log_config=None, **protocol.options())
        config.load()
        state, loop = uvicorn.server.ServerState(), asyncio.get_running_loop()
        make = lambda: protocol.LimitedProtocol(config, state, {})  # noqa: E731
        server = await loop.create_server(make, "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(rest)
            answer = await reader.read()
            writer.close()
            return answer

    return asyncio.run(asyncio.wait_for(scenario(), 20))


@pytest.mark.parametrize("parts", [(), (HEAD,), (HEAD + b"\r\n", HEAD)])
def test_a_head_that_does_not_come_in_time_ends_the_connection(monkeypatch, parts):
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.1)

    assert talk(*parts).endswith(b"ok" if len(parts) == 2 else b"")


def test_an_idle_connection_outlives_the_time_that_a_head_has(monkeypatch):
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.1)
    last = HEAD + b"connection: close\r\n\r\n"

    answers = talk(HEAD + b"\r\n", last, rest=0.5)

    assert answers.count(b"200 OK") == 2
    assert protocol.IDLE_SECONDS > 60  # the load balancer's: it must be the one to close


@pytest.mark.parametrize(
    ("sent", "status"),
    [(LONG, 431), (b"\x00nonsense\r\n\r\n", 400)],
)
def test_what_is_no_head_is_refused_with_a_problem_document(sent, status):
    head, _, body = talk(sent).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert json.loads(body)["status"] == status
