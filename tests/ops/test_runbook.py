import argparse
from importlib import import_module

import pytest

from ops.__main__ import COMMANDS
from ops.runbook import FOLDER, filled_in, section, sections
from ops.runbooks import conditions, merged, sentence, written

SLOW = {
    "AlarmName": "slipway-prod-search-slow",
    "AlarmDescription": "search: slow. docs/runbooks/endpoint.md#slow",
    "MetricName": "ModelLatency",
    "ExtendedStatistic": "p99",
    "Threshold": 250_000,
    "ComparisonOperator": "GreaterThanThreshold",
    "Period": 60,
    "EvaluationPeriods": 2,
    "TreatMissingData": "notBreaching",
}
ALL = [item for path in sorted(FOLDER.glob("*.md")) for item in sections(path).values()]


def test_a_section_says_when_its_alarm_rings_in_the_units_of_people():
    said = conditions([SLOW])

    text = written("endpoint.md", "# Endpoints\n\n## slow\n\n**What it means.** Slow.\n", said)

    assert "ModelLatency p99 above 250 ms, 2 of 2 times 1 minute; silence is well." in text
    assert written("endpoint.md", text, said) == text, "writing again changes nothing"


def test_environments_are_named_where_their_limits_differ():
    lax = SLOW | {"AlarmName": "slipway-dev-search-slow", "Threshold": 900_000}
    ((_, said),) = merged(conditions([SLOW]), conditions([lax])).items()

    assert "above 250 ms, 2 of 2 times 1 minute; silence is well (prod)" in sentence(said)
    assert "above 900 ms, 2 of 2 times 1 minute; silence is well (dev)" in sentence(said)


def test_a_section_that_is_not_there_is_none():
    assert section("endpoint.md#no-such") is None
    assert section("no-such.md#slow") is None


@pytest.mark.parametrize("found", ALL, ids=[item.name for item in ALL])
def test_the_command_of_a_section_is_one_that_can_be_typed(found):
    command = filled_in(
        found.command, environment="prod", target="slipway-prod-search", alarm="x-slow"
    )
    name, *rest = command.split()
    parser = argparse.ArgumentParser()
    import_module(COMMANDS[name][0]).add_arguments(parser)

    arguments = parser.parse_args(rest)

    changes = hasattr(arguments, "dry_run")
    assert not changes or arguments.dry_run, "what is safe to begin with changes nothing"
