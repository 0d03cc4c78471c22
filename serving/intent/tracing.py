"""OpenTelemetry traces, if OTEL_EXPORTER_OTLP_ENDPOINT says where to; else nothing is imported.

Sampling and all else is set by OpenTelemetry's own variables (OTEL_TRACES_SAMPLER, ...).
"""

import os
import time
from collections.abc import Mapping
from typing import Any, Protocol

from serving.intent.batcher import Answer

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
SERVICE = "slipway-intent"


class Tracer(Protocol):
    """Records answered and refused requests."""

    def record(
        self, headers: Mapping[str, str], status: int, seconds: float, answer: Answer | None
    ) -> None:
        """Record a request that ends now: how long it took, and how it was computed if it was."""

    def close(self) -> None:
        """Send what is not sent yet."""


class NoTracer:
    """Records nothing."""

    def record(
        self, headers: Mapping[str, str], status: int, seconds: float, answer: Answer | None
    ) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def tracer() -> Tracer:
    """Return a tracer of this worker process."""
    return OtlpTracer() if os.environ.get(ENDPOINT) else NoTracer()


class OtlpTracer:
    """One span for a request, one inside it for the engine; sent by a thread of its own."""

    def __init__(self) -> None:
        """Set up OpenTelemetry's SDK."""
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._provider = TracerProvider(resource=Resource.create({SERVICE_NAME: SERVICE}))
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer(SERVICE)
        self._extract = TraceContextTextMapPropagator().extract
        self._inside = set_span_in_context
        self._server, self._fault = SpanKind.SERVER, Status(StatusCode.ERROR)

    def record(
        self, headers: Mapping[str, str], status: int, seconds: float, answer: Answer | None
    ) -> None:
        """Record a request under the caller's `traceparent`."""
        end = time.time_ns()
        start = end - int(seconds * 1e9)
        attributes: dict[str, Any] = {"http.response.status_code": status}
        if answer is not None:
            attributes |= {"slipway.batch": answer.batch, "slipway.queue_ms": answer.queue_ms}
        span = self._tracer.start_span(
            "POST /v1/intent",
            context=self._extract({"traceparent": headers.get("traceparent") or ""}),
            kind=self._server,
            attributes=attributes,
            start_time=start,
        )
        if status >= 500:
            span.set_status(self._fault)
        if answer is not None:
            took = int(answer.engine_ms * 1e6)
            inner = self._tracer.start_span(
                "engine", context=self._inside(span), start_time=end - took
            )
            inner.end(end)
        span.end(end)

    def close(self) -> None:
        """Send what waits."""
        self._provider.shutdown()
