from local.emulator.codepipeline import records
from local.emulator.codepipeline.definition import Action, Pipeline, Stage


def test_what_a_killed_cloud_left_open_is_failed_and_what_had_ended_stays():
    actions = tuple(
        Action(name, "Build", "CodeBuild", 1, {}, (), (), None, None, None) for name in "ab"
    )
    stage = Stage("Build", actions)
    pipeline = Pipeline("p", 1, "role", "bucket", None, "QUEUED", (stage,))
    execution = records.new_execution(pipeline, {}, {}, {}, {})
    execution["stages"]["Build"] = "InProgress"
    done, cut = (records.new_action(execution, stage, action, None) for action in actions)
    records.close(done, "Succeeded")

    records.interrupt(execution)

    assert (done["status"], cut["status"]) == ("Succeeded", "Failed")
    assert cut["errorDetails"]["message"] == records.INTERRUPTED
    assert execution["status"] == execution["stages"]["Build"] == "Failed"


def test_an_execution_is_inside_while_its_actions_run_or_its_conditions_are_looked_at():
    execution = {"status": "InProgress", "stages": {"Deploy": "InProgress"}}
    assert records.is_inside(execution, "Deploy")
    assert not records.is_inside(execution, "Other")

    execution["stages"]["Deploy"] = "Succeeded"
    assert not records.is_inside(execution, "Deploy")
    records.begin_condition(execution, "Deploy", "onSuccess")
    assert records.is_inside(execution, "Deploy")
    execution["status"] = "Stopping"
    assert not records.is_inside(execution, "Deploy"), "it gives way"
