"""The load generator against a server that is known, and the search for the knee."""

import itertools
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks import load
from benchmarks.load import Point

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
    point = load.measure(known, rate=40, seconds=2)

    assert point.answered == pytest.approx(20, rel=0.25)
    assert point.refused == pytest.approx(0.25, abs=0.06)
    assert point.failed == pytest.approx(0.25, abs=0.06)
    assert 0 < point.p50 <= point.p95 <= point.p99 <= point.p999
    assert not point.meets(1e9)


def test_a_server_that_is_not_there_fails_every_request():
    point = load.measure("http://127.0.0.1:9/", rate=20, seconds=1)

    assert (point.answered, point.failed) == (0, 1)


def made(capacity: float):
    """A system whose p99 is over 10 ms above its capacity."""
    asked = []

    def ask(rate: float) -> Point:
        asked.append(rate)
        p99 = 4.0 if rate <= capacity else 40.0
        return Point(rate, rate, 0, 0, 1, 2, p99, 50)

    return ask, asked


@pytest.mark.parametrize("capacity", [60, 100, 730, 5000])
def test_the_knee_is_found_from_below_and_narrowly(capacity: float):
    ask, asked = made(capacity)

    met, points = load.knee(ask)

    assert met is not None
    assert capacity / load.NARROW <= met.offered <= capacity
    assert [point.offered for point in points] == sorted({*asked})
    assert len(asked) <= 24


def test_without_a_rate_that_meets_the_objective_there_is_no_knee():
    ask, _ = made(0)

    assert load.knee(ask)[0] is None


def test_a_refused_request_does_not_meet_an_objective():
    assert Point(100, 100, 0, 0, 1, 2, 9.9, 20).meets(10)
    assert not Point(100, 99, 0.01, 0, 1, 2, 9.9, 20).meets(10)
    assert not Point(100, 99, 0, 0.01, 1, 2, 9.9, 20).meets(10)


def test_a_million_requests_cost_what_the_machine_costs_meanwhile():
    assert load.usd_per_million(3.6, 1000) == pytest.approx(1.0)
