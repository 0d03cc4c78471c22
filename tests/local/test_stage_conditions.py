"""Stages that look at alarms and variables, try again by themselves, and turn back."""

import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import git
from tests.local.cloud import Cloud, read_template, wait_for

pytestmark = pytest.mark.slow

# Each stage notes the commit that it worked with; the word of a commit says what goes wrong.

WORK = """
version: 0.2
phases:
  build:
    commands:
      - echo "$STAGE $(cat word)" >> "$MARKS/log"
      - test "$STAGE $(cat word)" != "deploy broken"
      - test "$(cat word)" != flaky || ! mkdir "$MARKS/$STAGE-$CODEBUILD_RESOLVED_SOURCE_VERSION"
      - test "$STAGE $(cat word)" != "deploy ringing" || touch "$MARKS/ring"; sleep 0.1
"""


@dataclass(frozen=True)
class Project:
    """A checkout whose pushes start the pipeline."""

    folder: Path
    marks: Path
    cloud: Cloud

    @property
    def api(self) -> Any:
        return self.cloud.client("codepipeline")

    def push(self, word: str, message: str = "change") -> str:
        (self.folder / "word").write_text(word)
        (self.folder / "change").write_text(secrets.token_hex())
        run = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run([*run, "add", "-A"], cwd=self.folder, check=True)
        subprocess.run([*run, "commit", "-qm", message], cwd=self.folder, check=True)
        return git.push(self.folder, self.cloud.place, "conditions")["conditions"]

    def run(self, word: str, message: str = "change") -> dict[str, Any]:
        return self.ended(self.push(word, message))

    def execution(self, execution: str) -> dict[str, Any]:
        return self.api.get_pipeline_execution(
            pipelineName="conditions", pipelineExecutionId=execution
        )["pipelineExecution"]

    def ended(self, execution: str) -> dict[str, Any]:
        def over() -> dict[str, Any] | None:
            found = self.execution(execution)
            return None if found["status"] == "InProgress" else found

        return wait_for(over)

    def newest(self) -> dict[str, Any]:
        listed = self.api.list_pipeline_executions(pipelineName="conditions", maxResults=1)
        (newest,) = listed["pipelineExecutionSummaries"]
        return self.ended(newest["pipelineExecutionId"])

    def stage(self, name: str) -> dict[str, Any]:
        states = self.api.get_pipeline_state(name="conditions")["stageStates"]
        return next(state for state in states if state["stageName"] == name)

    def log(self) -> list[str]:
        """Return what was worked on since the last look: `STAGE WORD` lines."""
        lines = (self.marks / "log").read_text().splitlines()
        (self.marks / "log").write_text("")
        return lines

    def ring(self, state: str) -> None:
        self.cloud.client("cloudwatch").set_alarm_state(
            AlarmName="health", StateValue=state, StateReason="a test says so"
        )


@pytest.fixture(scope="module")
def project(local_cloud, tmp_path_factory):
    found = Project(
        tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("marks"), local_cloud
    )
    template = read_template("conditions_stack.yaml")
    stack = local_cloud.deploy("conditions", template, Marks=str(found.marks))
    assert stack["StackStatus"] == "CREATE_COMPLETE", local_cloud.reasons("conditions")
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=found.folder, check=True)
    (found.folder / "work.yml").write_text(WORK)
    return found


@pytest.fixture(autouse=True)
def quiet(project):
    (project.marks / "log").write_text("")
    project.ring("OK")


@pytest.fixture
def good(project):
    """An execution of the current version that went well everywhere."""
    done = project.run("good")
    assert done["status"] == "Succeeded"
    project.log()
    return done["pipelineExecutionId"]


def test_a_stage_whose_variable_does_not_fit_is_skipped_and_the_next_one_runs(project):
    done = project.run("fine", message="plain")

    assert done["status"] == "Succeeded", done["statusSummary"]
    assert project.log() == ["again fine", "deploy fine"]
    assert project.stage("Maybe")["latestExecution"]["status"] == "Skipped"
    state = project.stage("Maybe")["beforeEntryConditionState"]
    assert state["latestExecution"]["status"] == "Failed"


def test_an_alarm_that_rings_keeps_an_execution_out(project):
    project.ring("ALARM")

    done = project.run("late")

    assert done["status"] == "Failed"
    assert project.log() == ["again late", "maybe late"]
    (condition,) = project.stage("Deploy")["beforeEntryConditionState"]["conditionStates"]
    (rule,) = condition["ruleStates"]
    assert rule["latestExecution"]["summary"] == "health is ALARM: a test says so"


def test_a_failed_stage_goes_back_to_its_last_good_execution_by_itself(project, good):
    failed = project.run("broken")

    assert failed["status"] == "Failed"
    assert f"rolled back to {good}" in failed["statusSummary"]
    rollback = project.newest()
    assert rollback["executionType"] == "ROLLBACK"
    assert rollback["rollbackMetadata"] == {"rollbackTargetPipelineExecutionId": good}
    assert rollback["status"] == "Succeeded"
    assert project.log()[-2:] == ["deploy broken", "deploy good"]


def test_an_alarm_that_rings_after_a_success_turns_the_stage_back(project, good):
    execution = project.push("ringing")
    wait_for((project.marks / "ring").exists)
    project.ring("ALARM")

    ended = project.ended(execution)

    assert ended["status"] == "Failed"
    assert "a condition on success does not hold" in ended["statusSummary"]
    assert project.newest()["rollbackMetadata"]["rollbackTargetPipelineExecutionId"] == good
    assert project.log()[-2:] == ["deploy ringing", "deploy good"]


def test_a_stage_with_automatic_retry_is_tried_once_more(project):
    execution = project.push("flaky")

    ended = project.ended(execution)

    assert project.log()[:2] == ["again flaky", "again flaky"]
    retries = project.stage("Again")["retryStageMetadata"]
    assert retries["autoStageRetryAttempt"] == 1
    assert retries["latestRetryTrigger"] == "AutomatedStageRetry"
    assert ended["status"] == "Failed"  # `Maybe` has none
    assert "Maybe" in ended["statusSummary"]


def test_a_person_turns_a_stage_back_to_an_execution_of_this_version(project, good):
    assert project.run("newer")["status"] == "Succeeded"
    project.log()

    started = project.api.rollback_stage(
        pipelineName="conditions", stageName="Deploy", targetPipelineExecutionId=good
    )

    done = project.ended(started["pipelineExecutionId"])
    assert (done["status"], done["executionType"]) == ("Succeeded", "ROLLBACK")
    assert project.log() == ["deploy good"]


def test_a_pipeline_starts_another_on_its_commit_and_runs_again_once_it_is_changed(project, good):
    def executions() -> list[dict[str, Any]]:
        listed = project.api.list_pipeline_executions(pipelineName="starter")
        return listed["pipelineExecutionSummaries"]

    def ended() -> bool:
        return {item["status"] for item in executions()} == {"Succeeded"}

    project.api.start_pipeline_execution(name="starter")
    wait_for(ended)
    started = project.newest()
    assert started["status"] == "Succeeded"
    assert started["artifactRevisions"] == project.execution(good)["artifactRevisions"]

    template = read_template("conditions_stack.yaml")
    project.cloud.deploy("conditions", template, Marks=str(project.marks), Note="second")

    assert len(executions()) == 2
    wait_for(ended)
    project.newest()


def test_what_cannot_be_gone_back_to_is_refused(project, good):
    def refusal(stage: str, target: str) -> str:
        with pytest.raises(ClientError) as refused:
            project.api.rollback_stage(
                pipelineName="conditions", stageName=stage, targetPipelineExecutionId=target
            )
        return refused.value.response["Error"]["Code"]

    skipped = project.run("fine", message="plain")["pipelineExecutionId"]
    assert refusal("Source", good) == "UnableToRollbackStageException"
    assert refusal("Maybe", skipped) == "UnableToRollbackStageException"
    assert refusal("Nowhere", good) == "StageNotFoundException"

    pipeline = project.api.get_pipeline(name="conditions")["pipeline"]
    project.api.update_pipeline(pipeline=pipeline)

    assert refusal("Deploy", good) == "PipelineExecutionOutdatedException"
    failed = project.run("broken")
    assert "no execution of this version" in failed["statusSummary"]
