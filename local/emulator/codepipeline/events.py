"""State changes as EventBridge events, so that rules on them fire."""

import json
import logging
from typing import Any

from ministack.services import eventbridge

from local.emulator import gateway

LOGGER = logging.getLogger("slipway.codepipeline")


def emit(kind: str, pipeline: str, detail: dict[str, Any]) -> None:
    """Publish an event of source `aws.codepipeline`.

    Args:
        kind: `Pipeline`, `Stage` or `Action`.
        pipeline: The pipeline's name.
        detail: Execution, state and, where it applies, stage and action.
    """
    arn = f"arn:aws:codepipeline:{gateway.region()}:{gateway.account()}:{pipeline}"
    entry = {
        "Source": "aws.codepipeline",
        "DetailType": f"CodePipeline {kind} Execution State Change",
        "Resources": [arn],
        "Detail": json.dumps({"pipeline": pipeline, **detail}),
    }
    try:
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
    except Exception:
        LOGGER.exception("cannot publish a state change of %s", pipeline)
