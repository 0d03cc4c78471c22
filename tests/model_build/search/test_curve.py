"""What the gates say of a search's winner."""

import argparse

import pytest

from catalog.load import CatalogError, load_models
from catalog.spec import ModelSpec
from catalog.target import SearchOptions
from model_build.search import curve
from model_build.search.climb import Settings, Trial
from model_build.search.command import draw, with_search
from model_build.search.curve import Curve
from model_build.search.run import Found, settings_of, space_of, target_with

WANTED = SearchOptions(p99_ms=10, max_regression=0.2)
MACHINE = {"cpu": "a", "cores": 2}


def found(throughput: float, p99: float = 8.0, **changes) -> Curve:
    trial = Trial(Settings(), throughput, 4.0, p99)
    made = {"machine": MACHINE, "by": "clients of our own", **changes}
    return Curve("embedding", "cpu", 10.0, trial, (trial,), **made)


def test_the_first_winner_has_nothing_to_be_compared_with_and_says_how_to_record_it():
    objective, throughput = curve.judge(found(100.0), WANTED, None)

    assert objective.passed
    assert throughput.passed
    assert "python -m model_build search embedding --record" in throughput.reason


def test_a_winner_that_is_worse_by_more_than_the_share_fails_the_gate():
    before = found(100.0).to_json()

    _, worse = curve.judge(found(79.0), WANTED, before)
    _, little = curve.judge(found(81.0), WANTED, before)

    assert not worse.passed
    assert worse.reason == (
        "throughput fell to 79.0 a second, from the recorded 100.0: more than 20% (at least 80.0)"
    )
    assert little.passed


@pytest.mark.parametrize("changed", [{"machine": {"cpu": "b"}}, {"by": "perf_analyzer"}])
def test_figures_of_another_machine_or_generator_are_not_compared_and_that_is_said(changed):
    _, verdict = curve.judge(found(10.0, **changed), WANTED, found(100.0).to_json())

    assert verdict.passed
    assert "not compared: recorded with" in verdict.reason


def test_an_objective_that_nothing_keeps_fails_the_gate():
    objective, _ = curve.judge(found(100.0, p99=12.5), WANTED, None)

    assert not objective.passed
    assert "no configuration keeps p99 within 10 ms; nearest: 100.0 a second" in objective.reason


def test_a_recorded_curve_is_read_back(tmp_path):
    assert curve.recorded("embedding", "cpu", tmp_path) is None

    curve.write(found(100.0), curve.place("embedding", "cpu", tmp_path))

    assert curve.recorded("embedding", "cpu", tmp_path) == found(100.0).to_json()


def test_the_curve_is_drawn(tmp_path):
    target = load_models()["embedding"].target("cpu")

    draw(Found(target, found(100.0), ()), tmp_path / "curve.svg")

    assert b"<svg" in (tmp_path / "curve.svg").read_bytes()


def test_a_trials_settings_become_the_targets_options_and_a_gpus_batch_is_bounded():
    spec = load_models()["embedding"]

    changed = target_with(spec.target("cpu"), Settings(3, 16, 200, 8))

    assert (changed.options.instances, changed.options.max_batch) == (3, 16)
    assert changed.options.threads == spec.target("cpu").options.threads
    assert settings_of(changed) == Settings(3, 16, 200, 2)
    assert max(space_of(spec.target("cpu"))["max_batch"]) == 64
    assert max(space_of(spec.target("g5"))["max_batch"]) == 32


def options(**given):
    words = {"accelerator": "cpu", "p99": None, "trials": None, "seconds": None}
    return argparse.Namespace(**{**words, **given})


def test_the_command_line_goes_before_the_row():
    wanted = with_search(load_models()["embedding"], options(p99=7.0, trials=3)).options.search

    assert (wanted.p99_ms, wanted.trials) == (7.0, 3)


@pytest.mark.parametrize(
    ("model", "given", "message"),
    [
        ("intent", {}, "only Triton's settings are searched"),
        ("embedding", {"accelerator": "inf2"}, "no target for accelerator 'inf2'"),
    ],
)
def test_a_search_that_cannot_be_is_refused_by_name(model, given, message):
    with pytest.raises(CatalogError, match=message):
        with_search(load_models()[model], options(**given))


def test_a_row_that_triton_does_not_serve_cannot_ask_for_a_search():
    row = load_models()["intent"].model_dump(mode="json", exclude_none=True)
    row["targets"][0]["options"]["search"] = {"p99_ms": 10}

    with pytest.raises(ValueError, match=r"options\.search is for models served by Triton"):
        ModelSpec.model_validate(row)
