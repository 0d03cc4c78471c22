import json
from dataclasses import replace
from pathlib import Path

import pytest

from catalog import load
from catalog.load import CatalogError
from stacks.fit import Misfit
from tests.stacks.conftest import Template, synthesise
from tests.stacks.release import release_of, sample_release

ENVIRONMENTS = ("dev", "staging", "prod")


def test_without_an_environment_all_stacks_are_made(templates: dict[str, Template]):
    kinds = ("base", "search", "ads", "intent", "duplicates", "monitoring")
    expected = {f"slipway-{name}-{kind}" for name in ENVIRONMENTS for kind in kinds}

    assert set(templates) == {"slipway-infrastructure", "slipway-tooling"} | expected


def test_one_environment_alone_is_the_same_as_among_others(
    templates: dict[str, Template], release_file: Path, tmp_path: Path
):
    alone = synthesise(tmp_path, env="dev", release=str(release_file))

    assert "slipway-tooling" not in alone
    assert len(alone) == 6
    for name, template in alone.items():
        assert template.document == templates[name].document, name


def test_synth_leaves_nothing_to_look_up(assembly: Path, templates: dict[str, Template]):
    """A missing context value would send the CLI to an account, and change the templates."""
    assert templates
    assert "missing" not in json.loads((assembly / "manifest.json").read_text())


def test_every_declared_environment_synthesises(release_file: Path, tmp_path: Path):
    others = load.load_environments().keys() - set(ENVIRONMENTS)

    for name in others:
        assert len(synthesise(tmp_path / name, env=name, release=str(release_file))) == 6


def test_a_base_is_the_same_with_and_without_a_release(
    templates: dict[str, Template], tmp_path: Path
):
    """Else a deployment of the one would take away what the other imports."""
    without = synthesise(tmp_path, env="prod")

    assert set(without) == {"slipway-prod-base"}
    assert without["slipway-prod-base"].document == templates["slipway-prod-base"].document


def test_an_unknown_environment_is_named(tmp_path: Path):
    with pytest.raises(CatalogError, match=r"production\.yaml: no such file; .*prod, staging"):
        synthesise(tmp_path, env="production")


def test_a_release_whose_digest_is_wrong_is_refused(tmp_path: Path):
    file = tmp_path / "release.json"
    document = sample_release().to_json()
    document["release"]["created_from_commit"] = "another"
    file.write_text(json.dumps(document))

    with pytest.raises(ValueError, match="the content has"):
        synthesise(tmp_path / "out", env="dev", release=str(file))


def test_an_artifact_of_another_architecture_is_refused_with_both_tuples(tmp_path: Path):
    file = tmp_path / "release.json"
    change = {"embedding": {"accelerator": "g5", "architecture": "sm_86"}}
    made = [replace(item, **change.get(item.model, {})) for item in sample_release().all]
    file.write_text(json.dumps(release_of(*made).to_json()))

    expected = r"slipway-dev-search: model embedding .*g5, sm_86.*triton, cpu, x86-64-v4: ml\.c7i"
    with pytest.raises(Misfit, match=expected):
        synthesise(tmp_path / "out", env="dev", release=str(file))
