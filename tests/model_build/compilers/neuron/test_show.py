import re

import pytest

from catalog.load import ROOT as CATALOG
from catalog.load import load_models
from catalog.neuron import TOOLCHAINS
from model_build.compilers.neuron.show import plan_lines
from model_build.key import ROOT, compile_key


def test_the_plan_of_a_build_names_key_container_grid_and_commands():
    spec = load_models()["moderation-text"]

    said = "\n".join(plan_lines({spec.name: spec}, ROOT))

    assert compile_key(spec, spec.target("inf1")).inputs["runtime_image"] in said
    assert TOOLCHAINS["inf1"].image in said
    assert "b1-s64, b16-s64: 2 graphs" in said
    assert "compiler_args=['--fast-math', 'none']" in said
    assert "never run on a chip" in said


def test_every_model_of_the_systems_on_inferentia_has_a_target_there():
    lines = list(plan_lines(load_models(), ROOT))

    heads = [line.partition(" for ")[0] for line in lines if " for inf1 (" in line]
    assert heads == ["duplicates", "intent", "moderation-image", "moderation-text"]


@pytest.mark.parametrize(
    ("folder", "model"), [("catalog", "intent"), ("examples/aws", "moderation-text")]
)
def test_the_documents_show_the_plans_of_today_but_for_digests(folder, model):
    shown = without_digests((ROOT / "docs" / "neuron.md").read_text())
    spec = load_models(CATALOG.parent / folder)[model]

    for line in plan_lines({model: spec}, ROOT):
        assert without_digests(line) in shown


def without_digests(text: str) -> str:
    return re.sub(r"\b[0-9a-f]{16,64}\b", "DIGEST", text)
