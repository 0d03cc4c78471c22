"""What a person does in the drill, inside its clone: ask the chip's host, try the stage again."""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.chip.checkout import FOLDER
from local.clients import client, environment
from local.paths import ROOT
from ops.account import Account
from ops.executions import PIPELINE, Executions

STAGE = "Prove-dev"


def main() -> int:
    """Run `python -m benchmarks.chip.inside prove | retry`."""
    os.environ.update(environment())
    return {"prove": _prove, "retry": _retry}[sys.argv[1]]()


def _prove() -> int:
    """Run the on-chip suite as on a host with the chip, which is emulated here."""
    from model_build.__main__ import main as model_build

    os.environ.update(_tooling())
    os.environ["SLIPWAY_NEURON_PYTHON"] = str(ROOT / FOLDER / "python")
    out = Path("evidence.json")
    code = model_build(["onchip", "--release", _newest()[1], "--out", str(out)])
    for name, evidence in json.loads(out.read_text()).items():
        print(f"{name}: evidence of machine {evidence['machine']['chips']}")
    return code


def _retry() -> int:
    """Try the failed stage again, and tell what the execution does from then on."""
    pipelines = client("codepipeline")
    execution, _ = _newest()
    began = datetime.now(UTC)
    pipelines.retry_stage_execution(
        pipelineName=PIPELINE,
        stageName=STAGE,
        pipelineExecutionId=execution,
        retryMode="FAILED_ACTIONS",
    )
    told: set[str] = set()
    for actions in Executions(pipelines, PIPELINE).looks(execution):
        for action in actions:
            name = f"{action['stageName']} {action['actionName']}"
            new = action["startTime"] >= began and name not in told
            if new and action["status"] in ("Succeeded", "Failed"):
                told.add(name)
                print(f"{name} done: {action['status']}")
    print(f"staging serves release {Account().pointer('staging')[:12]}")
    return 0


def _tooling() -> dict[str, str]:
    """Return the variables of the project that runs the stage: the host's are the same."""
    (project,) = client("codebuild").batch_get_projects(names=["slipway-prove"])["projects"]
    declared = project["environment"]["environmentVariables"]
    return {item["name"]: item["value"] for item in declared}


def _newest() -> tuple[str, str]:
    """Return the newest execution of the models' pipeline, and the release that it made."""
    pipelines = client("codepipeline")
    found = pipelines.list_pipeline_executions(pipelineName=PIPELINE, maxResults=1)
    execution = str(found["pipelineExecutionSummaries"][0]["pipelineExecutionId"])
    release = Executions(pipelines, PIPELINE).release(execution)
    assert release is not None, "it came as far as the stage"
    return execution, release


if __name__ == "__main__":
    sys.exit(main())
