"""The service as an ASGI application: one instance per worker process.

`/healthz` says the process lives, `/readyz` that the model is loaded and warm and that nobody has
asked the service to stop. The engine runs on the event loop's thread, see `batcher`.
"""

import asyncio
import gc
import logging
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from serving import built_for
from serving.intent import exchange, openapi, request, tracing
from serving.intent.answer import Writer
from serving.intent.batcher import Answer, Batcher
from serving.intent.exchange import Message, Receive, Send
from serving.intent.log import Log
from serving.intent.metrics import Metrics
from serving.intent.problem import Refusal
from serving.intent.settings import Settings
from serving.runtime import load
from serving.runtime.awake import Awake
from serving.runtime.capture import Recorder, recorder_of

WARM_UP_RUNS = 3
UNREAD = (408, 413)  # after which more of the body may come
JSON, TEXT = "application/json", "text/plain"

logger = logging.getLogger("slipway.intent")


class Application:
    """Routes requests of one worker."""

    def __init__(self, settings: Settings, directory: Path) -> None:
        """Keep the settings; the model is loaded when the worker starts."""
        self._settings, self._directory = settings, directory
        self._batcher: Batcher | None = None
        self._writer: Writer | None = None
        self._recorder: Recorder | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._draining = False
        self._in_flight = 0
        self._metrics, self._log = Metrics(), Log(settings.slow_ms)
        self._tracer = tracing.tracer()
        self._awake = Awake(0)
        self._background: list[asyncio.Task[None]] = []
        self._gets: dict[str, Callable[[], tuple[str, str]]] = {
            "/healthz": lambda: (TEXT, "ok\n"),
            "/readyz": self._readiness,
            "/metrics": self._counted,
            "/openapi.json": lambda: (JSON, self._described()),
        }

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Live from the worker's start to its end, or answer one request."""
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    def ask_to_drain(self) -> None:
        """Drain as soon as the event loop comes to it; for signal handlers."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.drain)

    def drain(self) -> None:
        """Say that this worker is about to end: not ready, and connections close after answers."""
        self._draining = True
        self._log.event("draining", in_flight=self._in_flight)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Load beside the health checks, which begin at once; at the end send what waits."""
        await receive()
        self._loop = asyncio.get_running_loop()
        self._background = [
            self._loop.create_task(self._load()),
            self._loop.create_task(self._report()),
        ]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._tell_cloudwatch()
        self._tracer.close()
        self._awake.close()
        if self._recorder:
            self._recorder.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        headers = exchange.headers(scope)
        asks = scope["path"] == "/v1/intent"
        answer: Answer | None = None
        detail, request_id = "", request.request_id(headers)
        self._in_flight += 1
        try:
            if asks:
                answer = await self._ask(scope, receive, headers, request_id)
                assert self._writer is not None, "whoever asked a batcher has a writer"
                intent, body = self._writer.write(answer.output)
                self._metrics.answered(intent, answer.queue_ms, answer.batch)
                status, told = 200, [("content-type", JSON)]
            else:
                kind, body = self._get(scope)
                status, told = 200, [("content-type", kind)]
        except Refusal as refusal:
            status, told, detail = refusal.status, refusal.headers(), str(refusal)
            body = refusal.document(request_id)
        except Exception as error:
            # Only the log says what went wrong; the caller learns where to look for it.
            detail = f"{type(error).__name__}: {error}"
            fault = Refusal(500, "fault", "the service failed; its log has the request_id")
            status, told, body = 500, fault.headers(), fault.document(request_id)
        finally:
            self._in_flight -= 1
        told.append(("x-request-id", request_id))
        if self._draining or status in UNREAD:
            told.append(("connection", "close"))
        await exchange.answer(send, status, told, body)
        if asks:
            seconds = time.perf_counter() - started
            self._metrics.count(status, seconds)
            self._log.request(request_id, status, seconds, detail)
            self._tracer.record(headers, status, seconds, answer)

    async def _ask(
        self, scope: Message, receive: Receive, headers: Mapping[str, str], request_id: str
    ) -> Answer:
        if scope["method"] != "POST":
            told = f"{scope['method']} /v1/intent: send a POST"
            raise Refusal(405, "method", told, allow="POST")
        if self._batcher is None:
            raise Refusal(503, "loading", "the model is still loading; try again")
        self._batcher.admit()  # before the body is read: a refusal costs next to nothing
        self._awake.poke()
        text = request.text_of(await exchange.body(headers, receive))
        answer = await self._batcher.ask(
            text, request.deadline_ms(headers, self._settings.deadline_ms)
        )
        if self._recorder:
            self._recorder.record([text], [answer.output], request_id)
        return answer

    def _get(self, scope: Message) -> tuple[str, str]:
        path, method = scope["path"], scope["method"]
        if path not in self._gets:
            known = ", ".join(self._gets)
            raise Refusal(404, "no-such-path", f"{path[:200]}: there is /v1/intent, {known}")
        if method not in ("GET", "HEAD"):
            told = f"{method} {path}: send a GET"
            raise Refusal(405, "method", told, allow="GET, HEAD")
        return self._gets[path]()

    def _readiness(self) -> tuple[str, str]:
        if self._draining:
            raise Refusal(503, "draining", "the service is about to stop")
        if self._batcher is None:
            raise Refusal(503, "loading", "the model is still loading")
        return TEXT, "ready\n"

    def _counted(self) -> tuple[str, str]:
        gauges = {
            "in_flight": self._in_flight,
            "waiting": self._batcher.waiting if self._batcher else 0,
            "wait_ms": self._batcher.wait_ms() if self._batcher else 0,
            "ready": int(self._batcher is not None and not self._draining),
        }
        return f"{TEXT}; version=0.0.4", self._metrics.text(gauges)

    def _described(self) -> str:
        if self._writer is None:
            raise Refusal(503, "loading", "the model is still loading")
        return openapi.document(self._writer.labels, self._writer.fallback)

    async def _load(self) -> None:
        try:
            self._recorder = recorder_of(self._directory, os.environ)
            model = await asyncio.get_running_loop().run_in_executor(None, self._warm_model)
        except Exception:
            # Never ready and never gone would hide the fault from the deployment.
            logger.exception("%s: cannot be loaded", self._directory)
            os._exit(1)
        self._writer = Writer(model.description, self._settings.artifact_sha256)
        self._awake = Awake(self._settings.awake_ms, self._settings.threads)
        self._batcher = Batcher(model.predict, self._settings.limits)
        # What is there now stays: the collector need not walk through it during a request.
        gc.collect()
        gc.freeze()
        self._log.event("ready", model=model.description.name)

    def _warm_model(self) -> Any:
        built_for.check(self._directory)
        model = load(self._directory, threads=self._settings.threads)
        for size in range(1, self._settings.limits.batch + 1):
            for _ in range(WARM_UP_RUNS):
                model.predict(["warm up the engine"] * size)
        return model

    async def _report(self) -> None:
        while self._settings.emf_seconds:
            await asyncio.sleep(self._settings.emf_seconds)
            self._tell_cloudwatch()

    def _tell_cloudwatch(self) -> None:
        name = self._writer.name if self._writer else "none"
        if line := self._metrics.emf(int(1e3 * time.time()), name, self._settings.endpoint):
            self._log.line(line)
