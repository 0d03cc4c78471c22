"""Lambda `answer_alarm`: decides what an alarm is answered with, does it once, keeps why.

EventBridge calls it with each alarm of the environment that begins to ring; a person may call it
with the same event.
"""

from collections.abc import Mapping
from typing import Any

from lambdas.answer_alarm.aws import Environment
from lambdas.answer_alarm.env import Settings
from lambdas.answer_alarm.logic import INFORMS, Decision, decide, parse
from lambdas.answer_alarm.turning import Pipeline
from lambdas.common import clients
from lambdas.common.log import Log


def handle(event: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Answer one alarm; AWS may tell of it twice, which changes nothing.

    Raises:
        Refused, ClientError: It could not be done. AWS tries twice more, then tells people.
    """
    settings = Settings.from_environment()
    alarm = parse(event)
    log = Log("answer_alarm", alarm.event)
    pipeline = Pipeline(clients.delivery(), settings.pipeline, settings.stage)
    environment = Environment(settings, pipeline)
    decision = decide(alarm, environment.facts(alarm), settings.policy)
    if decision.cause and not environment.claim(alarm, decision):
        decision = Decision("nothing", "another alarm of the same cause was faster")
    log("decided", alarm=alarm.name, action=decision.action, why=decision.why)
    if decision == INFORMS:
        return {"action": decision.action, "why": decision.why}
    failed, outcome = False, ""
    try:
        outcome = environment.act(alarm, decision)
    except Exception as error:
        failed, outcome = True, str(error)
        raise
    finally:
        if decision.action != "nothing":
            outcome = f"{outcome} {environment.open_ops_item(alarm, decision, outcome)}".strip()
        environment.record(alarm, decision, outcome, failed=failed)
        log("answered", alarm=alarm.name, action=decision.action, outcome=outcome, failed=failed)
    return {"action": decision.action, "why": decision.why, "outcome": outcome}
