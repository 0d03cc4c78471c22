"""What is read of `perf_analyzer`, and what is said where it fails."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from model_build.search import analyzer
from model_build.search.analyzer import Analyzer, AnalyzerFailed

TABLE = """Concurrency,Inferences/Second,Client Send,Client Recv,p50 latency,p90 latency,p99 latency
4,678.148,3,1,5410,8056,12183
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that writes a table where it is told to, or says what it was asked."""
    path = tmp_path / "perf_analyzer"
    table = tmp_path / "table.csv"
    table.write_text(TABLE)
    path.write_text(
        "#!/bin/sh\n"
        'echo "nice $(nice)" "$@" > "$(dirname $0)/asked"\n'
        'while [ "$1" != -f ]; do shift; done\n'
        f'[ -e {tmp_path}/broken ] && echo "failed to find server" && exit 1\n'
        f'cp {table} "$2"\n'
    )
    path.chmod(0o755)
    return path


def test_its_table_becomes_figures_in_milliseconds(program, tmp_path):
    triton = SimpleNamespace(folder=tmp_path, address="127.0.0.1:1")
    rows = [("a", "b"), ("c", "d")]

    found = Analyzer(str(program)).load(triton, "pairs", rows, ["--concurrency-range", "4"], 3.0)

    assert (found.throughput, found.p50_ms, found.p99_ms) == (678.148, 5.41, 12.183)
    asked = (tmp_path / "asked").read_text()
    assert "-m pairs" in asked
    assert "--shape LEFT:1 --shape RIGHT:1" in asked
    assert "-p 1000 -r 12" in asked
    data = (tmp_path / "perf_analyzer.json").read_text()
    assert data == '{"data": [{"LEFT": ["a"], "RIGHT": ["b"]}, {"LEFT": ["c"], "RIGHT": ["d"]}]}'


def test_it_gives_way_to_the_server_as_far_as_it_is_told_to(program, tmp_path):
    triton = SimpleNamespace(folder=tmp_path, address="127.0.0.1:1")

    Analyzer(str(program), niceness=19).load(triton, "m", ["a"], [], 1.0)

    assert (tmp_path / "asked").read_text().startswith("nice 19 ")


def test_what_it_says_when_it_fails_is_passed_on(program, tmp_path):
    (tmp_path / "broken").touch()
    triton = SimpleNamespace(folder=tmp_path, address="127.0.0.1:1")

    with pytest.raises(AnalyzerFailed, match="failed to find server"):
        Analyzer(str(program)).load(triton, "m", ["a"], [], 1.0)


def test_it_is_found_on_the_search_path_or_where_a_variable_says(program, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv(analyzer.VARIABLE, raising=False)
    monkeypatch.setattr(analyzer, "INSTALLED", program.parent / "absent")
    assert analyzer.find() is None

    monkeypatch.setattr(analyzer, "INSTALLED", program)
    assert analyzer.find() == Analyzer(str(program))
    monkeypatch.setattr(analyzer, "INSTALLED", program.parent / "absent")

    monkeypatch.setenv("PATH", str(program.parent))
    assert analyzer.find() == Analyzer(str(program))

    monkeypatch.setenv(analyzer.VARIABLE, "/elsewhere/perf_analyzer")
    assert analyzer.find() == Analyzer("/elsewhere/perf_analyzer")
