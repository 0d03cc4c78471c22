"""Traces as a collector receives them."""

import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.serving.intent.conftest import serving

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Collector(BaseHTTPRequestHandler):
    """Keeps the spans that are posted to it."""

    spans: ClassVar[list] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        told = ExportTraceServiceRequest.FromString(body)
        for resource in told.resource_spans:
            for scope in resource.scope_spans:
                self.spans.extend(scope.spans)
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[int]:
    Collector.spans.clear()
    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_a_request_is_a_span_of_its_callers_trace_with_the_engine_inside(
    archive: Path, collector: int
):
    endpoint = f"http://127.0.0.1:{collector}"
    with serving(archive, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint) as running:
        request = urllib.request.Request(
            f"http://127.0.0.1:{running.port}/v1/intent",
            b'{"text": "jazz"}',
            {"traceparent": f"00-{TRACE}-{PARENT}-01"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 200

    spans = {span.name: span for span in Collector.spans}
    asked, engine = spans["POST /v1/intent"], spans["engine"]
    assert asked.trace_id.hex() == engine.trace_id.hex() == TRACE
    assert asked.parent_span_id.hex() == PARENT
    assert engine.parent_span_id == asked.span_id
    assert asked.start_time_unix_nano <= engine.start_time_unix_nano <= engine.end_time_unix_nano
