"""The drill of the gate on the chip takes minutes; here only that it still fits the code."""

from pathlib import Path

import pytest

from benchmarks.chip.checkout import ENVIRONMENT, PIPELINE, ROOT, changes
from catalog.environment import Environment
from catalog.load import read
from catalog.pipeline import Pipeline

CHANGES = changes(Path("emulated"), Path("emulated/python"))


@pytest.mark.parametrize(("name", "before", "after"), CHANGES)
def test_what_the_drill_changes_is_there_and_stays_code(name, before, after):
    text = (ROOT / name).read_text()

    assert before in text
    compile(text.replace(before, after), name, "exec")


def test_the_emulation_says_what_it_is():
    said = [after for _, _, after in CHANGES]

    assert any('sdk="emulated"' in after for after in said)
    assert any("emulated: no chip ran" in after for after in said)


def test_its_environments_and_tooling_are_readable(tmp_path):
    made = {"NAME": "dev", "INSTANCE": "ml.inf1.xlarge", "UNPROVEN": "true", "CIDR": "10.10.0.0/16"}
    text = ENVIRONMENT
    for word, value in made.items():
        text = text.replace(word, value)
    (tmp_path / "dev.yaml").write_text(text)
    (tmp_path / "pipeline.yaml").write_text(
        PIPELINE.replace("BUILDERS", "  inf1: {compute: large}")
    )

    assert read(tmp_path / "dev.yaml", Environment).unproven
    assert read(tmp_path / "pipeline.yaml", Pipeline).environments == ("dev", "staging")
