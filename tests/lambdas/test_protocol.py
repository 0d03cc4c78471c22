"""The verifier's requests against the real servers: whoever changes one side learns of it here."""

import base64
import io
import tarfile
import urllib.request

import pytest
from PIL import Image

from catalog.artifact import Example
from catalog.load import load_models
from lambdas.verify_release.logic import objection
from lambdas.verify_release.protocol import answer_of, request_of
from model_build.gates import smoke_examples
from model_build.golden import GoldenSet
from model_build.package import package
from serving.runtime.archive import unpack
from tests.model_build.fakes import FileEntry, manifest
from tests.serving import tiny
from tests.serving.torchserve import server as torchserve
from tests.serving.triton import server as triton

LABELS = ("clean", "unsafe")


def picture() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 10, 60)).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compiled")
    tiny.encoder(folder / "embedding", "embedding", "embedding")
    tiny.encoder(
        folder / "duplicates", "duplicates", "pair-classification", ("different", "duplicate")
    )
    tiny.echo(folder / "spelling-t5", "spelling-t5")
    tiny.encoder(folder / "moderation-text", "moderation-text", "classification", LABELS)
    tiny.image_classifier(folder / "moderation-image", "moderation-image", LABELS, 96)
    return folder


def proven(name, compiled):
    """A manifest as a build makes it: the row's examples, answered by the compiled model."""
    spec = load_models()[name]
    if spec.task == "image-classification":
        spec = spec.model_copy(update={"examples": ("golden:0",)})
    golden = GoldenSet("g", spec.task, (picture(),), ("clean",), "sha256:aa", "MIT")
    archive = package(spec, spec.target("cpu"), compiled / name, compiled / spec.serve.name)
    return archive, manifest(
        FileEntry(archive.name, "0" * 64, 1),
        model=name,
        task=spec.task,
        runtime_image=f"slipway/{spec.serve.runtime}:{'0' * 16}",
        key_inputs={"labels": list(LABELS)},
        examples=smoke_examples(spec, compiled / name, golden),
    )


def send(url, request):
    headers = {"Content-Type": request.content_type}
    with urllib.request.urlopen(urllib.request.Request(url, request.body, headers)) as answer:
        return answer.read()


def check(made, example, body):
    answer = answer_of(made, body)
    assert objection(made, example, answer) == ""
    wrong = Example(example.input, "x" if isinstance(example.output, str) else [9.0])
    assert made.model in objection(made, wrong, answer)


def test_triton_answers_the_examples_of_every_task(compiled, tmp_path):
    with triton.running(tmp_path) as running:
        for name in ("embedding", "duplicates", "spelling-t5"):
            archive, made = proven(name, compiled)
            with tarfile.open(archive) as opened:
                unpack(opened, running.repository)
            running.load(name)
            for example in made.examples:
                request = request_of(made, example.input)

                body = send(f"http://{running.address}/v2/models/{name}/infer", request)

                assert request.target_model == f"{name}.tar.gz"
                check(made, example, body)


def test_torchserve_answers_text_and_picture(compiled, tmp_path):
    manifests = [proven(name, compiled)[1] for name in ("moderation-text", "moderation-image")]

    with torchserve.running(tmp_path, compiled / "ads") as running:
        for made in manifests:
            for example in made.examples:
                request = request_of(made, example.input)

                body = send(f"http://{running.address}/invocations", request)

                check(made, example, body)


def test_the_intent_service_is_asked_in_its_own_words():
    made = manifest(
        FileEntry("intent.tar.gz", "0" * 64, 1),
        model="intent",
        task="classification",
        runtime_image="slipway/intent:0",
        key_inputs={"labels": ["music", "weather"]},
    )

    request = request_of(made, "rain?")

    assert (request.path, request.body) == ("/v1/intent", b'{"text": "rain?"}')
    body = b'{"intent": "weather", "probabilities": {"weather": 0.9, "music": 0.1}}'
    assert answer_of(made, body) == [0.1, 0.9]


def test_an_image_example_travels_as_base64_and_arrives_as_bytes(compiled):
    _, made = proven("moderation-image", compiled)

    assert base64.b64decode(made.examples[0].input) == picture()
    assert picture() in request_of(made, made.examples[0].input).body
