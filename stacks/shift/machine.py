"""The state machine of a weight shift, in the Amazon States Language with JSONata; pure.

    Look > Ready > Quiet > Step > Move > Watch > Alarms > Decide > ... > Step, or Tidy > Done

From Move and Alarms when they fail, and from Decide when an alarm rings: TurnBack > TurnedBack.
Neither end is reached before the endpoint has taken up its last weights.
It resumes where an execution before it stopped, since it begins at the weights that it finds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog.environment import Rollout
from stacks.shift.where import BLUE, GREEN

SETTLE_SECONDS = 15
SETTLE_ATTEMPTS = 120
LEAST_POLL_SECONDS = 30
POLLS = 60  # of a wait at most: an execution's history ends at 25,000 events
IN_PROGRESS = ["Creating", "Updating", "SystemUpdating"]
Json = dict[str, Any]


@dataclass(frozen=True)
class ShiftPlan:
    """One endpoint's shift.

    Attributes:
        endpoint: Its name.
        alarms: Names of those that turn it back, at most 100.
        rollout: Step, wait and bake.
        rest_count: The machines that blue keeps once it has no traffic; None where it scales.
    """

    endpoint: str
    alarms: Sequence[str]
    rollout: Rollout
    rest_count: int | None = 1

    @property
    def poll_seconds(self) -> int:
        """Return how often alarms are looked at."""
        longest = max(self.rollout.wait_seconds, self.rollout.bake_seconds)
        return max(LEAST_POLL_SECONDS, -(-longest // POLLS))


def definition(plan: ShiftPlan) -> Json:
    """Return the state machine of a plan as a JSON document."""
    return {
        "Comment": f"Moves the traffic of {plan.endpoint} to the release that arrives.",
        "QueryLanguage": "JSONata",
        "StartAt": "Begin",
        "States": {**_arrive(plan), **_move(plan), **_end(plan)},
    }


def _arrive(plan: ShiftPlan) -> Json:
    green = f"$states.result.ProductionVariants[VariantName='{GREEN}'].CurrentWeight"
    total = "$sum($states.result.ProductionVariants.CurrentWeight)"
    return {
        "Begin": {
            "Type": "Pass",
            "Assign": {
                "looks": 0,
                "immediately": _js(
                    "$exists($states.input.immediately) ? $states.input.immediately : false"
                ),
            },
            "Next": "Look",
        },
        "Look": {
            **_task("sagemaker:describeEndpoint", {"EndpointName": plan.endpoint}),
            "Assign": {
                "looks": _js("$looks + 1"),
                "status": _js("$states.result.EndpointStatus"),
                "share": _js(f"{total} > 0 ? $round(100 * {green} / {total}) : 0"),
            },
            "Next": "Ready",
        },
        "Ready": {
            "Type": "Choice",
            "Choices": [
                _choice(f"$status in {IN_PROGRESS!r} and $looks < {SETTLE_ATTEMPTS}", "Settle"),
                _choice("$status != 'InService'", "NotServing"),
                _choice("$share = 100", "Tidy"),
            ],
            "Default": "Quiet",
        },
        "Settle": {"Type": "Wait", "Seconds": SETTLE_SECONDS, "Next": "Look"},
        "Quiet": {
            **_alarms(plan),
            "Next": "RingsAlready?",
        },
        "RingsAlready?": {
            "Type": "Choice",
            "Choices": [_choice("$count($ringing) > 0", "RingsAlready")],
            "Default": "Step",
        },
        "NotServing": _fail(
            "NotServing", f"'{plan.endpoint} is ' & $status & ': nothing was moved'"
        ),
        "RingsAlready": _fail(
            "RingsAlready",
            "$join($ringing, ', ') & ' rang before anything was moved: see its runbook'",
        ),
    }


def _move(plan: ShiftPlan) -> Json:
    rollout, poll = plan.rollout, plan.poll_seconds
    if rollout.policy == "linear":
        following = f"$min([100, $share + {rollout.step_percent}])"
    else:
        following = f"$share < {rollout.step_percent} ? {rollout.step_percent} : 100"
    seconds = f"$share = 100 ? {rollout.bake_seconds} : {rollout.wait_seconds}"
    return {
        "Step": {
            "Type": "Pass",
            "Assign": {"share": _js(f"$immediately ? 100 : ({following})"), "watched": 0},
            "Next": "Move",
        },
        "Move": {
            **_weigh(plan, _weights("100 - $share", "$share")),
            "Retry": [_patience(12)],
            "Catch": [_catch("'the weights could not be set: ' & $states.errorOutput.Cause")],
            "Next": "Watch",
        },
        "Watch": {"Type": "Wait", "Seconds": poll, "Next": "Alarms"},
        "Alarms": {
            **_alarms(plan, watched=_js(f"$watched + {poll}")),
            "Retry": [_patience(3)],
            "Catch": [_catch("'the alarms could not be read: ' & $states.errorOutput.Cause")],
            "Next": "Decide",
        },
        "Decide": {
            "Type": "Choice",
            "Choices": [
                {
                    **_choice("$count($ringing) > 0", "TurnBack"),
                    "Assign": {"reason": _js("$join($ringing, ', ') & ' went into ALARM'")},
                },
                _choice(f"$watched < ({seconds})", "Watch"),
                _choice("$share = 100", "Tidy"),
            ],
            "Default": "Step",
        },
    }


def _end(plan: ShiftPlan) -> Json:
    resting = {"DesiredInstanceCount": plan.rest_count} if plan.rest_count else {}
    return {
        "Tidy": {
            **_weigh(plan, _weights("0", "100", **resting)),
            "Retry": [_patience(12)],
            "Next": "TidyWait",
        },
        **_taken_up(plan, "Tidy", following="Done"),
        "Done": {"Type": "Succeed"},
        "TurnBack": {
            **_weigh(plan, _weights("100", "0")),
            "Retry": [_patience(60)],  # whatever is wrong, the way back is tried again and again
            "Next": "TurnBackWait",
        },
        **_taken_up(plan, "TurnBack", following="TurnedBack"),
        "TurnedBack": _fail(
            "TurnedBack",
            "'turned back with ' & $string($share) & ' % of the traffic moved: ' & $reason",
        ),
    }


def _taken_up(plan: ShiftPlan, change: str, *, following: str) -> Json:
    """Return the states that wait until the endpoint has taken up a change of its weights."""
    return {
        f"{change}Wait": {"Type": "Wait", "Seconds": SETTLE_SECONDS, "Next": f"{change}Look"},
        f"{change}Look": {
            **_task("sagemaker:describeEndpoint", {"EndpointName": plan.endpoint}),
            "Assign": {"status": _js("$states.result.EndpointStatus")},
            "Retry": [_patience(12)],
            "Next": f"{change}Settled?",
        },
        f"{change}Settled?": {
            "Type": "Choice",
            "Choices": [_choice(f"$status in {IN_PROGRESS!r}", f"{change}Wait")],
            "Default": following,
        },
    }


def _weigh(plan: ShiftPlan, variants: list[Json]) -> Json:
    arguments = {"EndpointName": plan.endpoint, "DesiredWeightsAndCapacities": variants}
    return _task("sagemaker:updateEndpointWeightsAndCapacities", arguments)


def _weights(blue: str, green: str, **of_blue: int) -> list[Json]:
    return [
        {"VariantName": BLUE, "DesiredWeight": _js(blue), **of_blue},
        {"VariantName": GREEN, "DesiredWeight": _js(green)},
    ]


def _alarms(plan: ShiftPlan, **assigned: str) -> Json:
    arguments = {"AlarmNames": list(plan.alarms), "StateValue": "ALARM"}
    ringing = _js("[$states.result.MetricAlarms.AlarmName]")
    return {
        **_task("cloudwatch:describeAlarms", arguments),
        "Assign": {"ringing": ringing, **assigned},
    }


def _task(action: str, arguments: Json) -> Json:
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::aws-sdk:{action}",
        "Arguments": arguments,
        "TimeoutSeconds": 60,
    }


def _patience(attempts: int) -> Json:
    """Retry: an endpoint refuses new weights while it takes up those before."""
    return {
        "ErrorEquals": ["States.ALL"],
        "IntervalSeconds": 10,
        "BackoffRate": 1,
        "MaxAttempts": attempts,
    }


def _catch(reason: str) -> Json:
    return {"ErrorEquals": ["States.ALL"], "Assign": {"reason": _js(reason)}, "Next": "TurnBack"}


def _choice(condition: str, following: str) -> Json:
    return {"Condition": _js(condition), "Next": following}


def _fail(error: str, cause: str) -> Json:
    return {"Type": "Fail", "Error": error, "Cause": _js(cause)}


def _js(expression: str) -> str:
    return f"{{% {expression} %}}"
