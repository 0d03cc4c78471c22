"""What was changed by hand or by an automatic answer: who, what, when, why, from what to what.

A record is an object below `audit/` in the environment's bucket, encrypted with its key and never
overwritten. A change writes one before it begins and one when it has ended, so that what was
interrupted is seen as such. Standard library alone: Lambdas carry it without wheels.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Literal

PREFIX = "audit/"
State = Literal["asked", "done", "failed"]
_ORDER = ("asked", "failed", "done")


@dataclass(frozen=True)
class Record:
    """One change of one environment.

    Attributes:
        id: The same in both records of a change: `YYYYMMDDTHHMMSSZ-XXXXXXXX`.
        who: The ARN of the caller, or `automatic:ALARM`.
        action: The command, such as `rollback`.
        environment: Which environment.
        reason: Why, in the words of whoever did it.
        before: What was, by name.
        after: What is to be, by name.
        state: `asked` before it begins; then `done`, or `failed`.
        outcome: How it ended, in a sentence.
    """

    id: str
    who: str
    action: str
    environment: str
    reason: str
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    state: State = "asked"
    outcome: str = ""

    @property
    def at(self) -> str:
        """Return when it was asked for, in UTC: `YYYY-MM-DD HH:MM:SS`."""
        moment = datetime.strptime(self.id.split("-")[0], "%Y%m%dT%H%M%SZ")
        return f"{moment:%Y-%m-%d %H:%M:%S}"

    @property
    def key(self) -> str:
        """Return where the record lies."""
        return f"{PREFIX}{self.id}-{self.state}.json"

    def ended(self, state: State, outcome: str) -> "Record":
        """Return the record of how the change ended."""
        return replace(self, state=state, outcome=outcome)

    def to_json(self) -> bytes:
        """Return the object's bytes."""
        return (json.dumps(asdict(self), indent=1, sort_keys=True) + "\n").encode()

    @staticmethod
    def from_json(data: bytes) -> "Record":
        """Return a record from an object's bytes."""
        return Record(**json.loads(data))


def new_id(at: datetime, entropy: str) -> str:
    """Return the identity of a change.

    Args:
        at: When, in UTC.
        entropy: Tells changes of one second apart; its first eight characters are used.
    """
    return f"{at:%Y%m%dT%H%M%SZ}-{entropy[:8]}"


def latest(records: Iterable[Record]) -> list[Record]:
    """Return one record for each change, the furthest it came; newest change first."""
    found: dict[str, Record] = {}
    for record in sorted(records, key=lambda item: _ORDER.index(item.state)):
        found[record.id] = record
    return [found[name] for name in sorted(found, reverse=True)]
