"""A parent for Inf1, traced by a stand-in for AWS's framework: never compiled for a chip."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from catalog.load import ROOT, load_models
from catalog.neuron import TOOLCHAINS
from model_build.compilers import COMPILERS
from model_build.compilers.neuron import compiler, policy, toolchain
from model_build.compilers.probes import probes
from model_build.onchip.host import NotOnChip, unpack
from model_build.package import package
from model_build.sources import load_source
from serving.onchip.host import describe
from serving.runtime import load, read_description
from serving.runtime.parent import load_parent
from tests.model_build import stand_in

ROWS = load_models(ROOT.parent / "examples" / "aws")
TEXT, IMAGE = "moderation-text", "moderation-image"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Builds both rows of the parent with the stand-in; returns the calls and both results."""
    folder = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as patched:
        stand_in.write_packages(folder / "packages", "torch_neuron", torch.__version__)
        patched.setenv("PYTHONPATH", str(folder / "packages"))
        patched.syspath_prepend(str(folder / "packages"))
        patched.setenv("CALLS", str(folder / "calls"))
        patched.setenv(toolchain.PYTHON_VARIABLE, sys.executable)
        here = replace(
            TOOLCHAINS["inf1"],
            python="{}.{}".format(*sys.version_info[:2]),
            torch=torch.__version__.split("+")[0],
        )
        patched.setitem(compiler.TOOLCHAINS, "inf1", here)
        patched.setattr(policy, "probes", lambda task: probes(task)[:8])  # a short search
        made = {
            name: COMPILERS["inf1"].compile(
                ROWS[name], ROWS[name].target("inf1"), source(name), folder / name
            )
            for name in (TEXT, IMAGE)
        }
        calls = [json.loads(line) for line in (folder / "calls").read_text().splitlines()]
        yield calls, made
    stand_in.forget()


def source(name):
    return load_source(ROWS[name], ROOT.parent)


def test_one_graph_takes_the_inputs_of_all_parts_and_is_traced_once_for_both_rows(built):
    calls, _ = built

    assert [call["shapes"] for call in calls if call["call"] == "trace"] == [
        [[batch, 3, 96, 96], [batch, 64], [batch, 64]] for batch in (1, 16)
    ]


@pytest.mark.parametrize("name", [TEXT, IMAGE])
def test_the_twin_of_a_part_answers_as_its_source_whatever_fills_the_others(built, name):
    inputs = probes(ROWS[name].task)[:20]

    answers = load(built[1][name].twin).predict(inputs)

    assert np.abs(np.stack(answers) - np.stack(source(name).predict(inputs))).max() < 0.05


def test_parts_with_different_numbers_of_questions_share_a_run(built):
    parent = load_parent(built[1][TEXT].twin.parent)
    asked = {TEXT: probes("classification")[:18], IMAGE: probes("image-classification")[:2]}

    made = parent.infer({name: parent.parts[name].preprocess(asked[name]) for name in asked})

    for name, inputs in asked.items():
        rows = parent.parts[name].postprocess(made[name])
        assert np.allclose(rows, parent.parts[name].predict(inputs), atol=0.02)
        assert len(rows) == len(inputs)


def test_each_part_keeps_in_fp32_what_its_own_search_found(built):
    kept = built[1][TEXT].alternatives[0]["kept_fp32"]

    assert kept.keys() == {TEXT, IMAGE}


def test_both_rows_end_in_one_archive_out_of_which_each_part_is_asked_on_its_chip(built, tmp_path):
    archives = [
        package(ROWS[name], ROWS[name].target("inf1"), made.directory, tmp_path / name)
        for name, made in built[1].items()
    ]

    assert archives[0].read_bytes() == archives[1].read_bytes()
    for name in (TEXT, IMAGE):
        folder = unpack(archives[0], tmp_path / f"unpacked-{name}", name)
        assert read_description(folder).name == name
        (tmp_path / "neuron0").touch()
        assert describe(folder, tmp_path)["framework"] == "torch_neuron"
    with pytest.raises(NotOnChip, match="0 of its models are intent"):
        unpack(archives[0], tmp_path / "none", "intent")
