"""Kill it anywhere, run it again: the same bytes, and nothing that was done is done twice."""

import json
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.serving.batch.conftest import Start, files_below, write_shard

SHARDS, ROWS = 8, 4_000


@pytest.fixture
def shards(tmp_path: Path) -> Path:
    for number in range(SHARDS):
        write_shard(tmp_path / f"in/part-{number}.parquet", ROWS, seed=number)
    return tmp_path / "in"


def markers(out: Path) -> int:
    return len(list(out.glob("done/*.json")))


def until(out: Path, count: int, process) -> None:
    deadline = time.monotonic() + 60
    while markers(out) < count:
        assert process.poll() is None, process.stderr.read()[-2000:]
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_killed_anywhere_and_run_again_it_writes_the_same_bytes(start: Start, shards, tmp_path):
    start("--input", shards, "--output", tmp_path / "whole").communicate(timeout=60)
    out = tmp_path / "out"
    workers = []

    for finished in (0, 1, 3):
        process = start("--input", shards, "--output", out)
        time.sleep(0 if finished else 0.3)  # while it starts; else while the other worker scores
        until(out, finished, process)
        workers += psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.communicate()
    before = {path: path.stat().st_mtime_ns for path in (out / "scores").iterdir()}
    done = markers(out)
    last = start("--input", shards, "--output", out)
    told, error = last.communicate(timeout=60)

    assert last.returncode == 0, error
    assert 3 <= done < SHARDS
    assert json.loads(told)["pairs"] == SHARDS * ROWS
    assert json.loads(told)["this_run"]["pairs"] == (SHARDS - done) * ROWS
    assert sum(path.stat().st_mtime_ns == then for path, then in before.items()) >= done
    assert files_below(out) == files_below(tmp_path / "whole")
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert not alive, "a worker outlived its parent"


def test_sigterm_ends_it_with_what_is_done_kept(start: Start, shards: Path, tmp_path: Path):
    out = tmp_path / "out"
    process = start("--input", shards, "--output", out)
    until(out, 1, process)

    process.send_signal(signal.SIGTERM)
    _, error = process.communicate(timeout=30)

    assert process.returncode == 143
    assert "stopped by SIGTERM; run again to go on" in error
    assert 1 <= markers(out) < SHARDS


def test_a_worker_that_dies_ends_the_run_with_a_code_that_asks_for_a_retry(start, shards, tmp_path):
    process = start("--input", shards, "--output", tmp_path / "out")
    until(tmp_path / "out", 1, process)

    workers = [
        child
        for child in psutil.Process(process.pid).children(recursive=True)
        if "spawn_main" in " ".join(child.cmdline())
    ]
    workers[0].kill()
    _, error = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "a worker died" in error


def test_a_changed_shard_is_scored_again(start: Start, tmp_path: Path):
    shard = write_shard(tmp_path / "in/p.parquet", 10)
    options = ("--input", tmp_path / "in", "--output", tmp_path / "out")
    start(*options).communicate(timeout=30)
    write_shard(shard, 20)

    told, _ = start(*options).communicate(timeout=30)

    assert json.loads(told)["this_run"]["pairs"] == 20


def test_the_output_of_another_artifact_is_refused(start: Start, tmp_path: Path):
    write_shard(tmp_path / "in/p.parquet", 10)
    marker = tmp_path / "out/done/p.parquet.json"
    marker.parent.mkdir(parents=True)
    marker.write_text(json.dumps({"artifact": "0" * 64, "input": "x", "counts": {}}))

    process = start("--input", tmp_path / "in", "--output", tmp_path / "out")
    _, error = process.communicate(timeout=30)

    assert process.returncode == 2
    assert f"done/p.parquet.json was scored by artifact {'0' * 64}" in error
