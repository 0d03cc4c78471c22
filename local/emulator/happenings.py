"""What AWS services tell EventBridge of themselves, where MiniStack's do not.

Parameter Store tells of every change, ECS when a deployment ends, SageMaker when an endpoint comes
to rest. Alarms and pipelines have modules of their own.
"""

import json
import logging
from collections.abc import Callable
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import ecs, eventbridge, ssm

from local.emulator.hooks import wrap

LOGGER = logging.getLogger("slipway.happenings")
_ENDED = {"COMPLETED": ("INFO", "SERVICE_DEPLOYMENT_COMPLETED"),
          "FAILED": ("ERROR", "SERVICE_DEPLOYMENT_FAILED")}  # fmt: skip


def install() -> None:
    """Listen to Parameter Store and ECS."""
    wrap("ministack.services.ssm", "_put_parameter", _telling_of_parameters)
    wrap("ministack.services.ecs", "_complete_service_deployment", _telling_of_deployments)
    wrap("ministack.services.ecs", "_record_service_task_failure", _telling_of_deployments)


def tell(source: str, detail_type: str, arn: str, detail: dict[str, Any]) -> None:
    """Publish an event of an AWS service in the account and region of the moment.

    Args:
        source: Such as `aws.ssm`.
        detail_type: What happened.
        arn: What it happened to.
        detail: The event's own members.
    """
    entry = {"Source": source, "DetailType": detail_type, "Resources": [arn]}
    try:
        events = {"Entries": [{**entry, "Detail": json.dumps(detail)}]}
        eventbridge._put_events(events, allow_aws_source=True)
    except Exception:
        LOGGER.exception("cannot tell that %s: %s", arn, detail_type)


def endpoint_at_rest(scope: tuple[str, str], endpoint: dict[str, Any]) -> None:
    """Tell that an endpoint of an account and region has come to rest."""
    words = {"InService": "IN_SERVICE", "Failed": "FAILED"}
    names = ("EndpointName", "EndpointArn", "EndpointConfigName")
    status = words.get(endpoint["EndpointStatus"], str(endpoint["EndpointStatus"]).upper())
    detail = {name: endpoint[name] for name in names} | {"EndpointStatus": status}
    with request_scope(*scope):
        tell("aws.sagemaker", "SageMaker Endpoint State Change", endpoint["EndpointArn"], detail)


def _telling_of_parameters(original: Callable[..., Any]) -> Callable[..., Any]:
    def put(data: dict[str, Any]) -> Any:
        known = str(data.get("Name")) in ssm._parameters
        answer = original(data)
        if answer[0] == 200:
            record = ssm._parameters[data["Name"]]
            detail = {
                "operation": "Update" if known else "Create",
                "name": record["Name"],
                "type": record["Type"],
            }
            tell("aws.ssm", "Parameter Store Change", record["ARN"], detail)
        return answer

    return put


def _telling_of_deployments(original: Callable[..., Any]) -> Callable[..., Any]:
    def act(*arguments: Any, **named: Any) -> Any:
        before = _deployments()
        answer = original(*arguments, **named)
        for identifier, (service, state) in _deployments().items():
            if state in _ENDED and before.get(identifier, ("", ""))[1] not in ("", state):
                kind, name = _ENDED[state]
                detail = {"eventType": kind, "eventName": name, "deploymentId": identifier}
                tell("aws.ecs", "ECS Deployment State Change", service, detail)
        return answer

    return act


def _deployments() -> dict[str, tuple[str, str]]:
    """Return service and state of each deployment of the account and region of the moment."""
    return {
        str(item["id"]): (str(service["serviceArn"]), str(item.get("rolloutState")))
        for service in list(ecs._services.values())
        for item in list(service.get("deployments", ()))
    }
