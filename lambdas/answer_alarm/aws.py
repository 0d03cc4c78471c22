"""Reads what is so, and does what was decided."""

import json
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from catalog import digest
from catalog.audit import Record, new_id
from catalog.bucket import Bucket
from lambdas.answer_alarm.env import Settings
from lambdas.answer_alarm.logic import Alarm, Decision, Facts
from lambdas.answer_alarm.turning import Pipeline
from lambdas.common import clients

CAUSES = "answers/causes/"
RETRIED_S = 3600.0  # for so long AWS may call again with an event that was not answered
SEVERITY = {"rollback": "2", "tell": "3"}


@dataclass(frozen=True)
class Environment:
    """One environment: its pointers, its pipeline's stage, and the answers it was given."""

    settings: Settings
    pipeline: Pipeline

    @property
    def bucket(self) -> Bucket:
        """Return the environment's bucket."""
        return Bucket(self.settings.bucket, clients.client("s3"))

    def facts(self, alarm: Alarm) -> Facts:
        """Return what is so now; an answer that this very event began is left to go on."""
        live, since = self._pointer(self.settings.release_parameter)
        previous, _ = self._pointer(self.settings.previous_parameter)
        return Facts(
            live, previous, time.time() - since, self.pipeline.rolling(), self._answers(alarm)
        )

    def claim(self, alarm: Alarm, decision: Decision) -> bool:
        """Take a cause, so that nobody else answers it; the same event may go on with its own."""
        key = f"{CAUSES}{decision.cause}.json"
        claim = {"event": alarm.event, "alarm": alarm.name}
        return self.bucket.put_once(key, digest.canonical(claim)) or self._is_own(key, alarm)

    def act(self, alarm: Alarm, decision: Decision) -> str:
        """Do what was decided and return what came of it."""
        if decision.action == "rollback":
            return self.pipeline.turn_back(decision, f"alarm {alarm.name}")
        if decision.action == "retrain":
            return self.pipeline.start()
        if decision.action == "rebaseline":
            answer = clients.client("stepfunctions").start_execution(
                stateMachineArn=self.settings.drift_machine,
                input=json.dumps({"startedBy": alarm.name, "rebaseline": "1"}),
            )
            return str(answer["executionArn"])
        return ""

    def open_ops_item(self, alarm: Alarm, decision: Decision, done: str) -> str:
        """Open an OpsItem about an alarm, unless one is open; return its id."""
        ssm = clients.client("ssm")
        subject = decision.cause or alarm.name
        words = f"{alarm.description}\n\n{alarm.reason}\n\n{decision.action}: {decision.why} {done}"
        try:
            made = ssm.create_ops_item(
                Title=f"{alarm.name} rings"[:1024],
                Description=words[:2048].strip(),
                Source="Slipway",
                Category="Availability",
                Severity=SEVERITY.get(decision.action, "3"),
                OperationalData={
                    "/aws/dedup": {
                        "Value": json.dumps({"dedupString": subject[:64]}),
                        "Type": "SearchableString",
                    }
                },
            )
        except ssm.exceptions.OpsItemAlreadyExistsException as error:
            return str(error.response.get("OpsItemId", "open already"))
        return str(made["OpsItemId"])

    def record(self, alarm: Alarm, decision: Decision, outcome: str, *, failed: bool) -> None:
        """Keep what was decided, as a change by an operator is kept."""
        change = Record(
            id=new_id(datetime.now(UTC), uuid.uuid4().hex),
            who=f"automatic:{alarm.name}",
            action=decision.action,
            environment=self.settings.environment,
            reason=f"{decision.why}. {alarm.reason}",
            before={"release": decision.blamed} if decision.blamed else {},
            after={"release": decision.target} if decision.target else {},
            state="failed" if failed else "done",
            outcome=outcome,
        )
        self.bucket.put_once(change.key, change.to_json())

    def _pointer(self, name: str) -> tuple[str, float]:
        found = clients.client("ssm").get_parameter(Name=name)["Parameter"]
        return str(found["Value"]), found["LastModifiedDate"].timestamp()

    def _answers(self, alarm: Alarm) -> dict[str, float]:
        """Return the age in seconds of each cause that was answered."""
        s3, now = clients.client("s3"), time.time()
        found: dict[str, float] = {}
        for page in s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.settings.bucket, Prefix=CAUSES
        ):
            for item in page.get("Contents", ()):
                age = now - item["LastModified"].timestamp()
                if age > RETRIED_S or not self._is_own(item["Key"], alarm):
                    cause = item["Key"].removeprefix(CAUSES).removesuffix(".json")
                    found[cause] = age
        return found

    def _is_own(self, key: str, alarm: Alarm) -> bool:
        return bool(json.loads(self.bucket.get(key) or b"{}").get("event") == alarm.event)
