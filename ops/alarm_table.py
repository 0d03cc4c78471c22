"""The table of all alarms, `docs/runbooks/alarms.md`, from templates; `ops.runbooks` writes it."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lambdas.answer_alarm.logic import DRIFTING, SERVING, TOLD
from ops.alarms.words import condition

FILE = "alarms.md"
VARIANTS = ("blue", "green")
ITSELF = (
    (SERVING, "turns a fresh release back, opens an OpsItem"),
    (DRIFTING, "retrains or re-baselines where the data ask for it; else opens an OpsItem"),
    ((*TOLD, "ENV-page"), "opens an OpsItem"),
)
_RUNBOOK = re.compile(r"docs/runbooks/([\w-]+\.md)#([\w-]+)")
HEAD = """# All alarms

Written by `python -m ops.runbooks` from the templates; a test holds it to them. ENV is an
environment, TARGET an endpoint, service or job, VARIANT `blue` or `green`, MODEL a row of the
catalog. Severity `page` wakes somebody through the one alarm `slipway-ENV-page`, whatever rings;
`inform` is read by day. Limits are those of the shipped prod, or of the set that has the alarm.
The last two columns count alarms of all environments and the tooling: shipped, and `examples/aws`.

| alarm | severity | rings on | silence | by itself | runbook | shipped | examples |
|---|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Words:
    """The names that stand for others in a pattern."""

    environments: Sequence[str]
    targets: Sequence[str]
    models: Sequence[str]

    def pattern(self, name: str) -> str:
        """Return an alarm's name with what varies in capitals."""
        found = re.match(
            rf"^slipway-({_any(self.environments)})-"
            rf"(?:({_any(self.targets)})-)?(?:({_any(self.models)})-)?(?:({_any(VARIANTS)})-)?(.+)$",
            name,
        )
        if found is None:
            return name
        parts = zip(found.groups()[1:4], ("TARGET", "MODEL", "VARIANT"), strict=True)
        return "-".join(["slipway-ENV", *(word for given, word in parts if given), found[5]])


@dataclass
class Row:
    """One kind of alarm: its patterns, and how many there are in each catalog."""

    severity: str
    rings: str
    silence: str
    itself: str
    of_prod: bool = False
    patterns: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)


def table(catalogs: Mapping[str, tuple[Words, Sequence[Any]]]) -> str:
    """Return the file's text.

    Args:
        catalogs: By a catalog's title, the shipped one first: its names, and its templates.
    """
    rows: dict[tuple[str, str, str], Row] = {}
    for title, (words, templates) in catalogs.items():
        for template in sorted(templates, key=lambda template: str(template.name)):
            items = list(template.of("CloudWatch::Alarm", "CloudWatch::CompositeAlarm"))
            loud = _paging(items)
            for item in sorted(items, key=lambda item: str(item.get("AlarmName"))):
                _count(rows, title, words, item, "page" if item.logical_id in loud else "inform")
    lines = [_line(section, row, list(catalogs)) for section, row in sorted(rows.items())]
    return HEAD + "\n".join(lines) + "\n"


def _count(
    rows: dict[tuple[str, str, str], Row], title: str, words: Words, item: Any, severity: str
) -> None:
    alarm = item.body["Properties"]
    runbook = _RUNBOOK.search(str(alarm.get("AlarmDescription", "")))
    if runbook is None:
        return  # it moves a fleet: nobody hears it
    pattern = words.pattern(str(alarm.get("AlarmName") or item.logical_id))
    # the environment's page is one, whatever it is made of
    wakes = "wakes" if pattern == "slipway-ENV-page" else severity
    key = (runbook[1], runbook[2], wakes)
    prod = "-prod-" in str(alarm.get("AlarmName"))
    row = rows.setdefault(key, Row(severity, "", "", _itself(pattern)))
    if not row.rings or (prod and not row.of_prod):
        row.rings, row.silence = _rings(alarm)
        row.of_prod = prod
    row.patterns.add(pattern)
    row.counts[title] = row.counts.get(title, 0) + 1


def _rings(alarm: Mapping[str, Any]) -> tuple[str, str]:
    if "AlarmRule" in alarm:
        return "one of its parts rings", ""
    rings, _, silence = condition(alarm).rpartition("; silence ")
    return rings, silence


def _itself(pattern: str) -> str:
    for kinds, words in ITSELF:
        if any(pattern.endswith(f"-{kind}") for kind in kinds):
            return words
    return ""


def _paging(items: Iterable[Any]) -> set[str]:
    """Return the logical ids of composites, and of the alarms in their rules."""
    found: set[str] = set()
    for item in items:
        rule = item.body["Properties"].get("AlarmRule")
        if rule is not None:
            found |= {item.logical_id, *re.findall(r'"Fn::GetAtt": \["(\w+)"', json.dumps(rule))}
    return found


def _line(section: tuple[str, str, str], row: Row, titles: Sequence[str]) -> str:
    file, anchor, _ = section
    names = ", ".join(f"`{pattern}`" for pattern in sorted(row.patterns))
    counts = [str(row.counts.get(title, 0)) for title in titles]
    link = f"[{file}#{anchor}]({file}#{anchor})"
    rings = row.rings.replace("|", "\\|")
    cells = [names, row.severity, rings, row.silence, row.itself, link, *counts]
    return f"| {' | '.join(cells)} |"


def _any(words: Sequence[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True)) or "$^"
