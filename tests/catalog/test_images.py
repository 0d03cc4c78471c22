import json
from pathlib import Path

import pytest

from catalog.images import RUNTIMES, Images, dockerfile, image_tag, needed, read_images

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("serving/__init__.py", "serving/built_for.py", "serving/runtime/loading.py",
                 "serving/triton/Dockerfile", "serving/intent/app.py", "serving/triton/README.md",
                 "requirements/runtime.txt", "requirements/files.txt"):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_every_runtime_of_this_repository_has_a_tag(runtime: str):
    assert len(image_tag(runtime, ROOT)) == 16


def test_a_tag_follows_what_its_image_is_made_of_and_nothing_else(root: Path):
    before = {runtime: image_tag(runtime, root) for runtime in ("triton", "intent")}

    (root / "serving/triton/Dockerfile").write_text("FROM another")
    after = {runtime: image_tag(runtime, root) for runtime in ("triton", "intent")}

    assert after["triton"] != before["triton"]
    assert after["intent"] == before["intent"]


def test_documentation_and_byte_code_do_not_change_a_tag(root: Path):
    before = image_tag("triton", root)

    (root / "serving/triton/README.md").write_text("more words")
    (root / "serving/runtime/__pycache__").mkdir()
    (root / "serving/runtime/__pycache__/loading.cpython-311.pyc").write_bytes(b"\0")

    assert image_tag("triton", root) == before


def test_the_shared_loader_changes_every_serving_image(root: Path):
    before = {image_tag(runtime, root) for runtime in ("triton", "intent")}

    (root / "serving/runtime/loading.py").write_text("changed")

    assert before.isdisjoint({image_tag(runtime, root) for runtime in ("triton", "intent")})


def test_an_unknown_runtime_is_named(root: Path):
    with pytest.raises(
        KeyError, match="'tritn': must be one of triton, torchserve, intent, batch, drift, build"
    ):
        image_tag("tritn", root)


def test_every_image_has_a_dockerfile_which_shapes_its_tag(root: Path):
    for runtime in RUNTIMES:
        assert (ROOT / dockerfile(runtime)).is_file()

    before = image_tag("triton", root)
    (root / dockerfile("triton")).write_text("FROM another")

    assert image_tag("triton", root) != before


def test_a_tooling_has_the_images_that_serve_and_those_that_its_builders_run_in():
    serving = {"triton", "torchserve", "intent", "batch", "drift"}

    assert set(needed(["cpu"])) == serving | {"build"}
    assert set(needed(["cpu", "g5"])) == serving | {"build"}
    on_inf1 = {"torchserve-inf1", "intent-inf1", "batch-inf1"}
    assert set(needed(["inf1"])) == serving | on_inf1 | {"build", "neuron1"}


def test_an_image_is_named_by_digest_once_a_registry_holds_it(tmp_path: Path):
    made = Images.of(ROOT)
    file = tmp_path / "images.json"
    file.write_text(json.dumps(Images(made.tags, {"intent": "sha256:aa"}).to_json()))

    read = read_images(ROOT, str(file))

    assert read.reference("intent") == "sha256:aa"
    assert read.reference("triton") == made.tags["triton"]


def test_digests_of_another_commit_are_refused(tmp_path: Path):
    file = tmp_path / "images.json"
    file.write_text(json.dumps({"build": {"tag": "0" * 16, "digest": "sha256:aa"}}))

    with pytest.raises(ValueError, match="run the images stage on this commit"):
        read_images(ROOT, str(file))
