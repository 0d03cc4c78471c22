"""Our archives in the real TorchServe, asked as SageMaker asks it."""

import io
import json
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
from PIL import Image

from catalog.load import load_models
from model_build.package import package
from serving.runtime import load
from serving.torchserve.__main__ import settings
from tests.serving import processes, tiny
from tests.serving.patience import eventually
from tests.serving.torchserve import server
from tests.serving.torchserve.server import TorchServe, form

FORM = "application/x-www-form-urlencoded"
LABELS = ("clean", "unsafe")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compiled")
    tiny.encoder(folder / "moderation-text", "moderation-text", "classification", LABELS)
    tiny.image_classifier(folder / "moderation-image", "moderation-image", LABELS, 96)
    return folder


@pytest.fixture(scope="module")
def store(compiled: Path) -> Path:
    specs = load_models()
    for name in ("moderation-text", "moderation-image"):
        package(specs[name], specs[name].target("cpu"), compiled / name, compiled / "store")
    with (
        zipfile.ZipFile(compiled / "store" / "moderation-text.mar") as good,
        zipfile.ZipFile(compiled / "store" / "altered.mar", "w") as bad,
    ):
        for name in good.namelist():
            data = good.read(name).replace(
                b'"modelName": "moderation-text"', b'"modelName": "altered"'
            )
            bad.writestr(name, data + b" " if name == "artifact/tokenizer.json" else data)
    return compiled / "store"


@pytest.fixture(scope="module")
def captures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("captures")


@pytest.fixture(scope="module")
def torchserve(
    store: Path, captures: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TorchServe]:
    capturing = {"SLIPWAY_CAPTURE": f"file://{captures}", "SLIPWAY_CAPTURE_SECONDS": "0.2"}
    capturing |= {"SLIPWAY_ENDPOINT": "slipway-dev-ads", "SLIPWAY_METRICS_SECONDS": "0.2"}
    with server.running(tmp_path_factory.mktemp("torchserve"), store, **capturing) as running:
        yield running


def picture(kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    pixels = np.random.default_rng(1).integers(0, 255, (40, 30, 3), np.uint8)
    Image.fromarray(pixels).save(stream, kind)
    return stream.getvalue()


def ask(torchserve: TorchServe, text: str) -> tuple[int, dict]:
    body = urlencode({"model_name": "moderation-text", "text": text}).encode()
    return torchserve.invoke(body, FORM)


@pytest.mark.parametrize("text", ["find me jazz", "é & = +", "x " * 3_000])
def test_a_form_names_its_model_and_is_answered_as_the_runtime_does(torchserve, compiled, text):
    status, answer = ask(torchserve, text)

    (expected,) = load(compiled / "moderation-text").predict([text])
    assert status == 200
    assert answer["model"] == "moderation-text"
    assert answer["label"] == LABELS[expected.argmax()]
    assert list(answer["probabilities"].values()) == pytest.approx(list(expected), abs=1e-5)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_an_image_travels_in_a_multipart_form(torchserve, compiled, kind):
    status, answer = torchserve.invoke(*form(model_name=b"moderation-image", image=picture(kind)))

    (expected,) = load(compiled / "moderation-image").predict([picture(kind)])
    assert status == 200
    assert list(answer["probabilities"].values()) == pytest.approx(list(expected), abs=1e-5)


def test_text_may_travel_in_a_multipart_form_too(torchserve: TorchServe):
    status, answer = torchserve.invoke(*form(model_name=b"moderation-text", text=b"find me jazz"))

    assert (status, answer) == ask(torchserve, "find me jazz")


@pytest.mark.parametrize(
    ("body", "content_type", "status", "message"),
    [
        (b'{"text": "jazz"}', "application/json", 400, "Parameter model_name is required."),
        (b"model_name=nothing&text=a", FORM, 404, "Model not found: nothing"),
        (b"model_name=moderation-text", FORM, 400, "text: missing or empty"),
        (b"model_name=moderation-text&text=", FORM, 400, "text: missing or empty"),
        (b"model_name=moderation-image&image=a", FORM, 400, "image: "),
        (*form(model_name=b"moderation-image", image=b"\x89PNG\r\n"), 400, "image: cannot be"),
        (*form(model_name=b"moderation-text", text=b"\xff\xfe"), 400, "text: is not UTF-8"),
    ],
)
def test_a_malformed_request_is_refused_by_field(torchserve, body, content_type, status, message):
    answered, document = torchserve.invoke(body, content_type)

    assert answered == status
    assert (document.get("error") or document["message"]).startswith(message)


def test_a_bad_request_does_not_spoil_the_batch_it_falls_into(torchserve: TorchServe):
    texts = [text for number in range(20) for text in (f"jazz {number}", "")]

    with ThreadPoolExecutor(16) as pool:
        statuses = [status for status, _ in pool.map(lambda text: ask(torchserve, text), texts)]

    assert statuses == [200, 400] * 20


def test_a_worker_loads_no_torch(torchserve: TorchServe):
    ask(torchserve, "jazz")

    workers = processes.libraries(torchserve.pid, "model_service_worker")

    assert any("onnxruntime" in mapped for mapped in workers)
    assert not any("libtorch" in mapped for mapped in workers)


def test_an_altered_archive_does_not_load_and_the_log_says_why(torchserve: TorchServe):
    assert eventually(lambda: "tokenizer.json: sha256 is" in torchserve.log.read_text(), seconds=20)
    assert ask(torchserve, "the others still answer")[0] == 200


def test_what_is_asked_and_answered_is_captured_under_the_models_name(torchserve, captures):
    _, answer = ask(torchserve, "mail a@b.com")

    found = captured(captures, "mail <email>")
    assert found["eventMetadata"]["customAttributes"][0].startswith("model=moderation-text,")
    made = json.loads(found["captureData"]["endpointOutput"]["data"])
    assert made["label"] == answer["label"]


def captured(folder: Path, part: str) -> dict:
    """Wait for the record that holds this text."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        lines = [line for path in folder.rglob("*.jsonl") for line in path.read_text().splitlines()]
        for line in lines:
            if part in line:
                return json.loads(line)
        time.sleep(0.1)
    raise AssertionError(f"no record with {part!r}")


def test_a_model_says_what_it_did_in_lines_that_cloudwatch_reads(torchserve: TorchServe):
    ask(torchserve, "one")
    deadline = time.monotonic() + 30
    said: list[dict] = []
    while not said and time.monotonic() < deadline:
        whole = torchserve.log.read_text().rpartition("\n")[0]  # its last line is being written
        lines = [line for line in whole.splitlines() if '"_aws"' in line]
        said = [json.loads(line) for line in lines]  # nothing else may stand on the line
        time.sleep(0.1)

    assert {item["Endpoint"] for item in said} == {"slipway-dev-ads"}
    assert "moderation-text" in {item["Model"] for item in said}


def test_nobody_can_register_or_take_away_a_model(torchserve: TorchServe):
    """The management port listens on loopback alone, and changes nothing even there."""
    config = (torchserve.log.parent / "config.properties").read_text()
    management = next(
        line.partition("=")[2] for line in config.splitlines() if line.startswith("management")
    )

    for method, path in (("DELETE", "/models/moderation-text"), ("POST", "/models?url=a.mar")):
        request = urllib.request.Request(f"{management}{path}", method=method)
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=60)
        with caught.value as answer:
            assert answer.code == 405

    assert ask(torchserve, "still here")[0] == 200
    addresses = {key: at for key, at in settings().items() if key.endswith("_address")}
    assert {key for key, at in addresses.items() if "127.0.0.1" not in at} == {"inference_address"}
