"""The Step Functions action: one execution of a state machine."""

import time

from local.emulator.codepipeline.actions.context import ActionContext, ActionFailed, Result

POLL_S = 0.2


def run(context: ActionContext) -> Result:
    """Start an execution and wait for its end."""
    wanted = context.configuration
    if wanted.get("InputType", "Literal") != "Literal":
        raise ActionFailed("the local cloud passes literal input to state machines only")
    states = context.client("stepfunctions")
    prefix = wanted.get("ExecutionNamePrefix", "codepipeline")
    arn = states.start_execution(
        stateMachineArn=wanted["StateMachineArn"],
        name=f"{prefix}-{context.token}"[:80],
        input=wanted.get("Input") or "{}",
    )["executionArn"]
    context.note(externalExecutionId=arn)
    while (found := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
        time.sleep(POLL_S)
    if found["status"] != "SUCCEEDED":
        raise ActionFailed(
            f"{arn} {found['status']}: {found.get('error', '')} {found.get('cause', '')}".strip()
        )
    return Result(
        variables={"ExecutionArn": arn, "StateMachineArn": wanted["StateMachineArn"]},
        summary=found.get("output", "")[:200],
    )
