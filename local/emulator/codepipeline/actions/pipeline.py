"""The pipeline action: starts another pipeline and does not wait for it."""

import json

from local.emulator.codepipeline.actions.context import ActionContext, Result


def run(context: ActionContext) -> Result:
    """Start an execution, of the commits and with the variables that the configuration gives."""
    wanted = context.configuration
    given = {
        "sourceRevisions": json.loads(wanted.get("SourceRevisions") or "[]"),
        "variables": json.loads(wanted.get("Variables") or "[]"),
    }
    execution = context.client("codepipeline").start_pipeline_execution(
        name=wanted["PipelineName"], **{key: items for key, items in given.items() if items}
    )["pipelineExecutionId"]
    context.note(externalExecutionId=execution)
    return Result(variables={"PipelineExecutionId": execution}, summary=execution)
