"""A stage of the pipeline: what is in it now."""

from typing import Any

OPEN = ("InProgress", "Stopping", "Cancelling")


def latest(client: Any, pipeline: str, stage: str) -> dict[str, Any]:
    """Return the latest execution that entered a stage; empty where there is none.

    Args:
        client: A boto3 CodePipeline client, in the account that the pipeline is in.
        pipeline: The pipeline's name.
        stage: The stage's.
    """
    for found in client.get_pipeline_state(name=pipeline)["stageStates"]:
        if found["stageName"] == stage:
            return dict(found.get("latestExecution") or {})
    return {}


def under_way(client: Any, pipeline: str, stage: str) -> bool:
    """Say whether a deployment or a rollback is in a stage now; nothing is where no pipeline is."""
    try:
        return latest(client, pipeline, stage).get("status") in OPEN
    except client.exceptions.PipelineNotFoundException:
        return False
