"""Every alarm that somebody hears of says where to read on, and there is something to read."""

import pytest

from catalog import load
from lambdas.answer_alarm.logic import SERVING, Alarm
from ops import alarm_table
from ops.runbook import FOLDER, PARAGRAPHS, section, sections
from ops.runbooks import CATALOGS, KINDS, Conditions, conditions, merged, words_of, written
from stacks.rules.template import Template as ReadTemplate
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


def test_the_table_of_all_alarms_is_that_of_the_templates(
    templates: dict[str, Template], accounts: dict[str, Template]
):
    made = {
        catalog: (words_of(ROOT / catalog), _as_rules_read(found))
        for catalog, found in zip(CATALOGS, (templates, accounts), strict=True)
    }

    assert (FOLDER / alarm_table.FILE).read_text() == alarm_table.table(made), (
        "run `python -m ops.runbooks`"
    )


def test_only_alarms_on_serving_turn_a_release_back(templates: dict[str, Template]):
    turned = [
        alarm["AlarmDescription"].rpartition("/")[2]
        for alarm in _alarms(templates)
        if Alarm(str(alarm.get("AlarmName")), "", "", "").is_about(SERVING)
    ]

    assert {section.partition("#")[0] for section in turned} <= {
        "endpoint.md",
        "service.md",
        "monitoring.md",
    }
    assert not [section for section in turned if "job" in section or "drift" in section]


def _as_rules_read(found: dict[str, Template]) -> list[ReadTemplate]:
    return [ReadTemplate(name, "", template.document) for name, template in found.items()]
