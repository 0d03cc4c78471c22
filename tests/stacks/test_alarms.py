"""Every alarm that somebody hears of says where to read on, and there is something to read."""

import pytest

from catalog import load
from ops.runbook import FOLDER, PARAGRAPHS, section, sections
from ops.runbooks import KINDS, Conditions, conditions, merged, written
from stacks.watching import watched_alarms
from tests.stacks.conftest import ROOT, Template


@pytest.fixture(scope="module")
def said(templates: dict[str, Template], accounts: dict[str, Template]) -> Conditions:
    """When the alarms of each runbook section ring, over all environments."""
    return merged(conditions(_alarms(templates)), conditions(_alarms(accounts), " of examples/aws"))


def _alarms(templates: dict[str, Template]):
    for template in templates.values():
        for kind in KINDS:
            for alarm in template.of_type(f"AWS::{kind}"):
                yield alarm.properties


def test_every_section_that_an_alarm_names_is_there_and_whole(said: Conditions):
    assert len(said) > 10
    for file, anchor in sorted(said):
        found = section(f"{file}#{anchor}")
        assert found is not None, f"{file} has no section {anchor}"
        assert set(PARAGRAPHS) <= set(found.paragraphs), f"{file}#{anchor} lacks a paragraph"
        assert found.command, f"{file}#{anchor} names no command of `python -m ops`"


def test_every_section_of_the_endpoints_runbook_is_an_alarms(said: Conditions):
    file = "endpoint.md"

    assert set(sections(FOLDER / file)) == {anchor for name, anchor in said if name == file}


def test_runbooks_say_the_thresholds_that_are_deployed(said: Conditions):
    for path in sorted(FOLDER.glob("*.md")):
        text = path.read_text()
        assert written(path.name, text, said) == text, "run `python -m ops.runbooks`"


def test_what_a_pipeline_watches_exists(accounts: dict[str, Template]):
    environment = load.load_environment("prod", ROOT / "examples/aws")

    names = {
        alarm.properties.get("AlarmName")
        for name, template in accounts.items()
        if name.startswith("slipway-prod-")
        for alarm in template.of_type("AWS::CloudWatch::Alarm")
    }
    watched = watched_alarms(environment)
    assert len(watched) == 5
    assert set(watched) <= names
    assert "slipway-prod-ads-green-slow" in watched
