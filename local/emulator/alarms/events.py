"""Changes of an alarm's state as EventBridge events, so that rules on them fire."""

import datetime
import json
import logging
from typing import Any

from ministack.services import cloudwatch, eventbridge

from local.emulator import gateway
from local.emulator.hooks import wrap

LOGGER = logging.getLogger("slipway.alarms")


def install() -> None:
    """Tell of each change where it is written into the alarm's history."""
    wrap("ministack.services.cloudwatch", "_record_history", _telling)


def _telling(original: Any) -> Any:
    def record(name: str, old: str, new: str, reason: str, *more: Any, **named: Any) -> None:
        original(name, old, new, reason, *more, **named)
        if old != new:
            try:
                _emit(name, old, new, reason)
            except Exception:
                LOGGER.exception("cannot tell of a change of alarm %s", name)

    return record


def _emit(name: str, old: str, new: str, reason: str) -> None:
    alarm = cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name) or {}
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
    watches = {key: alarm[key] for key in ("AlarmRule", "Metrics") if key in alarm}
    detail = {
        "alarmName": name,
        "state": {"value": new, "reason": reason, "timestamp": now},
        "previousState": {"value": old},
        "configuration": {
            "description": alarm.get("AlarmDescription") or "",
            **{key[0].lower() + key[1:]: value for key, value in watches.items()},
        },
    }
    arn = f"arn:aws:cloudwatch:{gateway.region()}:{gateway.account()}:alarm:{name}"
    entry = {
        "Source": "aws.cloudwatch",
        "DetailType": "CloudWatch Alarm State Change",
        "Resources": [arn],
        "Detail": json.dumps(detail, default=str),
    }
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
