"""The manual approval: waits for PutApprovalResult, for seven days at most."""

import json

from local.emulator.codepipeline.actions.context import ActionContext, ActionFailed, Result
from local.emulator.codepipeline.mailbox import NoAnswer

TIMEOUT_S = 7 * 24 * 3600.0


def run(context: ActionContext) -> Result:
    """Tell the topic, if there is one, and wait for a person's answer."""
    context.mailbox.open(context.token)
    context.note(token=context.token)  # from now on a person can see what to answer to
    try:
        _notify(context)
        letter = context.mailbox.wait(
            context.token, context.action.timeout_s or TIMEOUT_S, context.stopped
        )
    except NoAnswer as error:
        raise ActionFailed(f"not approved: {error}") from error
    finally:
        context.mailbox.close(context.token)
    if letter["status"] != "Approved":
        raise ActionFailed(f"Rejected: {letter.get('summary', '')}")
    return Result(summary=letter.get("summary", ""))


def _notify(context: ActionContext) -> None:
    topic = context.configuration.get("NotificationArn")
    if not topic:
        return
    message = {
        "approval": {
            "pipelineName": context.pipeline.name,
            "stageName": context.stage.name,
            "actionName": context.action.name,
            "token": context.token,
            "customData": context.configuration.get("CustomData", ""),
            "externalEntityLink": context.configuration.get("ExternalEntityLink", ""),
        }
    }
    context.client("sns").publish(
        TopicArn=topic,
        Subject=f"APPROVAL NEEDED: {context.pipeline.name}"[:100],
        Message=json.dumps(message),
    )
