"""The job as its callers see it: a process, its options, its files."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from serving.runtime import load
from tests.serving.batch.conftest import Start, files_below, write_shard


def finish(process) -> dict:
    out, error = process.communicate(timeout=60)
    assert process.returncode == 0, error[-2000:]
    return json.loads(out)


def test_a_score_is_the_models_probability_of_duplicate(start: Start, compiled: Path, tmp_path):
    shard = write_shard(tmp_path / "in/part.parquet", 300, id=[f"x{i}" for i in range(300)])

    summary = finish(start("--input", tmp_path / "in", "--output", tmp_path / "out"))

    pairs = pq.read_table(shard)
    found = pq.read_table(tmp_path / "out/scores/part.parquet")
    asked = list(zip(pairs["left"].to_pylist(), pairs["right"].to_pylist(), strict=True))
    rows = np.stack(load(compiled).predict(asked))
    assert found["id"].to_pylist() == pairs["id"].to_pylist()
    assert found["score"].to_pylist() == pytest.approx(rows[:, 1].tolist(), abs=1e-6)
    assert found["duplicate"].to_pylist() == (rows.argmax(axis=1) == 1).tolist()
    assert summary["scored"] == summary["pairs"] == 300
    assert summary["this_run"]["pairs_per_second"] > 0
    assert not (tmp_path / "out/quarantine").exists()


def test_bad_rows_are_set_aside_with_their_reason(start: Start, tmp_path: Path):
    left = pa.array([b"blue", None, b"  ", b"\xff\xfe", b"a" * 20_000, b"jazz"], pa.binary())
    right = ["shoes", "a", "b", "c", "d", None]
    write_shard(tmp_path / "in/p.parquet", 6, left=left.view(pa.string()), right=right)

    finish(start("--input", tmp_path / "in", "--output", tmp_path / "out"))

    bad = pq.read_table(tmp_path / "out/quarantine/p.parquet")
    assert dict(zip(bad["row"].to_pylist(), bad["reason"].to_pylist(), strict=True)) == {
        1: "left is missing",
        2: "left is empty",
        3: "left is not UTF-8",
        4: "left is longer than 16384 characters",
        5: "right is missing",
    }
    assert pq.read_table(tmp_path / "out/scores/p.parquet")["id"].to_pylist() == [0]


def test_a_shard_that_cannot_be_read_is_refused_and_the_others_are_scored(start: Start, tmp_path):
    write_shard(tmp_path / "in/b.parquet", 10)
    (tmp_path / "in/a.parquet").write_text("no parquet")
    pq.write_table(pa.table({"left": ["x"]}), tmp_path / "in/c.parquet")
    pq.write_table(pa.table({"left": [1], "right": ["x"]}), tmp_path / "in/d.parquet")

    summary = finish(start("--input", tmp_path / "in", "--output", tmp_path / "out"))

    assert summary["scored"] == 10
    assert sorted(summary["refused"]) == ["a.parquet", "c.parquet", "d.parquet"]
    assert "is no Parquet file" in summary["refused"]["a.parquet"]
    assert "has no column 'right'" in summary["refused"]["c.parquet"]
    assert "column 'left' is of type int64" in summary["refused"]["d.parquet"]


def test_bytes_do_not_depend_on_the_number_of_workers(start: Start, tmp_path: Path):
    write_shard(tmp_path / "in/p.parquet", 5_000)

    for workers in ("1", "3"):
        finish(
            start("--input", tmp_path / "in", "--output", tmp_path / workers, "--workers", workers)
        )

    assert files_below(tmp_path / "1") == files_below(tmp_path / "3")


def test_machines_of_an_array_share_the_shards(start: Start, tmp_path: Path):
    for name in "abc":
        write_shard(tmp_path / f"in/{name}.parquet", 10, seed=ord(name))
    common = {"SLIPWAY_INPUT": str(tmp_path / "in"), "SLIPWAY_OUTPUT": str(tmp_path / "out")}

    for index in "01":
        finish(start(**common, SLIPWAY_ARRAY_SIZE="2", AWS_BATCH_JOB_ARRAY_INDEX=index))
        names = {path.stem for path in (tmp_path / "out/scores").iterdir()}
        assert names == ({"a", "c"} if index == "0" else {"a", "b", "c"})

    told = [json.loads((tmp_path / f"out/summary-{i}.json").read_text()) for i in (0, 1)]
    assert [summary["shards"] for summary in told] == [2, 1]


def test_shards_in_s3_are_scored_into_s3(start: Start, cloud, tmp_path: Path):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="pairs-and-scores")
    shard = write_shard(tmp_path / "p.parquet", 50)
    s3.upload_file(str(shard), "pairs-and-scores", "in/2026/p.parquet")
    places = ("--input", "s3://pairs-and-scores/in", "--output", "s3://pairs-and-scores/out/")
    account = {
        "AWS_ENDPOINT_URL": cloud.endpoint_url, "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1",
    }  # fmt: skip

    first, again = (finish(start(*places, **account)) for _ in range(2))

    listed = s3.list_objects_v2(Bucket="pairs-and-scores", Prefix="out/")["Contents"]
    assert sorted(item["Key"] for item in listed) == [
        "out/done/2026/p.parquet.json", "out/scores/2026/p.parquet", "out/summary-0.json",
    ]  # fmt: skip
    assert (first["scored"], again["scored"]) == (50, 50)
    assert (first["this_run"]["pairs"], again["this_run"]["pairs"]) == (50, 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "--input is missing; give it, or set SLIPWAY_INPUT"),
        (("--input", "a", "--output", "a/"), "--output is the input, a"),
        (("--input", "a", "--output", "b", "--workers", "0"), "SLIPWAY_WORKERS) is '0'"),
        (("--input", "a", "--output", "b", "--array-index", "1"), "--array-size is 1"),
        (("--input", "a", "--output", "b", "--artifact-sha256", "0" * 64), "the release says 000"),
        (("--shards", "a"), "unrecognized arguments: --shards a"),
    ],
)
def test_a_wrong_option_ends_it_before_anything_is_read(start: Start, options, message):
    process = start(*options)

    _, error = process.communicate(timeout=30)

    assert process.returncode == 2
    assert message in error
