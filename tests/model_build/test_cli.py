import json
import subprocess
import sys

import pytest

from catalog.load import load_models
from model_build import cli, steps
from model_build.__main__ import main
from model_build.key import ROOT
from tests.model_build.fakes import GOLDEN, ROW, FakeFactory, row


@pytest.fixture
def factory():
    return FakeFactory()


@pytest.fixture
def project(cloud, store, signing_key, factory, monkeypatch, tmp_path, root):
    """What a build project has: its settings, a small catalog, and quick steps."""
    settings = {
        "SLIPWAY_ARTIFACT_BUCKET": store.bucket.name,
        "SLIPWAY_SIGNING_KEY": signing_key,
        "AWS_ENDPOINT_URL": cloud.endpoint_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    models = {name: row(name=name) for name in ("one", "two")}
    monkeypatch.setattr(cli, "load_models", lambda: models)
    monkeypatch.setattr(cli, "ROOT", root)
    monkeypatch.setattr(cli, "check_weights", lambda spec, root: None)
    monkeypatch.setattr("model_build.golden_index.golden.load", lambda name: GOLDEN)
    monkeypatch.setattr(cli, "accelerators", lambda: {"cpu"})
    monkeypatch.setattr(steps, "real_steps", factory.steps)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_plan_build_and_release_run_one_after_the_other(project, store, capsys):
    assert main(["plan", "--out", "plan.json", "--commit", "c-1"]) == 0
    assert main(["build", "--plan", "plan.json", "--accelerator", "cpu"]) == 0
    assert main(["release", "--plan", "plan.json", "--out", "release.txt"]) == 0

    output = capsys.readouterr().out
    assert "plan: 0 to reuse, 2 to build, 0 refused" in output
    assert "compiled 2, reused 0, stopped 0" in output
    release = store.release((project / "release.txt").read_text().strip())
    assert sorted(release.models) == ["one", "two"]
    assert release.created_from_commit == "c-1"


def test_a_push_that_changes_nothing_compiles_nothing(project, factory, capsys):
    for command in (["plan"], ["build"], ["plan"], ["build"]):
        assert main(command) == 0

    assert factory.compiled == ["one", "two"]
    assert capsys.readouterr().out.endswith("compiled 0, reused 2, stopped 0\n")


def test_the_same_artifacts_of_the_same_commit_make_the_same_release(project):
    main(["plan", "--commit", "c-1"])
    main(["build"])
    main(["release", "--out", "first.txt"])
    main(["plan", "--commit", "c-1"])
    main(["release", "--out", "second.txt"])

    assert (project / "first.txt").read_text() == (project / "second.txt").read_text()


def test_a_failed_gate_exits_with_3_and_nothing_can_be_released(project, factory, capsys):
    factory.inaccurate.add("two")
    main(["plan"])

    assert main(["build"]) == 3
    assert main(["release"]) == 1

    printed = capsys.readouterr()
    assert "stopped: two: exact_match: 0.5 is 0.4 worse than the source's 0.9" in printed.out
    assert "two for cpu has no artifact" in printed.err
    assert not (project / "release.txt").exists()


def test_a_crashed_compiler_exits_with_1(project, factory):
    factory.broken.add("one")
    main(["plan"])

    assert main(["build"]) == 1


def test_a_refused_target_stops_at_the_plan_with_its_remedy(project, monkeypatch, capsys):
    monkeypatch.setattr(cli, "accelerators", set)

    assert main(["plan"]) == 1
    assert "refused: one for cpu: no compiler for accelerator 'cpu'" in capsys.readouterr().out


def test_a_corrupt_artifact_exits_with_4_and_names_the_object(project, store, s3, capsys):
    main(["plan"])
    main(["build"])
    content = store.bucket.keys("content/")[0]
    s3.put_object(Bucket=store.bucket.name, Key=content, Body=b"corrupt")

    assert main(["plan"]) == 4
    assert content in capsys.readouterr().err


def test_a_malformed_catalog_exits_with_2_and_the_catalogs_own_words(
    project, monkeypatch, tmp_path, capsys
):
    (tmp_path / "models").mkdir()
    (tmp_path / "models/speller.yaml").write_text(json.dumps({**ROW, "tresholds": 1}))
    monkeypatch.setattr(cli, "load_models", lambda: load_models(tmp_path))

    assert main(["plan"]) == 2
    assert "speller.yaml: tresholds: 1: unknown key" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["SLIPWAY_ARTIFACT_BUCKET", "SLIPWAY_SIGNING_KEY"])
def test_a_missing_setting_is_named(project, monkeypatch, capsys, name):
    monkeypatch.delenv(name)

    assert main(["plan"]) == 2
    assert f"{name}: not set" in capsys.readouterr().err


def test_a_compiler_is_a_module_named_for_its_accelerator():
    code = "from model_build.compilers import COMPILERS; print(*COMPILERS)"

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert set(done.stdout.split()) == cli.accelerators()


def test_the_commit_is_the_one_that_codebuild_checked_out(monkeypatch):
    monkeypatch.setenv("CODEBUILD_RESOLVED_SOURCE_VERSION", "abc")

    assert cli.commit(None) == "abc"
    assert cli.commit("given") == "given"
