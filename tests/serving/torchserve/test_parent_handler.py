"""A parent's archive in the real TorchServe, beside a part that is served alone."""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from catalog.artifact import FileEntry
from catalog.load import ROOT, load_models
from lambdas.verify_release.protocol import answer_of, request_of
from model_build.compilers.parent import compile_parent
from model_build.onchip.form import form as asked
from model_build.package import package
from model_build.sources import load_source
from serving.runtime import load
from tests.model_build.fakes import manifest
from tests.serving.torchserve import server
from tests.serving.torchserve.server import TorchServe, form
from tests.serving.torchserve.test_handler import captured, picture

ROWS = load_models(ROOT.parent / "examples" / "aws")
TEXT, IMAGE = "moderation-text", "moderation-image"
CLAIM = "this tea cures diabetes in 3 days"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    spec = ROWS[TEXT]
    source = load_source(spec, ROOT.parent)
    made = compile_parent(spec, spec.target("cpu"), source, tmp_path_factory.mktemp("compiled"))
    return made.directory.parent


@pytest.fixture(scope="module")
def captures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("captures")


@pytest.fixture(scope="module")
def torchserve(
    compiled: Path, captures: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TorchServe]:
    folder = tmp_path_factory.mktemp("torchserve")
    package(ROWS[TEXT], ROWS[TEXT].target("cpu"), compiled / TEXT, folder / "store")
    capturing = {"SLIPWAY_CAPTURE": f"file://{captures}", "SLIPWAY_CAPTURE_SECONDS": "0.2"}
    with server.running(folder, folder / "store", **capturing) as running:
        yield running


def ask(torchserve: TorchServe, **parts: bytes) -> tuple[int, dict]:
    fields = {name.replace("_", "-"): value for name, value in parts.items()}
    return torchserve.invoke(*form(**{"model_name": b"moderation", **fields}))


def expected(compiled: Path, name: str, item: str | bytes) -> dict[str, float]:
    (row,) = load(compiled / name).predict([item])
    return pytest.approx(dict(zip(ROWS[name].labels, map(float, row), strict=True)), abs=1e-5)


def test_one_request_asks_the_text_and_the_picture_of_an_ad(torchserve, compiled):
    status, answer = ask(
        torchserve, moderation_text=CLAIM.encode(), moderation_image=picture("JPEG")
    )

    assert status == 200
    assert answer.keys() == {TEXT, IMAGE}
    assert answer[TEXT]["label"] == "misleading-claim"
    assert answer[TEXT]["probabilities"] == expected(compiled, TEXT, CLAIM)
    assert answer[IMAGE]["probabilities"] == expected(compiled, IMAGE, picture("JPEG"))


def test_a_part_is_asked_alone_by_its_name(torchserve, compiled):
    status, answer = ask(torchserve, moderation_image=picture())

    assert status == 200
    assert answer.keys() == {IMAGE}
    assert answer[IMAGE]["probabilities"] == expected(compiled, IMAGE, picture())


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "moderation: is no part of moderation: send a form with a field for each part to ask:"
             " moderation-image (image), moderation-text (text)"),
        ({"moderation_txt": b"a"}, "moderation-txt: is no part of moderation"),
        ({"moderation_text": b""}, "moderation-text: missing or empty"),
        ({"moderation_text": b"\xff"}, "moderation-text: is not UTF-8"),
        ({"moderation_image": b"no picture"}, "image: cannot be decoded"),
    ],
)  # fmt: skip
def test_a_request_that_asks_nothing_that_is_here_is_refused_by_field(torchserve, fields, message):
    status, answer = ask(torchserve, **fields)

    assert (status, answer["error"][: len(message)]) == (400, message)


def test_mixed_requests_of_one_batch_each_get_their_own_answers(torchserve, compiled):
    requests = [
        {"moderation_text": f"ad number {number}".encode()} if number % 3 == 0
        else {"moderation_image": picture()} if number % 3 == 1
        else {"moderation_text": b""}
        for number in range(48)
    ]  # fmt: skip

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda fields: ask(torchserve, **fields), requests))

    for number, (status, answer) in enumerate(answers):
        if number % 3 == 2:
            assert status == 400
        elif number % 3 == 1:
            assert answer[IMAGE]["probabilities"] == expected(compiled, IMAGE, picture())
        else:
            wanted = expected(compiled, TEXT, f"ad number {number}")
            assert answer[TEXT]["probabilities"] == wanted


def test_each_part_is_captured_under_its_own_name(torchserve, captures):
    _, answer = ask(torchserve, moderation_text=b"write to a@b.com")

    found = captured(captures, "write to <email>")
    assert found["eventMetadata"]["customAttributes"][0].startswith(f"model={TEXT},")
    made = json.loads(found["captureData"]["endpointOutput"]["data"])
    assert made["label"] == answer[TEXT]["label"]


@pytest.mark.parametrize(("name", "item"), [(TEXT, CLAIM), (IMAGE, picture())])
def test_the_verifier_and_the_gate_on_the_chip_ask_a_part_and_understand_its_answer(
    torchserve, compiled, name, item
):
    shown = item if isinstance(item, str) else base64.b64encode(item).decode()
    made = manifest(
        FileEntry("moderation.mar", "0" * 64, 1),
        model=name,
        task=ROWS[name].task,
        runtime_image="slipway/torchserve:0",
        key_inputs={"labels": list(ROWS[name].labels), "parent": {"name": "moderation"}},
    )
    request = request_of(made, shown)

    for body, content_type in (
        (request.body, request.content_type),
        asked(name, item, made.parent),
    ):
        status, answer = torchserve.invoke(body, content_type)

        assert status == 200
        found = answer_of(made, json.dumps(answer).encode())
        assert found == pytest.approx(load(compiled / name).predict([item])[0], abs=1e-5)
