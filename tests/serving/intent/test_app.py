"""What needs an engine that can be held: readiness and shedding."""

import asyncio
import json
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from serving.intent import app
from serving.intent.settings import Settings
from serving.runtime import load
from tests.serving import tiny


class Exchange:
    """One request and its response, as the server hands them over."""

    def __init__(self, method: str, path: str, body: bytes = b"") -> None:
        self.scope = SimpleNamespace(proto="http", method=method, path=path, headers={})
        self.body = body
        self.status = 0
        self.headers: dict[str, str] = {}
        self.text = ""

    async def __aiter__(self):
        yield self.body

    def response_str(self, status, headers, body):
        self.status, self.headers, self.text = status, dict(headers), body


class Held:
    """A model whose predictions wait until they are let go."""

    def __init__(self, model) -> None:
        self.description = model.description
        self._predict = model.predict
        self.go = threading.Event()

    def predict(self, inputs):
        assert self.go.wait(20)
        return self._predict(inputs)


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Held:
    model = load(tiny.encoder(tmp_path / "m", "intent", "classification", ("play", "weather")))
    found = Held(model)
    monkeypatch.setattr(app, "load", lambda *_, **__: found)
    return found


def make(limit: int, directory: Path) -> app.Application:
    settings = Settings(artifact="x", artifact_sha256="0" * 64, queue_limit=limit)
    return app.Application(settings, directory)


async def send(application: app.Application, method: str, path: str, body: bytes = b"") -> Exchange:
    exchange = Exchange(method, path, body)
    await application.__rsgi__(exchange.scope, exchange)
    return exchange


async def until_ready(application: app.Application) -> None:
    while (await send(application, "GET", "/readyz")).status != 200:
        await asyncio.sleep(0.01)


def test_a_worker_lives_before_it_is_ready(held: Held, tmp_path: Path):
    async def scenario() -> None:
        application = make(1, tmp_path)
        application.__rsgi_init__(asyncio.get_running_loop())

        assert (await send(application, "GET", "/healthz")).status == 200
        assert (await send(application, "GET", "/readyz")).status == 503
        early = await send(application, "POST", "/v1/intent", b'{"text": "jazz"}')
        assert early.status == 503
        assert early.headers["retry-after"] == "1"

        held.go.set()
        await asyncio.wait_for(until_ready(application), 20)

    asyncio.run(scenario())


def test_what_is_above_the_limit_is_shed_and_the_rest_is_answered(held: Held, tmp_path: Path):
    async def scenario() -> None:
        application = make(2, tmp_path)
        application.__rsgi_init__(asyncio.get_running_loop())
        held.go.set()
        await asyncio.wait_for(until_ready(application), 20)
        held.go.clear()

        body = json.dumps({"text": "jazz"}).encode()
        waiting = [
            asyncio.create_task(send(application, "POST", "/v1/intent", body)) for _ in range(5)
        ]
        done, kept = await asyncio.wait(waiting, timeout=0.3)
        held.go.set()

        assert [task.result().status for task in done] == [503] * 3
        assert all(task.result().headers["retry-after"] == "1" for task in done)
        assert [(await task).status for task in kept] == [200] * 2

    asyncio.run(scenario())


def test_a_doubtful_query_gets_the_fallback_label(tmp_path: Path):
    directory = tiny.encoder(tmp_path / "m", "intent", "classification", ("play", "weather"))
    document = json.loads((directory / "model.json").read_text())
    document |= {"threshold": 1.0, "fallback_label": "unknown"}
    (directory / "model.json").write_text(json.dumps(document))

    async def scenario() -> Exchange:
        application = make(1, directory)
        application.__rsgi_init__(asyncio.get_running_loop())
        await asyncio.wait_for(until_ready(application), 20)
        return await send(application, "POST", "/v1/intent", b'{"text": "a piano"}')

    assert json.loads(asyncio.run(scenario()).text)["intent"] == "unknown"
