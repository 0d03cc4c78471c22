"""A recorder writes Data Capture's records, drops what it must, and never troubles a request."""

import hashlib
import io
import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from serving.runtime.capture import Recorder, Settings, WrongCapture, recorder_of
from serving.runtime.capture.recorder import is_sampled
from tests.serving import tiny

LABELS = ("play", "weather", "navigate")


def settings(folder: Path, **more: object) -> Settings:
    return Settings(place=f"file://{folder}", endpoint="slipway-dev-x", variant="main", **more)


def records(folder: Path) -> list[dict]:
    paths = sorted(folder.rglob("*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def captured(tmp_path: Path, model: Path, inputs: list, outputs: list | None, **more) -> list[dict]:
    environment = {"SLIPWAY_CAPTURE": f"file://{tmp_path / 'c'}", "SLIPWAY_ENDPOINT": "e", **more}
    recorder = recorder_of(model, environment)
    assert recorder is not None
    recorder.record(inputs, outputs, "order-1")
    recorder.close()
    return records(tmp_path / "c")


def data(record: dict, part: str) -> dict:
    return json.loads(record["captureData"][part]["data"])


def test_a_record_has_data_captures_fields_and_names_the_model_and_its_artifact(tmp_path):
    model = tiny.echo(tmp_path / "m", "spelling")

    (record,) = captured(tmp_path, model, ["jaz a@b.com"], ["jazz"])

    digest = hashlib.sha256((model / "model.json").read_bytes()).hexdigest()[:12]
    meta = record["eventMetadata"]
    assert record["eventVersion"] == "0"
    assert meta["eventId"] == "order-1"
    assert meta["customAttributes"] == [f"model=spelling,artifact={digest}"]
    assert datetime.strptime(meta["inferenceTime"], "%Y-%m-%dT%H:%M:%SZ")
    asked = record["captureData"]["endpointInput"]
    assert {key: asked[key] for key in ("observedContentType", "mode", "encoding")} == {
        "observedContentType": "application/json", "mode": "INPUT", "encoding": "JSON",
    }  # fmt: skip
    assert data(record, "endpointInput") == {
        "inputs": [{"name": "TEXT", "shape": [1, 1], "datatype": "BYTES", "data": ["jaz <email>"]}]
    }
    assert data(record, "endpointOutput")["outputs"][0]["data"] == ["jazz"]


def test_files_lie_by_endpoint_variant_and_hour(tmp_path):
    model = tiny.echo(tmp_path / "m", "spelling")

    captured(tmp_path, model, ["x"], ["y"], SLIPWAY_VARIANT="blue")

    (path,) = (tmp_path / "c").rglob("*.jsonl")
    hour = f"{datetime.now(UTC):%Y/%m/%d}"
    assert path.relative_to(tmp_path / "c").as_posix().startswith(f"e/blue/{hour}/")


def test_an_embedding_is_kept_as_its_tensor_row_after_row(tmp_path):
    model = tiny.encoder(tmp_path / "m", "embedding", "embedding")
    rows = [np.eye(2, 16, k, dtype=np.float32)[0] for k in range(2)]

    (record,) = captured(tmp_path, model, ["a", "b"], rows)

    (tensor,) = data(record, "endpointOutput")["outputs"]
    assert tensor["shape"] == [2, 16]
    np.testing.assert_allclose(np.array(tensor["data"]).reshape(2, 16), rows)


def test_a_classifiers_answer_is_kept_as_the_caller_got_it(tmp_path):
    model = tiny.encoder(tmp_path / "m", "intent", "classification", LABELS)

    (record,) = captured(tmp_path, model, ["find jazz"], [np.array([0.7, 0.2, 0.1], np.float32)])

    assert data(record, "endpointInput") == {"text": "find jazz"}
    assert data(record, "endpointOutput") == {
        "label": "play", "probabilities": {"play": 0.7, "weather": 0.2, "navigate": 0.1},
    }  # fmt: skip


def test_of_a_picture_only_numbers_are_kept(tmp_path):
    model = tiny.image_classifier(tmp_path / "m", "picture", ("clean", "bad"), 16)
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), (255, 0, 0)).save(stream, "PNG")

    (record,) = captured(tmp_path, model, [stream.getvalue()], [np.array([1, 0], np.float32)])

    image = data(record, "endpointInput")["image"]
    assert (image["width"], image["height"]) == (40, 30)
    assert image["contrast"] == 0
    assert 0.25 < image["brightness"] < 0.35  # the luminance of red
    assert image["descriptor"] == [1, 0, 0] * 36


def test_a_request_whose_answer_was_not_seen_has_no_output(tmp_path):
    model = tiny.encoder(tmp_path / "m", "embedding", "embedding")

    (record,) = captured(tmp_path, model, ["a"], None)

    assert list(record["captureData"]) == ["endpointInput"]


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "../../etc", "line\nbreak"])
def test_an_id_that_is_no_name_is_replaced(tmp_path, name):
    description = recorder_of_tiny(tmp_path, settings(tmp_path / "c"))
    description.record(["a"], ["b"], name)
    description.close()

    (record,) = records(tmp_path / "c")
    assert len(record["eventMetadata"]["eventId"]) == 36


def recorder_of_tiny(tmp_path: Path, chosen: Settings, **more) -> Recorder:
    from serving.runtime import read_description

    model = tiny.echo(tmp_path / "m", "spelling")
    return Recorder(chosen, read_description(model), "0" * 12, say=more.pop("say", str), **more)


def test_a_request_never_waits_for_a_sink_that_hangs_and_drops_are_counted(tmp_path):
    release, told = threading.Event(), []

    def hanging(_key: str, _data: bytes) -> None:
        release.wait(10)

    chosen = settings(tmp_path, queue=5, flush_seconds=0)
    recorder = recorder_of_tiny(tmp_path, chosen, sink=hanging, say=told.append)
    for number in range(100):
        recorder.record(["a"], ["b"], f"id-{number}")
    release.set()
    recorder.close()

    totals = {key: sum(json.loads(line)[key] for line in told) for key in ("Captured", "Dropped")}
    assert totals["Dropped"] >= 90
    assert totals["Captured"] + totals["Dropped"] == 100


def test_a_sink_that_fails_costs_records_and_nothing_else(tmp_path, capsys):
    told = []

    def failing(_key: str, _data: bytes) -> None:
        raise OSError("disk full")

    recorder = recorder_of_tiny(tmp_path, settings(tmp_path), sink=failing, say=told.append)
    recorder.record(["a"], ["b"])
    recorder.close()

    line = json.loads(told[0])
    assert (line["Failed"], line["Captured"], line["Model"]) == (1, 0, "spelling")
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Slipway/Capture"
    assert "disk full" in capsys.readouterr().err


def test_what_is_too_long_or_no_input_at_all_is_counted_as_unfit(tmp_path):
    told = []
    recorder = recorder_of_tiny(tmp_path, settings(tmp_path / "c", max_bytes=1000), say=told.append)
    recorder.record(["x" * 2000], ["b"])
    recorder.record([object()], ["b"])
    recorder.record(["good"], ["b"])
    recorder.close()

    assert json.loads(told[0])["Unfit"] == 2
    assert len(records(tmp_path / "c")) == 1


def test_a_file_is_written_when_it_is_full(tmp_path):
    written = threading.Event()
    chosen = settings(tmp_path, flush_bytes=1, flush_seconds=1000)
    recorder = recorder_of_tiny(tmp_path, chosen, sink=lambda _key, _data: written.set())
    recorder.record(["a"], ["b"])

    assert written.wait(5)
    recorder.close()


def test_sampling_keeps_its_share_and_decides_by_the_id_alone():
    kept = [is_sampled(f"id-{number}", 0.3) for number in range(5000)]

    assert 0.27 < np.mean(kept) < 0.33
    assert kept == [is_sampled(f"id-{number}", 0.3) for number in range(5000)]
    assert not is_sampled("any", 0.0)


def test_nothing_is_captured_without_the_variable(tmp_path):
    assert recorder_of(tiny.echo(tmp_path / "m", "spelling"), {}) is None


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SLIPWAY_CAPTURE", "/tmp/x"),
        ("SLIPWAY_CAPTURE_SHARE", "1.5"),
        ("SLIPWAY_CAPTURE_SHARE", "half"),
        ("SLIPWAY_ENDPOINT", "a/b"),
    ],
)
def test_a_setting_that_means_nothing_stops_the_server_and_is_named(variable, value):
    with pytest.raises(WrongCapture, match=f"{variable} is"):
        Settings.read({"SLIPWAY_CAPTURE": "s3://bucket/capture", variable: value})
