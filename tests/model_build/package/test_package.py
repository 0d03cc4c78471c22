import tarfile
import zipfile
from pathlib import Path

import pytest

from catalog.load import load_models
from model_build.package import package
from serving.runtime import CorruptArtifact, load, read_description
from serving.runtime.archive import unpack
from tests.serving import tiny

MODELS = load_models()


@pytest.fixture
def compiled(tmp_path: Path) -> Path:
    folder = tmp_path / "compiled"
    tiny.encoder(folder / "embedding", "embedding", "embedding")
    tiny.echo(folder / "spelling-t5", "spelling-t5")
    tiny.encoder(folder / "intent", "intent", "classification", ("play", "weather"))
    tiny.encoder(folder / "moderation-text", "moderation-text", "classification", ("ok", "bad"))
    return folder


def packed(name: str, compiled: Path, out: Path) -> Path:
    spec = MODELS[name]
    return package(spec, spec.target("cpu"), compiled / name, out)


@pytest.mark.parametrize("name", ["embedding", "spelling-t5", "intent", "moderation-text"])
def test_two_packagings_have_equal_bytes(name: str, compiled: Path, tmp_path: Path):
    first = packed(name, compiled, tmp_path / "first")
    for path in (compiled / name).iterdir():
        path.touch()
        path.chmod(0o600)

    second = packed(name, compiled, tmp_path / "second")

    assert first.read_bytes() == second.read_bytes()


def test_an_option_of_the_target_changes_the_archive(compiled: Path, tmp_path: Path):
    spec = MODELS["embedding"]
    target = spec.target("cpu")
    more = target.model_copy(update={"options": target.options.model_copy(update={"instances": 3})})

    archives = [
        package(spec, item, compiled / "embedding", tmp_path / str(index))
        for index, item in enumerate((target, more))
    ]

    assert archives[0].read_bytes() != archives[1].read_bytes()
    assert "count: 3" in member(archives[1], "embedding--model/config.pbtxt")


@pytest.mark.parametrize("name", ["embedding", "spelling-t5"])
def test_sagemaker_finds_exactly_one_ensemble_in_a_triton_archive(name, compiled, tmp_path):
    archive = packed(name, compiled, tmp_path)

    with tarfile.open(archive) as opened:
        configs = [item for item in opened.getnames() if item.endswith("config.pbtxt")]
    tops = [item for item in configs if 'platform: "ensemble"' in member(archive, item)]
    assert tops == [f"{name}/config.pbtxt"]
    assert all(item.startswith((f"{name}/", f"{name}--")) for item in configs)


def test_an_ensemble_never_answers_in_the_tensor_it_was_asked_in(compiled, tmp_path):
    text = member(packed("spelling-t5", compiled, tmp_path), "spelling-t5/config.pbtxt")

    asked, answered = text.split("output [")[:2]
    assert 'name: "TEXT"' in asked
    assert 'name: "TEXT"' not in answered.split("ensemble_scheduling")[0]


def test_a_service_archive_unpacks_to_the_compiled_directory(compiled: Path, tmp_path: Path):
    with tarfile.open(packed("intent", compiled, tmp_path)) as opened:
        unpack(opened, tmp_path / "unpacked")

    assert read_description(tmp_path / "unpacked") == read_description(compiled / "intent")
    assert load(tmp_path / "unpacked").predict(["blue"])[0].shape == (2,)


def test_a_torchserve_archive_says_what_torch_model_archiver_would(compiled, tmp_path):
    archive = packed("moderation-text", compiled, tmp_path)

    assert archive.suffix == ".mar"
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        assert {"MAR-INF/MANIFEST.json", "handler.py", "artifact/model.json"} <= set(
            opened.namelist()
        )


def test_files_that_the_model_does_not_name_stay_behind(compiled: Path, tmp_path: Path):
    (compiled / "intent" / "notes.txt").write_text("left over")

    with tarfile.open(packed("intent", compiled, tmp_path)) as opened:
        assert "notes.txt" not in opened.getnames()


def test_an_altered_compiled_directory_is_not_packaged(compiled: Path, tmp_path: Path):
    (compiled / "embedding" / "tokenizer.json").write_text("{}")

    with pytest.raises(CorruptArtifact, match=r"tokenizer\.json: sha256"):
        packed("embedding", compiled, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_task_that_a_server_cannot_run_is_refused(compiled: Path, tmp_path: Path):
    spec = MODELS["spelling-t5"].model_copy(update={"serve": MODELS["moderation-text"].serve})

    with pytest.raises(ValueError, match="'seq2seq' is not served by TorchServe"):
        package(spec, spec.target("cpu"), compiled / "spelling-t5", tmp_path)


def member(archive: Path, name: str) -> str:
    with tarfile.open(archive) as opened:
        content = opened.extractfile(name)
        assert content is not None
        return content.read().decode()
