"""Parent modules on the CPU: real weights, the real graph."""

import numpy as np
import pytest

from catalog.load import ROOT, load_models
from model_build.compilers import COMPILERS, ImpossibleTarget
from model_build.compilers.probes import probes
from model_build.key import compile_key
from model_build.package import package
from model_build.sources import load_source
from serving.runtime import CorruptArtifact, load
from serving.runtime.parent import FILE_NAME, load_parent

ROWS = load_models(ROOT.parent / "examples" / "aws")
TEXT, IMAGE = "moderation-text", "moderation-image"


def compiled(name, folder):
    spec = ROWS[name]
    source = load_source(spec, ROOT.parent)
    return source, COMPILERS["cpu"].compile(spec, spec.target("cpu"), source, folder)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return {name: compiled(name, tmp_path_factory.mktemp(name)) for name in (TEXT, IMAGE)}


@pytest.mark.parametrize("name", [TEXT, IMAGE])
def test_a_part_answers_as_its_source(built, name):
    source, result = built[name]
    inputs = probes(ROWS[name].task)

    answers = load(result.directory).predict(inputs)

    assert np.abs(np.stack(answers) - np.stack(source.predict(inputs))).max() < 1e-4


def test_one_run_answers_all_parts_each_with_rows_of_its_own(built):
    parent = load_parent(built[TEXT][1].directory.parent)
    asked = {TEXT: probes("classification")[:3], IMAGE: probes("image-classification")[:1]}

    made = parent.infer({name: parent.parts[name].preprocess(asked[name]) for name in asked})

    for name, inputs in asked.items():
        rows = parent.parts[name].postprocess(made[name])
        assert len(rows) == len(inputs)
        assert np.allclose(rows, parent.parts[name].predict(inputs), atol=1e-6)


def test_each_row_built_for_itself_ends_in_the_same_archive_under_the_parents_name(built, tmp_path):
    archives = [
        package(ROWS[name], ROWS[name].target("cpu"), result.directory, tmp_path / name)
        for name, (_, result) in built.items()
    ]

    assert [path.name for path in archives] == ["moderation.mar"] * 2
    assert archives[0].read_bytes() == archives[1].read_bytes()


def test_an_altered_part_spoils_the_parent(tmp_path):
    directory = compiled(TEXT, tmp_path)[1].directory
    path = directory / "model.json"
    path.write_text(path.read_text().replace("misleading-claim", "fine"))

    with pytest.raises(CorruptArtifact, match=r"moderation-text/model\.json: sha256"):
        load_parent(directory.parent)


def test_a_parent_whose_description_is_gone_is_corrupt(tmp_path):
    with pytest.raises(CorruptArtifact, match=FILE_NAME):
        load_parent(tmp_path)


def test_what_a_parent_is_not_compiled_for_is_refused(tmp_path):
    spec = ROWS[TEXT]
    target = spec.target("cpu").model_copy(update={"precision": "int8"})

    with pytest.raises(ImpossibleTarget, match=r"'int8'.*'moderation' is compiled for onnxruntime"):
        COMPILERS["cpu"].compile(spec, target, load_source(spec, ROOT.parent), tmp_path)


def test_another_part_changes_the_key_of_every_part():
    spec = ROWS[TEXT]
    other = ROWS[IMAGE].model_copy(update={"labels": ("clean", "noisy", "text-heavy")})
    changed = spec.beside((other, spec))

    keys = {compile_key(item, item.target("cpu")).digest for item in (spec, changed)}

    assert len(keys) == 2
