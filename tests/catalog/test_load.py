import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.environment import Environment
from catalog.load import (
    ROOT,
    CatalogError,
    load_environments,
    load_models,
    load_pipeline,
    load_prices,
    read,
)
from catalog.spec import ModelSpec

ROW = yaml.safe_load((ROOT / "models" / "intent.yaml").read_text())


def write(tmp_path: Path, content: dict[str, Any], name: str = "intent") -> Path:
    path = tmp_path / "models" / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(content))
    return path


def test_every_shipped_row_environment_and_price_is_readable():
    models, prices = load_models(), load_prices()

    assert {"local", "dev", "staging", "prod"} <= load_environments().keys()
    assert load_pipeline().environments == ("dev", "staging", "prod")
    for spec in models.values():
        for target in spec.targets:
            assert prices.usd_per_hour(target.instance) > 0


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("taks", "classification", "taks: 'classification': unknown key"),
        ("task", "classify", "task: 'classify'"),
        ("task", "embedding", "family 'minilm-intent' does 'classification'"),
        ("name", "Intent", "name: 'Intent'"),
        ("labels", [], "labels []: give them for classifiers"),
        ("targets", [], "targets: ()"),
        ("examples", "hello", "examples: 'hello'"),
    ],
)
def test_a_wrong_key_is_reported_with_file_key_value_and_remedy(tmp_path, key, value, message):
    path = write(tmp_path, ROW | {key: value})

    with pytest.raises(CatalogError) as caught:
        read(path, ModelSpec)

    assert str(path) in str(caught.value)
    assert message in str(caught.value)


def test_a_missing_key_is_named(tmp_path):
    path = write(tmp_path, {key: value for key, value in ROW.items() if key != "gates"})

    with pytest.raises(CatalogError, match="gates: missing: add it"):
        read(path, ModelSpec)


def test_a_wrong_unit_says_to_write_the_bare_number(tmp_path):
    gates = ROW["gates"] | {"metrics": {"p99_ms": {"threshold": "50ms"}}}
    path = write(tmp_path, ROW | {"gates": gates})

    with pytest.raises(CatalogError, match=r"gates\.metrics\.p99_ms\.threshold: '50ms'.*number"):
        read(path, ModelSpec)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ({"accelerator": "g5", "instance": "ml.c7i.xlarge"}, "has accelerator 'cpu'"),
        (
            {"accelerator": "cpu", "instance": "ml.c6i.xlarge", "precision": "bf16"},
            "emulated on ml.c6i.xlarge, twenty times slower: name a c7i",
        ),
        ({"accelerator": "cpu", "instance": "ml.c7i.nano"}, "unknown instance type 'ml.c7i.nano'"),
        (
            {
                "accelerator": "cpu",
                "instance": "ml.c7i.xlarge",
                "options": {"engines": ["ctranslate2"]},
            },
            "cannot run task 'classification': use onnxruntime, openvino",
        ),
        (
            {"accelerator": "cpu", "instance": "ml.c7i.xlarge", "options": {"beams": 4}},
            "options.beams 4 is for seq2seq",
        ),
    ],
)
def test_an_impossible_target_is_refused(tmp_path, target, message):
    path = write(tmp_path, ROW | {"targets": [target]})

    with pytest.raises(CatalogError) as caught:
        read(path, ModelSpec)

    assert message in str(caught.value)


def test_a_key_given_twice_is_refused(tmp_path):
    path = tmp_path / "twice.yaml"
    path.write_text("name: a\nname: b\n")

    with pytest.raises(CatalogError, match="key 'name' is given twice"):
        read(path, ModelSpec)


def test_all_broken_files_are_reported_at_once(tmp_path):
    write(tmp_path, ROW | {"task": "x"}, "one")
    write(tmp_path, ROW, "two")

    with pytest.raises(CatalogError) as caught:
        load_models(tmp_path)

    assert "one.yaml: task" in str(caught.value)
    assert "two.yaml: name: 'intent': must be the file's, 'two'" in str(caught.value)


def test_a_canary_on_one_instance_is_refused(tmp_path):
    folder = tmp_path / "environments"
    folder.mkdir()
    content = yaml.safe_load((ROOT / "environments" / "prod.yaml").read_text())
    content["endpoints"]["ads"]["count"] = 1
    (folder / "prod.yaml").write_text(yaml.safe_dump(content))

    with pytest.raises(CatalogError, match=r"set count of endpoints\.ads to 2"):
        load_environments(tmp_path)


@pytest.mark.parametrize("instance", ["ml.g5.xlarge", "ml.inf1.xlarge"])
def test_a_batch_job_on_a_machine_that_its_image_has_no_engine_for_is_refused(tmp_path, instance):
    content = yaml.safe_load((ROOT / "environments" / "dev.yaml").read_text())
    content["batch"]["duplicates"]["instance"] = instance
    path = write(tmp_path, content, "dev")

    with pytest.raises(CatalogError, match=r"batch\.duplicates.*a cpu type") as caught:
        read(path, Environment)

    assert instance in str(caught.value)


def test_an_environment_of_another_region_than_the_pipelines_is_refused(tmp_path):
    shutil.copytree(ROOT / "environments", tmp_path / "environments")
    text = (ROOT / "pipeline.yaml").read_text().replace("us-east-1", "eu-west-1")
    (tmp_path / "pipeline.yaml").write_text(text)

    with pytest.raises(CatalogError, match="region: 'eu-west-1': environment dev is in us-east-1"):
        load_pipeline(tmp_path)
