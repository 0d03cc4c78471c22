"""A push runs the deployed pipeline: source, builds, Lambda, approval, each under its role."""

import json
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local import git
from tests.local.cloud import Cloud, read_template, wait_for

FIRST = """
version: 0.2
env:
  exported-variables: [WORD]
  parameter-store: {STORED: /test/word}
phases:
  build:
    commands:
      - echo "$GREETING $CODEBUILD_RESOLVED_SOURCE_VERSION"
      - export WORD="$(cat word 2> /dev/null || echo "$STORED")"
      - python -c "import own; own.write('made.txt')"
artifacts: {files: [made.txt]}
"""
SIDE = """
version: 0.2
phases:
  build:
    commands:
      - test "$WORD" != gate || exit 7
      - grep made "$CODEBUILD_SRC_DIR_Made/made.txt"
      - date +%s.%N > "$TMPDIR/now"
"""
OWN = "def write(name):\n    open(name, 'w').write('made by the pushed commit')\n"


@dataclass(frozen=True)
class Project:
    """A checkout whose pushes start the pipeline, and the pipeline's API."""

    folder: Path
    cloud: Cloud
    outputs: dict[str, str]

    @property
    def api(self) -> Any:
        return self.cloud.client("codepipeline")

    def commit(self, **files: str) -> None:
        for name, text in files.items():
            path = self.folder / name.replace("__", "/").replace("_", ".", 1)
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        run = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run([*run, "add", "-A"], cwd=self.folder, check=True)
        subprocess.run([*run, "commit", "-qm", "change"], cwd=self.folder, check=True)

    def push(self, **files: str) -> str:
        self.commit(**files, change=secrets.token_hex())
        return git.push(self.folder, self.cloud.place)["test"]

    def status(self, execution: str) -> str:
        found = self.api.get_pipeline_execution(pipelineName="test", pipelineExecutionId=execution)
        return found["pipelineExecution"]["status"]

    def ended(self, execution: str) -> str:
        def over() -> str | None:
            status = self.status(execution)
            return None if status == "InProgress" else status

        return wait_for(over)

    def answer(self, execution: str, status: str) -> None:
        def token() -> str | None:
            stage = self.api.get_pipeline_state(name="test")["stageStates"][2]
            if stage.get("latestExecution", {}).get("pipelineExecutionId") != execution:
                return None
            return stage["actionStates"][1].get("latestExecution", {}).get("token")

        self.api.put_approval_result(
            pipelineName="test",
            stageName="Ask",
            actionName="Approve",
            result={"summary": "seen", "status": status},
            token=wait_for(token),
        )

    def actions(self, execution: str) -> dict[str, Any]:
        found = self.api.list_action_executions(
            pipelineName="test", filter={"pipelineExecutionId": execution}
        )["actionExecutionDetails"]
        return {action["actionName"]: action for action in reversed(found)}

    def failure(self, execution: str, action: str) -> str:
        result = self.actions(execution)[action]["output"]["executionResult"]
        return result["errorDetails"]["message"]


@pytest.fixture(scope="module")
def project(local_cloud, tmp_path_factory):
    stack = local_cloud.deploy("pipeline", read_template("pipeline_stack.yaml"))
    assert stack["StackStatus"] == "CREATE_COMPLETE", local_cloud.reasons("pipeline")
    outputs = {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}
    found = Project(tmp_path_factory.mktemp("project"), local_cloud, outputs)
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=found.folder, check=True)
    found.commit(first_yml=FIRST, side_yml=SIDE, own_py=OWN)
    return found


def test_a_push_runs_every_stage_and_waits_for_a_person(project):
    execution = project.push()
    project.answer(execution, "Approved")

    assert project.ended(execution) == "Succeeded"
    actions = project.actions(execution)
    assert actions["Answer"]["output"]["outputVariables"] == {"HEARD": "kept"}
    approval = actions["Approve"]["input"]["resolvedConfiguration"]
    assert approval == {"CustomData": "Is kept right?"}
    left, right = actions["Left"], actions["Right"]
    assert left["startTime"] < right["lastUpdateTime"]
    assert right["startTime"] < left["lastUpdateTime"]
    assert_log_is_in_a_file_and_in_cloudwatch(project, actions["First"])


def assert_log_is_in_a_file_and_in_cloudwatch(project, action):
    build = action["output"]["executionResult"]["externalExecutionId"]
    log = project.cloud.place.builds / f"{build.replace(':', '-')}.log"
    record = project.cloud.client("codebuild").batch_get_builds(ids=[build])["builds"][0]
    streamed = project.cloud.client("logs").get_log_events(
        logGroupName=record["logs"]["groupName"], logStreamName=record["logs"]["streamName"]
    )["events"]
    said = f"hello {record['resolvedSourceVersion']}"
    assert said in log.read_text()
    assert said in [event["message"] for event in streamed]
    assert record["exportedEnvironmentVariables"] == [{"name": "WORD", "value": "kept"}]


def test_a_rejection_fails_the_stage_and_a_retry_asks_again_alone(project):
    execution = project.push()
    project.answer(execution, "Rejected")
    assert project.ended(execution) == "Failed"
    assert "Rejected: seen" in project.failure(execution, "Approve")

    project.api.retry_stage_execution(
        pipelineName="test",
        stageName="Ask",
        pipelineExecutionId=execution,
        retryMode="FAILED_ACTIONS",
    )
    project.answer(execution, "Approved")

    assert project.ended(execution) == "Succeeded"
    runs = project.api.list_action_executions(
        pipelineName="test", filter={"pipelineExecutionId": execution}
    )["actionExecutionDetails"]
    assert [run["actionName"] for run in runs].count("Answer") == 1


def test_a_failing_build_stops_the_pipeline_and_says_which_line_it_ended_with(project):
    execution = project.push(word="gate")

    assert project.ended(execution) == "Failed"
    assert "BUILD: exit status 7; the last line was" in project.failure(execution, "Left")
    assert "Answer" not in project.actions(execution)


def test_a_lambda_that_breaks_fails_its_action_with_its_error(project):
    execution = project.push(word="break")

    assert project.ended(execution) == "Failed"
    assert "broken on purpose" in project.failure(execution, "Answer")
    (project.folder / "word").unlink()


def test_a_role_without_the_permission_is_denied_and_works_again_once_it_has_it(project):
    iam = project.cloud.client("iam")
    role = project.outputs["BuildRole"]
    policy = iam.get_role_policy(RoleName=role, PolicyName="build")["PolicyDocument"]
    document = policy if isinstance(policy, str) else json.dumps(policy)
    iam.delete_role_policy(RoleName=role, PolicyName="build")
    denied = project.push()

    assert project.ended(denied) == "Failed"
    assert "AccessDenied" in project.failure(denied, "First")

    iam.put_role_policy(RoleName=role, PolicyName="build", PolicyDocument=document)
    allowed = project.push()
    project.answer(allowed, "Approved")
    assert project.ended(allowed) == "Succeeded"


def test_a_second_push_waits_for_the_first_in_every_stage(project):
    first, second = project.push(), project.push()
    project.answer(first, "Approved")
    project.answer(second, "Approved")

    assert project.ended(first) == "Succeeded"
    assert project.ended(second) == "Succeeded"
    for name in ("First", "Answer"):
        before, after = project.actions(first)[name], project.actions(second)[name]
        assert before["lastUpdateTime"] <= after["startTime"]


def test_a_push_of_files_that_the_trigger_excludes_starts_nothing(project):
    project.commit(docs__a_md="text")

    assert git.push(project.folder, project.cloud.place) == {}


def test_a_stopped_execution_goes_no_further(project):
    execution = project.push()
    wait_for(lambda: "Approve" in project.actions(execution))

    project.api.stop_pipeline_execution(pipelineName="test", pipelineExecutionId=execution)

    def stopped() -> bool:
        return project.status(execution) in {"Stopped", "Failed"}

    wait_for(stopped)
