"""Rules on SageMaker Model Monitor, which is closed to newcomers and never knew multi-model."""

from collections.abc import Iterator, Mapping
from typing import Any

from stacks.rules.machines import fleets_of
from stacks.rules.rule import Finding, rule
from stacks.rules.template import Template, text

KINDS = ("DataQuality", "ModelQuality", "ModelBias", "ModelExplainability")


@rule(
    why="Model Monitor supports endpoints of a single model alone: the schedule is made, runs, and"
    " has nothing to say of any one model",
    instead="set monitoring.engine to `drift`, or monitor a single-model endpoint",
    source="SageMaker developer guide: model-monitor",
)
def monitored_multi_model(template: Template) -> Iterator[Finding]:
    """Model Monitor on a multi-model endpoint."""
    jobs = template.of(
        "SageMaker::MonitoringSchedule", *(f"SageMaker::{kind}JobDefinition" for kind in KINDS)
    )
    for job in jobs:
        for value in _inputs(job.body.get("Properties", {})):
            followed = template.follow(value)
            name = text(followed.get("EndpointName") if followed else value)
            if any(fleet.is_multi_model for fleet in fleets_of(template, name)):
                yield Finding(job, "EndpointInput", f"endpoint {name} is multi-model")


def _inputs(value: Any) -> Iterator[Any]:
    """Yield the endpoint names of all `EndpointInput`s, however deep."""
    if isinstance(value, list):
        for item in value:
            yield from _inputs(item)
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key == "EndpointInput" and isinstance(item, Mapping):
                yield item.get("EndpointName")
            else:
                yield from _inputs(item)
