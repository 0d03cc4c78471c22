"""The service as an RSGI application: one instance per worker process.

`/healthz` says the process lives, `/readyz` that the model is loaded and warm. Predictions run on
one thread beside the event loop, so that health checks are answered while the engine computes.
"""

import asyncio
import json
import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from serving import built_for
from serving.intent.metrics import Metrics
from serving.intent.request import Refusal, check_length, text_of
from serving.intent.settings import Settings
from serving.runtime import Model, load

MODEL_DIRECTORY = "SLIPWAY_MODEL_DIRECTORY"  # set by `__main__` for its workers
WARM_UP_RUNS = 20
RETRY_AFTER = 1  # seconds

logger = logging.getLogger("slipway.intent")


class Application:
    """Routes requests; sheds those above the limit instead of letting everybody wait."""

    def __init__(self, settings: Settings, directory: Path) -> None:
        """Keep the settings; the model is loaded when the worker starts."""
        self._settings = settings
        self._directory = directory
        self._model: Model | None = None
        self._metrics = Metrics()
        self._in_flight = 0
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="engine")
        self._gets = {"/healthz": self._health, "/readyz": self._readiness, "/metrics": self._text}

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start loading; the worker answers health checks meanwhile."""
        loop.run_in_executor(self._thread, self._load)

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        if scope.proto != "http":
            protocol.close(None)
            return
        try:
            status, kind, body = await self._route(scope, protocol)
            headers = [("content-type", kind)]
        except Refusal as refusal:
            status, body = refusal.status, json.dumps({"error": str(refusal)})
            headers = [("content-type", "application/json")]
            if refusal.retry_after is not None:
                headers.append(("retry-after", str(refusal.retry_after)))
        protocol.response_str(status, headers, body)

    async def _route(self, scope: Any, protocol: Any) -> tuple[int, str, str]:
        if scope.path == "/v1/intent":
            if scope.method != "POST":
                raise Refusal(405, f"{scope.method} /v1/intent: send a POST")
            return await self._timed(scope, protocol)
        if scope.path not in self._gets:
            raise Refusal(404, f"{scope.path}: there is /v1/intent, {', '.join(self._gets)}")
        if scope.method not in ("GET", "HEAD"):
            raise Refusal(405, f"{scope.method} {scope.path}: send a GET")
        return self._gets[scope.path]()

    async def _timed(self, scope: Any, protocol: Any) -> tuple[int, str, str]:
        started = time.perf_counter()
        status = 500
        try:
            answer = await self._answer(scope, protocol)
            status = 200
            return status, "application/json", json.dumps(answer)
        except Refusal as refusal:
            status = refusal.status
            raise
        finally:
            self._metrics.count(status, time.perf_counter() - started)

    async def _answer(self, scope: Any, protocol: Any) -> dict[str, Any]:
        text = text_of(await _body(scope, protocol))
        if self._model is None:
            raise Refusal(503, "the model is still loading; try again", RETRY_AFTER)
        if self._in_flight >= self._settings.queue_limit:
            raise Refusal(503, f"{self._in_flight} requests are waiting; try again", RETRY_AFTER)
        self._in_flight += 1
        try:
            loop = asyncio.get_running_loop()
            (row,) = await loop.run_in_executor(self._thread, self._model.predict, [text])
        finally:
            self._in_flight -= 1
        description = self._model.description
        return {
            "intent": description.decide(row),
            "confidence": round(float(row.max()), 6),
            "probabilities": {
                label: round(float(value), 6)
                for label, value in zip(description.labels, row, strict=True)
            },
            "model": description.name,
            "artifact": self._settings.artifact_sha256,
        }

    def _health(self) -> tuple[int, str, str]:
        return 200, "text/plain", "ok\n"

    def _readiness(self) -> tuple[int, str, str]:
        if self._model is None:
            raise Refusal(503, "the model is still loading", RETRY_AFTER)
        return 200, "text/plain", "ready\n"

    def _text(self) -> tuple[int, str, str]:
        ready = self._model is not None
        text = self._metrics.text(ready=ready, in_flight=self._in_flight)
        return 200, "text/plain; version=0.0.4", text

    def _load(self) -> None:
        try:
            built_for.check(self._directory)
            model = load(self._directory, threads=self._settings.threads)
            for _ in range(WARM_UP_RUNS):
                model.predict(["warm up the engine"])
        except Exception:
            # Never ready and never gone would hide the fault from the deployment.
            logger.exception("%s: cannot be loaded", self._directory)
            os._exit(1)
        self._model = model


async def _body(scope: Any, protocol: Any) -> bytes:
    declared = scope.headers.get("content-length")
    check_length(int(declared) if declared and declared.isdecimal() else 0)
    body = b""
    async for chunk in protocol:
        body += chunk
        check_length(len(body))
    return body


def create() -> Application:
    """Make a worker's application; the server calls it in each worker process."""
    return Application(Settings.read(os.environ), Path(os.environ[MODEL_DIRECTORY]))
