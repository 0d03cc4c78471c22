"""The load generator against a server that is known."""

import itertools
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from model_build.loadtest import generator
from model_build.loadtest.generator import Point

BODIES = ('{"text": "jazz"}',)
STATUSES = itertools.cycle((200, 200, 503, 500))


class Known(BaseHTTPRequestHandler):
    """Answers two of four requests, refuses one, fails one."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(next(STATUSES))
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def known() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Known) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def test_answers_refusals_and_failures_are_told_apart(known: str):
    point = generator.measure(known, BODIES, rate=40, seconds=1.5)

    assert point.answered == pytest.approx(20, rel=0.25)
    assert point.refused == pytest.approx(0.25, abs=0.06)
    assert point.failed == pytest.approx(0.25, abs=0.06)
    assert 0 < point.p50 <= point.p95 <= point.p99 <= point.p999
    assert not point.meets(1e9)


def test_a_server_that_is_not_there_fails_every_request():
    point = generator.measure("http://127.0.0.1:9/", BODIES, rate=20, seconds=1)

    assert (point.answered, point.failed) == (0, 1)


def test_a_refused_request_does_not_meet_an_objective():
    assert Point(100, 100, 0, 0, 1, 2, 9.9, 20).meets(10)
    assert not Point(100, 99, 0.01, 0, 1, 2, 9.9, 20).meets(10)
    assert not Point(100, 99, 0, 0.01, 1, 2, 9.9, 20).meets(10)


def test_a_generator_that_is_not_installed_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(generator, "K6", tmp_path / "k6")

    with pytest.raises(RuntimeError, match=r"k6 is missing: install requirements/runtime\.txt"):
        generator.measure("http://127.0.0.1:9/", BODIES, rate=20, seconds=1)
