"""One alarm as it stands: its state and since when, how loud it is, where to read on."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from ops.alarms.words import condition

Severity = Literal["page", "inform", "guard", "scaling"]
ORDER = ("ALARM", "INSUFFICIENT_DATA", "OK")
_RUNBOOK = re.compile(r"docs/runbooks/([\w-]+\.md#[\w-]+)")


@dataclass(frozen=True)
class Alarm:
    """A deployed alarm.

    Attributes:
        name: Its name.
        state: `ALARM`, `OK` or `INSUFFICIENT_DATA`.
        since: When it came into that state, in UTC.
        severity: `page` wakes somebody (itself or through a composite), `inform` is read by day,
            `guard` is only read by rollouts, `scaling` moves a fleet.
        summary: What is wrong when it rings.
        runbook: The section below `docs/runbooks`, such as `endpoint.md#slow`; empty if none.
        rings: When it rings, in words.
        why: Why it has its state, in CloudWatch's words.
        document: Its whole definition.
    """

    name: str
    state: str
    since: datetime
    severity: Severity
    summary: str
    runbook: str
    rings: str
    why: str
    document: Mapping[str, Any]

    @property
    def composite(self) -> bool:
        """Say whether it watches other alarms."""
        return "AlarmRule" in self.document

    @property
    def parts(self) -> list[str]:
        """Return the names of the alarms that a composite watches."""
        return _named(self.document)

    def to_json(self) -> dict[str, Any]:
        """Return it for machines, without its definition."""
        found = asdict(self)
        del found["document"]
        return found | {"since": f"{self.since:%Y-%m-%dT%H:%M:%SZ}"}


def alarms_of(documents: Sequence[Mapping[str, Any]]) -> list[Alarm]:
    """Return alarms from their descriptions, those that ring first, loudest first."""
    paging = {str(item["AlarmName"]) for item in documents if _told(item) == "page"}
    paging = _with_parts(paging, documents)
    made = [_alarm(item, paging) for item in documents]
    loudness = ("page", "inform", "guard", "scaling")
    return sorted(
        made,
        key=lambda a: (ORDER.index(a.state), loudness.index(a.severity), not a.composite, a.name),
    )


def _with_parts(names: set[str], documents: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return alarms with the parts of the composites among them, and the parts of these."""
    parts = {str(item["AlarmName"]): _named(item) for item in documents}
    found, new = set(names), set(names)
    while new:
        new = {part for name in new for part in parts.get(name, ())} - found
        found |= new
    return found


def _alarm(document: Mapping[str, Any], paging: set[str]) -> Alarm:
    description = str(document.get("AlarmDescription", ""))
    runbook = _RUNBOOK.search(description)
    severity = "page" if document["AlarmName"] in paging else _told(document)
    return Alarm(
        name=str(document["AlarmName"]),
        state=str(document.get("StateValue", "INSUFFICIENT_DATA")),
        since=_since(document),
        severity=severity,
        summary=_RUNBOOK.sub("", description).strip(),
        runbook=runbook.group(1) if runbook else "",
        rings=condition(document),
        why=str(document.get("StateReason", "")),
        document=document,
    )


def _since(document: Mapping[str, Any]) -> datetime:
    # the first is newer in the API, and does not move when only the reason changes
    found = document.get("StateTransitionedTimestamp") or document.get("StateUpdatedTimestamp")
    return found.astimezone(UTC) if isinstance(found, datetime) else datetime.fromtimestamp(0, UTC)


def _told(document: Mapping[str, Any]) -> Severity:
    targets = [str(action) for action in document.get("AlarmActions") or ()]
    if any(target.endswith("-page") for target in targets):
        return "page"
    if any(":autoscaling:" in target for target in targets):
        return "scaling"
    return "inform" if targets else "guard"


def _named(document: Mapping[str, Any]) -> list[str]:
    """Return the alarms in a composite's rule, given there by name or ARN."""
    found = re.findall(r"\(\s*\"?([^()\"]+?)\"?\s*\)", str(document.get("AlarmRule", "")))
    return list(dict.fromkeys(name.rsplit(":alarm:", 1)[-1] for name in found))
