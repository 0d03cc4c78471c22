"""The Lambda action: the function answers through PutJobSuccessResult or PutJobFailureResult.

On AWS a function that breaks without an answer leaves the action waiting for its time-out. Here the
error is seen at once and fails the action.
"""

import json
import time
from typing import Any

from local.emulator.codepipeline.actions.context import ActionContext, ActionFailed, Result
from local.emulator.codepipeline.mailbox import NoAnswer

TIMEOUT_S = 20 * 60.0
CONTINUE_AFTER_S = 1.0
GRACE_S = 1.0


def run(context: ActionContext) -> Result:
    """Invoke the function until it answers without a continuation token."""
    deadline = time.monotonic() + (context.action.timeout_s or TIMEOUT_S)
    continuation = None
    context.mailbox.open(context.token)
    try:
        while True:
            letter = _ask(context, continuation, deadline)
            if "failure" in letter:
                raise ActionFailed(letter["failure"]["message"])
            details = letter.get("executionDetails") or {}
            if details.get("externalExecutionId"):
                context.note(externalExecutionId=details["externalExecutionId"])
            continuation = letter.get("continuationToken")
            if not continuation:
                return Result(letter.get("outputVariables") or {}, details.get("summary", ""))
            time.sleep(CONTINUE_AFTER_S)
    except NoAnswer as error:
        raise ActionFailed(f"the function gave no job result: {error}") from error
    finally:
        context.mailbox.close(context.token)


def _ask(context: ActionContext, continuation: str | None, deadline: float) -> Any:
    answer = context.client("lambda").invoke(
        FunctionName=context.configuration["FunctionName"],
        Payload=json.dumps(_event(context, continuation)).encode(),
    )
    left = max(GRACE_S, deadline - time.monotonic())
    try:
        # a function that has failed may still have told why before
        return context.mailbox.wait(
            context.token, GRACE_S if "FunctionError" in answer else left, context.stopped
        )
    except NoAnswer:
        if "FunctionError" in answer:
            raise ActionFailed(_reason(answer)) from None
        raise


def _reason(answer: Any) -> str:
    try:
        error = json.loads(answer["Payload"].read())
        return f"the function failed: {error.get('errorType')}: {error.get('errorMessage')}"
    except ValueError:
        return "the function failed"


def _event(context: ActionContext, continuation: str | None) -> dict[str, Any]:
    keys = context.credentials
    configuration = {
        key: context.configuration[key]
        for key in ("FunctionName", "UserParameters")
        if key in context.configuration
    }
    data: dict[str, Any] = {
        "actionConfiguration": {"configuration": configuration},
        "inputArtifacts": [
            {
                "name": name,
                "revision": context.revision,
                "location": {
                    "type": "S3",
                    "s3Location": {
                        "bucketName": context.artifacts[name].bucket,
                        "objectKey": context.artifacts[name].key,
                    },
                },
            }
            for name in context.action.inputs
        ],
        "outputArtifacts": [],
        "artifactCredentials": {
            "accessKeyId": keys.access_key,
            "secretAccessKey": keys.secret_key,
            "sessionToken": keys.token,
        },
    }
    if continuation:
        data["continuationToken"] = continuation
    account = context.pipeline.role.split(":")[4]
    return {"CodePipeline.job": {"id": context.token, "accountId": account, "data": data}}
