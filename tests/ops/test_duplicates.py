import datetime

import pytest
from rich.console import Console

from ops import duplicates
from ops.account import Account, NotDeployed

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:slipway-dev-duplicates"
OUTPUTS = {
    "slipway-dev-base": {"EnvironmentBucket": "bucket"},
    "slipway-dev-duplicates": {
        "StateMachine": MACHINE,
        "Input": "batch/duplicates/input/",
        "Output": "batch/duplicates/output/abc/",
    },
}


class States:
    """Step Functions with executions that each say, call by call, how they are."""

    def __init__(self, *statuses: str) -> None:
        self.inputs: list[str] = []
        self._statuses = list(statuses)

    def start_execution(self, **asked: str) -> dict:
        assert asked["stateMachineArn"] == MACHINE
        self.inputs.append(asked["input"])
        return {"executionArn": "run"}

    def list_executions(self, **_: object) -> dict:
        return {"executions": [{"executionArn": "run"}]}

    def describe_execution(self, **_: object) -> dict:
        status = self._statuses.pop(0)
        began = datetime.datetime(2026, 11, 22, 3, 0, tzinfo=datetime.UTC)
        ended = {"stopDate": began + datetime.timedelta(minutes=3)} if status != "RUNNING" else {}
        cause = {"cause": "exit code: 2"} if status == "FAILED" else {}
        return {"status": status, "startDate": began, **ended, **cause}


class Deployed(Account):
    """An account with the job in dev."""

    def __init__(self, states: States) -> None:
        self._states = states

    def client(self, service: str) -> States:
        assert service == "stepfunctions"
        return self._states

    def output(self, stack: str, key: str) -> str:
        if stack not in OUTPUTS:
            raise NotDeployed(f"stack {stack}: not deployed here")
        return OUTPUTS[stack][key]


def test_an_operator_starts_the_state_machine_that_the_schedule_starts_too():
    states = States()

    assert duplicates.start(Deployed(states), "dev") == "run"
    assert states.inputs == ['{"startedBy": "operator"}']


def test_a_run_is_waited_for_until_it_has_ended(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(duplicates, "POLL_S", 0)

    ended = duplicates.wait(Deployed(States("RUNNING", "RUNNING", "FAILED")), "run")

    assert duplicates.reason(ended) == "exit code: 2"


def test_the_last_runs_are_shown_with_why_they_failed_and_where_scores_lie():
    console = Console(record=True, width=160)

    duplicates.print_status(Deployed(States("FAILED")), "dev", console)

    shown = console.export_text()
    assert "s3://bucket/batch/duplicates/output/abc/" in shown
    assert "3.0" in shown
    assert "exit code: 2" in shown


def test_an_environment_without_the_job_says_so():
    with pytest.raises(NotDeployed, match="slipway-prod-duplicates"):
        duplicates.start(Deployed(States()), "prod")
