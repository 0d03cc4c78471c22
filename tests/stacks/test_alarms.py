"""Every alarm that somebody hears of says where to read on, and there is something to read."""

import re
from pathlib import Path

import pytest

from catalog import load
from stacks.watching import watched_alarms
from tests.stacks.conftest import ROOT, Template

NAMED = re.compile(r"(docs/runbooks/[\w-]+\.md)#([\w-]+)")
PARAGRAPHS = ("**What it means.**", "**Confirm.**", "**Act.**", "**Over**")


def sections(file: Path) -> dict[str, str]:
    """Return a runbook's sections by anchor."""
    parts = re.split(r"^## (.+)$", file.read_text(), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.fixture(scope="module")
def named(templates: dict[str, Template], accounts: dict[str, Template]) -> set[tuple[str, str]]:
    """The runbook sections that any alarm of any environment names."""
    found = set()
    for template in (*templates.values(), *accounts.values()):
        for kind in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
            for alarm in template.of_type(kind):
                description = alarm.properties.get("AlarmDescription", "")
                found |= set(NAMED.findall(str(description)))
    return found


def test_every_section_that_an_alarm_names_is_there_and_whole(named: set[tuple[str, str]]):
    assert len(named) > 10
    for file, anchor in sorted(named):
        text = sections(ROOT / file).get(anchor)
        assert text is not None, f"{file} has no section {anchor}"
        for paragraph in PARAGRAPHS:
            assert paragraph in text, f"{file}#{anchor} has no paragraph {paragraph}"


def test_every_section_of_the_endpoints_runbook_is_an_alarms(named: set[tuple[str, str]]):
    file = "docs/runbooks/endpoint.md"

    assert set(sections(ROOT / file)) == {anchor for name, anchor in named if name == file}


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
