"""What needs an engine that can be held, or an answer that no real model gives."""

import asyncio
import json
import threading
from pathlib import Path

import numpy as np
import pytest

from serving.intent import app, exchange
from serving.intent.batcher import Limits
from serving.intent.settings import Settings
from serving.runtime import load
from tests.serving import tiny

LABELS = ("play", "weather")
JAZZ = b'{"text": "jazz"}'


class Exchange:
    """One request and its response, as the server hands them over."""

    def __init__(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> None:
        told = [(key.encode(), value.encode()) for key, value in headers.items()]
        self.scope = {"type": "http", "method": method, "path": path, "headers": told}
        self.body = body
        self.status = 0
        self.headers: dict[str, str] = {}
        self.text = ""

    async def receive(self):
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message):
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {key.decode(): value.decode() for key, value in message["headers"]}
        else:
            self.text = message["body"].decode()


class Slow(Exchange):
    """A client that never sends its body."""

    async def receive(self):
        await asyncio.sleep(60)


class Gone(Exchange):
    """A client that hangs up within its body."""

    async def receive(self):
        return {"type": "http.disconnect"}


class Life:
    """A worker's life as the server tells of it: it begins, and ends when `end` is set."""

    def __init__(self) -> None:
        self.end = asyncio.Event()
        self.begun = False

    async def receive(self):
        if self.begun:
            await self.end.wait()
        self.begun = True
        return {"type": "lifespan"}

    async def send(self, _message):
        """Hear nothing."""


class Held:
    """A model whose first predictions, which warm it up, wait until they are let go."""

    def __init__(self, model) -> None:
        self.description = model.description
        self.answer = model.predict
        self.go = threading.Event()

    def predict(self, inputs):
        assert self.go.wait(20)
        return self.answer(inputs)


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Held:
    found = Held(load(tiny.encoder(tmp_path / "m", "intent", "classification", LABELS)))
    monkeypatch.setattr(app, "load", lambda *_, **__: found)
    return found


def make(directory: Path, **limits) -> app.Application:
    limits = {"queue": 64, "budget_ms": 1e6} | limits
    settings = Settings(artifact="x", artifact_sha256="0" * 64, limits=Limits(**limits), awake_ms=0)
    return app.Application(settings, directory)


async def send(
    application: app.Application,
    method: str,
    path: str,
    body: bytes = b"",
    kind=Exchange,
    **headers,
) -> Exchange:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    exchange = kind(method, path, body, told)
    await application(exchange.scope, exchange.receive, exchange.send)
    return exchange


def begin(application: app.Application) -> tuple[Life, asyncio.Task]:
    life = Life()
    lived = application({"type": "lifespan"}, life.receive, life.send)
    return life, asyncio.get_running_loop().create_task(lived)


async def ready(application: app.Application) -> app.Application:
    application.life = begin(application)

    async def poll() -> None:
        while (await send(application, "GET", "/readyz")).status != 200:
            await asyncio.sleep(0.01)

    await asyncio.wait_for(poll(), 20)
    return application


def test_a_worker_lives_before_it_is_ready(held: Held, tmp_path: Path):
    async def scenario() -> None:
        application = make(tmp_path)
        application.life = begin(application)

        assert (await send(application, "GET", "/healthz")).status == 200
        assert (await send(application, "GET", "/readyz")).status == 503
        early = await send(application, "POST", "/v1/intent", JAZZ)
        assert early.status == 503
        assert early.headers["retry-after"] == "1"
        held.go.set()
        await ready(application)

    asyncio.run(scenario())


def test_what_is_above_the_limit_is_shed_and_the_rest_is_answered(held: Held, tmp_path: Path):
    async def scenario() -> None:
        held.go.set()
        application = await ready(make(tmp_path, queue=2))

        answers = await asyncio.gather(
            *(send(application, "POST", "/v1/intent", JAZZ) for _ in range(5))
        )

        assert [answer.status for answer in answers] == [200, 200, 503, 503, 503]
        assert all(answer.headers["retry-after"] == "1" for answer in answers[2:])

    asyncio.run(scenario())


def test_a_draining_worker_answers_and_sends_its_clients_away(held: Held, tmp_path: Path):
    async def scenario() -> None:
        held.go.set()
        application = await ready(make(tmp_path))

        application.drain()

        unready = await send(application, "GET", "/readyz")
        assert (unready.status, json.loads(unready.text)["type"]) == (
            503, "urn:slipway:problem:draining",
        )  # fmt: skip
        answered = await send(application, "POST", "/v1/intent", JAZZ)
        assert (answered.status, answered.headers["connection"]) == (200, "close")

    asyncio.run(scenario())


def test_a_doubtful_query_gets_the_fallback_label(tmp_path: Path):
    directory = tiny.encoder(tmp_path / "m", "intent", "classification", LABELS)
    document = json.loads((directory / "model.json").read_text())
    document |= {"threshold": 1.0, "fallback_label": "unknown"}
    (directory / "model.json").write_text(json.dumps(document))

    async def scenario() -> Exchange:
        return await send(await ready(make(directory)), "POST", "/v1/intent", JAZZ)

    assert json.loads(asyncio.run(scenario()).text)["intent"] == "unknown"


def test_an_answer_that_is_no_number_is_a_fault_that_tells_nothing(held, tmp_path, capsys):
    async def scenario() -> Exchange:
        held.go.set()
        application = await ready(make(tmp_path))
        held.answer = lambda texts: [np.full(2, np.nan, np.float32) for _ in texts]
        return await send(application, "POST", "/v1/intent", JAZZ, x_request_id="abc-7")

    answered = asyncio.run(scenario())

    problem = json.loads(answered.text)
    assert (answered.status, problem["request_id"]) == (500, "abc-7")
    assert "nan" not in answered.text
    logged = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (line,) = [item for item in logged if item["event"] == "request"]
    assert (line["request_id"], line["status"]) == ("abc-7", 500)
    assert "not finite" in line["detail"]


@pytest.mark.parametrize("length", ["16", "20000", "soon"])
def test_a_body_that_does_not_arrive_is_given_up(held, tmp_path, monkeypatch, length):
    monkeypatch.setattr(exchange, "BODY_SECONDS", 0.05)

    async def scenario() -> Exchange:
        held.go.set()
        return await send(
            await ready(make(tmp_path)), "POST", "/v1/intent", b"", Slow, content_length=length
        )

    answered = asyncio.run(scenario())
    assert (answered.status, answered.headers["connection"]) == (408, "close")


def test_a_client_that_hangs_up_within_its_body_is_no_fault(held, tmp_path):
    async def scenario() -> Exchange:
        held.go.set()
        return await send(await ready(make(tmp_path)), "POST", "/v1/intent", b"", Gone)

    assert asyncio.run(scenario()).status == 408


@pytest.mark.parametrize("value", ["soon", "0", "-1", "60001", "nan", "1e3"])
def test_a_deadline_that_is_no_number_of_milliseconds_is_refused(held, tmp_path, value):
    async def scenario() -> Exchange:
        held.go.set()
        application = await ready(make(tmp_path))
        return await send(application, "POST", "/v1/intent", JAZZ, x_deadline_ms=value)

    answered = asyncio.run(scenario())

    assert answered.status == 422
    assert json.loads(answered.text)["key"] == "x-deadline-ms"


def test_what_happened_is_told_to_cloudwatch_and_prometheus(held, tmp_path, capsys):
    async def scenario() -> str:
        held.go.set()
        application = await ready(make(tmp_path))
        for body in (JAZZ, JAZZ, b"nonsense"):
            await send(application, "POST", "/v1/intent", body)
        text = (await send(application, "GET", "/metrics")).text
        life, lived = application.life
        life.end.set()
        await lived
        return text

    text = asyncio.run(scenario())

    assert 'slipway_intent_requests_total{status="200"} 2' in text
    assert 'slipway_intent_requests_total{status="400"} 1' in text
    assert "slipway_intent_seconds_count 2" in text
    assert "slipway_intent_batch_size_count 2" in text
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (emf,) = [item for item in told if "_aws" in item]
    assert (emf["Model"], emf["Requests"], emf["Shed"], emf["Faults"]) == ("intent", 3, 0, 0)
    assert sum(emf["Latency"]["Counts"]) == 2
    (directive,) = emf["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Slipway/Intent"
    assert {metric["Name"] for metric in directive["Metrics"]} <= emf.keys()
