import copy
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.load import read
from catalog.spec import ModelSpec
from model_build import key as keys
from model_build.key import compile_key, proof_of
from tests.model_build.fakes import ROW, row

CLASSIFIER = {
    **ROW,
    "task": "classification",
    "family": "minilm-intent",
    "labels": ["music", "weather"],
    "decision": {"threshold": 0.5, "fallback": "unknown"},
    "limits": {"max_input_tokens": 16, "buckets": [8, 16]},
    "serve": {"kind": "service", "name": "intent"},
}

# Every edit of a row that can change the bytes which are served.
EDITS = {
    "name": lambda r: r.update(name="other"),
    "family": lambda r: r.update(family="ad-text-cnn"),
    "weights digest": lambda r: r["source"].update(sha256="1" * 64),
    "weights package": lambda r: r["source"].update(
        package="p", package_version="1", package_sha256="2" * 64
    ),
    "label order": lambda r: r.update(labels=["weather", "music"]),
    "label": lambda r: r["labels"].append("timer"),
    "decision threshold": lambda r: r["decision"].update(threshold=0.6),
    "decision fallback": lambda r: r["decision"].update(fallback="other"),
    "limit": lambda r: r.update(limits={"max_input_tokens": 32, "buckets": [8, 32]}),
    "bucket": lambda r: r["limits"].update(buckets=[16]),
    "precision": lambda r: r["targets"][0].update(precision="int8"),
    "instance": lambda r: r["targets"][0].update(instance="ml.c6i.xlarge"),
    "engine": lambda r: r["targets"][0].update(options={"engines": ["openvino"]}),
    "threads": lambda r: r["targets"][0].update(options={"threads": 2}),
    "batch": lambda r: r["targets"][0].update(options={"max_batch": 3}),
    "queue delay": lambda r: r["targets"][0].update(options={"queue_delay_us": 5}),
    "server": lambda r: r.update(serve={"kind": "endpoint", "name": "search"}),
}


def key_of(document, root=keys.ROOT):
    spec = ModelSpec.model_validate(document)
    return compile_key(spec, spec.targets[0], root).digest


def edited(*names):
    document = copy.deepcopy(CLASSIFIER)
    for name in names:
        EDITS[name](document)
    return document


def test_no_two_edits_of_a_row_have_the_same_key():
    found = {name: key_of(edited(name)) for name in EDITS}

    assert len({key_of(CLASSIFIER), *found.values()}) == len(EDITS) + 1


INDEPENDENT = ["weights digest", "decision threshold", "bucket", "precision", "server"]


@given(st.sets(st.sampled_from(INDEPENDENT)), st.sets(st.sampled_from(INDEPENDENT)))
@settings(max_examples=20, deadline=None)
def test_two_rows_have_one_key_only_if_they_are_edited_alike(some, others):
    same = key_of(edited(*sorted(some))) == key_of(edited(*sorted(others)))

    assert same == (some == others)


def shuffled(value, seed):
    if isinstance(value, dict):
        names = list(value)
        random.Random(seed).shuffle(names)
        return {name: shuffled(value[name], seed) for name in names}
    return [shuffled(item, seed) for item in value] if isinstance(value, list) else value


@given(seed=st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_the_order_in_which_a_row_is_written_does_not_matter(tmp_path_factory, seed):
    path = tmp_path_factory.mktemp("row") / "speller.yaml"
    path.write_text(yaml.safe_dump(shuffled(CLASSIFIER, seed), sort_keys=False))
    spec = read(path, ModelSpec)

    assert compile_key(spec, spec.targets[0]).digest == key_of(CLASSIFIER)


@pytest.mark.parametrize(
    "words",
    [
        {"description": "Other words."},
        {"stands_for": "another model"},
        {"examples": ["other"]},
        {"gates": {"golden": "others", "metrics": {"p99_ms": {"threshold": 1}}}},
    ],
)
def test_what_changes_no_byte_does_not_change_the_key(words):
    assert key_of({**CLASSIFIER, **words}) == key_of(CLASSIFIER)


def test_another_version_of_a_candidate_engine_changes_the_key(monkeypatch):
    before = key_of(CLASSIFIER)
    real = keys.version

    for package in ("onnxruntime", "openvino", "torch", "onnx"):
        with monkeypatch.context() as patched:
            patched.setattr(keys, "version", lambda n, p=package: "9.9" if n == p else real(n))
            assert key_of(CLASSIFIER) != before, package
    monkeypatch.setattr(keys, "version", lambda n: "9.9" if n == "ctranslate2" else real(n))
    assert key_of(CLASSIFIER) == before


@pytest.fixture
def repository(root, tmp_path):
    return Path(shutil.copytree(root, tmp_path / "repository"))


@pytest.mark.parametrize(
    "part", [*keys.EXPORTERS, *keys.PACKAGERS, "serving/intent", "serving/runtime"]
)
def test_a_change_of_our_own_code_that_makes_or_serves_bytes_changes_the_key(repository, part):
    before = key_of(CLASSIFIER, repository)

    (repository / part / "code.py").write_text("changed")

    assert key_of(CLASSIFIER, repository) != before


def test_byte_code_and_tests_beside_it_do_not_change_the_key(repository):
    before = key_of(CLASSIFIER, repository)

    cache = repository / "serving/runtime/__pycache__"
    cache.mkdir()
    (cache / "code.cpython-311.pyc").write_bytes(b"x")

    assert key_of(CLASSIFIER, repository) == before


def test_a_key_spells_its_inputs_out_as_json():
    spec = row()
    key = compile_key(spec, spec.targets[0])

    assert json.loads(json.dumps(key.inputs)) == key.inputs
    assert key.inputs["target"]["architecture"] == "x86-64-v4"
    assert key.inputs["runtime_image"].startswith("slipway/triton:")
    assert set(key.inputs["toolchain"]) >= {"ctranslate2", "torch", "transformers"}


def test_computing_keys_imports_neither_torch_nor_an_engine():
    code = (
        "import sys, catalog.load as load, model_build.cli as cli, model_build.key as key\n"
        "for spec in load.load_models().values(): key.toolchain(spec, spec.targets[0])\n"
        "heavy = {'torch', 'onnx', 'onnxruntime', 'openvino', 'ctranslate2', 'transformers'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )

    done = _python(code)

    assert done.returncode == 0, done.stderr


def test_gates_and_golden_set_make_the_proof():
    spec = row()
    stricter = row(gates={"golden": "words", "metrics": {"p99_ms": {"threshold": 1}}})

    proofs = {
        proof_of(spec, "sha256:aa").digest,
        proof_of(spec, "sha256:bb").digest,
        proof_of(stricter, "sha256:aa").digest,
    }

    assert len(proofs) == 3


def _python(code):
    root = Path(keys.__file__).parent.parent
    return subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
