import json
from datetime import UTC, datetime, timedelta

import pytest

from catalog.audit import Record
from ops.promotions import of_actions
from ops.standing import beside_promises, by_whom

START = datetime(2026, 11, 22, 3, tzinfo=UTC)
NEW, OLD = "b" * 64, "a" * 64


def action(execution, name, minute, status="Succeeded", stage="Deploy-prod", **more):
    given = {"UserParameters": json.dumps({"environment": "prod", "release": NEW})}
    return {
        "pipelineExecutionId": execution,
        "stageName": stage,
        "actionName": name,
        "status": status,
        "startTime": START + timedelta(minutes=minute),
        "lastUpdateTime": START + timedelta(minutes=minute + 1),
        "input": {"resolvedConfiguration": given if name in ("Promote", "Point") else {}},
    } | more


APPROVED = {"input": {"actionTypeId": {"category": "Approval"}}, "updatedBy": "arn:aws:iam::1:ann"}


def test_a_promotion_is_told_with_its_release_approver_and_the_pointers_moment():
    actions = [
        action("e1", "Approve", 0, stage="Approve-prod", **APPROVED),
        action("e1", "Promote", 2),
        action("e1", "Point", 5),
    ]

    (made,) = of_actions(actions, "prod")

    assert (made.release, made.status, made.by) == (NEW, "Succeeded", "arn:aws:iam::1:ann")
    assert made.began == START + timedelta(minutes=2)
    assert made.moved == START + timedelta(minutes=6)


def test_a_promotion_that_failed_or_runs_has_moved_nothing():
    failed = [action("e1", "Promote", 0), action("e1", "Deploy", 1, "Failed")]
    running = [action("e2", "Promote", 9, "InProgress")]

    second, first = of_actions([*failed, *running], "prod")

    assert (first.status, first.moved) == ("Failed", None)
    assert (second.execution, second.status) == ("e2", "InProgress")


def test_a_step_that_was_tried_again_counts_as_it_ended():
    actions = [action("e1", "Deploy", 0, "Failed"), action("e1", "Deploy", 2)]

    assert of_actions(actions, "prod")[0].status == "Succeeded"


def test_who_only_waits_for_approval_is_no_promotion():
    waiting = action("e1", "Approve", 0, "InProgress", stage="Approve-prod", **APPROVED)

    assert of_actions([waiting], "prod") == []


CHANGE = Record("20261122T025950Z-12345678", "ann", "rollback", "prod", "x", {}, {"release": NEW})


@pytest.mark.parametrize(
    ("changes", "approval", "who"),
    [
        ([CHANGE], [], "ann (rollback)"),
        ([], [action("e1", "Approve", 0, stage="Approve-prod", **APPROVED)], "arn:aws:iam::1:ann"),
        ([], [], "pipeline (e1)"),
    ],
)
def test_a_release_is_live_by_an_operator_an_approver_or_the_pipeline(changes, approval, who):
    moves = of_actions([*approval, action("e1", "Promote", 0), action("e1", "Point", 2)], "prod")

    assert by_whom(NEW, moves, changes) == who
    assert by_whom(OLD, moves, changes) == "unknown"


def test_a_server_that_breaks_the_pointers_promise_says_so_and_no_other():
    servers = {"slipway-prod-search": "InService", "slipway-prod-intent": "2 of 2 tasks"}

    found = beside_promises(servers, ["slipway-prod-search-unpromised", "slipway-prod-intent-slow"])

    assert found == {
        "slipway-prod-search": "InService, but not the promised release",
        "slipway-prod-intent": "2 of 2 tasks",
    }
