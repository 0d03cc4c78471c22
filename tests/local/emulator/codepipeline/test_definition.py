import pytest

from local.emulator.api import ApiError
from local.emulator.codepipeline.definition import parse


def _action(name, **extra):
    kind = {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"}
    return {"name": name, "actionTypeId": kind, **extra}


def _pipeline(*actions):
    stages = [{"name": "Build", "actions": list(actions)}]
    return {"name": "p", "roleArn": "arn", "stages": stages}


def test_actions_of_one_run_order_run_at_once_and_orders_one_after_the_other():
    pipeline = parse(
        _pipeline(_action("b", runOrder=2), _action("a", runOrder=1), _action("c", runOrder=2))
    )

    steps = [[action.name for action in step] for step in pipeline.stages[0].steps()]

    assert steps == [["a"], ["b", "c"]]


def test_an_artifact_that_no_earlier_action_gives_is_refused():
    with pytest.raises(ApiError, match="Plan"):
        parse(_pipeline(_action("a", inputArtifacts=[{"name": "Plan"}])))
