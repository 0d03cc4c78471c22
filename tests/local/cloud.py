"""A running local cloud as tests speak of it."""

import functools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.clients import client
from local.paths import Workplace

HERE = Path(__file__).parent


class TemplateLoader(yaml.SafeLoader):
    """Reads `!Ref` and its kin as the functions that they stand for."""


def _function(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value = node.value
    if not isinstance(node, yaml.ScalarNode):
        value = loader.construct_object(node, deep=True)
    if suffix == "GetAtt":
        value = str(value).split(".")
    return {"Ref" if suffix == "Ref" else f"Fn::{suffix}": value}


TemplateLoader.add_multi_constructor("!", _function)


@functools.cache
def _client(service: str, place: Workplace) -> Any:
    """Return a client; a cloud keeps its port over restarts, and making one takes a while."""
    return client(service, place=place)


@dataclass(frozen=True)
class Cloud:
    """A running local cloud."""

    place: Workplace

    def client(self, service: str) -> Any:
        return _client(service, self.place)

    def begin(self, name: str, template: dict[str, Any], **parameters: str) -> None:
        """Begin to create or update a stack."""
        stacks = self.client("cloudformation")
        known = {s["StackName"] for s in stacks.describe_stacks()["Stacks"]}
        act = stacks.update_stack if name in known else stacks.create_stack
        act(
            StackName=name,
            TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
        )

    def deploy(self, name: str, template: dict[str, Any], **parameters: str) -> dict[str, Any]:
        """Create or update a stack, wait, and return its description."""
        self.begin(name, template, **parameters)
        stacks = self.client("cloudformation")

        def settled() -> Any:
            stack = stacks.describe_stacks(StackName=name)["Stacks"][0]
            return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack

        return wait_for(settled, 60)

    def delete(self, name: str) -> None:
        """Delete a stack and wait until it is gone."""
        stacks = self.client("cloudformation")
        stacks.delete_stack(StackName=name)
        wait_for(lambda: name not in {s["StackName"] for s in stacks.describe_stacks()["Stacks"]})

    def reasons(self, stack: str) -> str:
        events = self.client("cloudformation").describe_stack_events(StackName=stack)
        return "\n".join(e.get("ResourceStatusReason", "") for e in events["StackEvents"])


def wait_for(look: Callable[[], Any], seconds: float = 30.0) -> Any:
    """Return the first true answer of `look`, or fail."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    pytest.fail(f"nothing came of {look.__qualname__} within {seconds} s")


def read_template(name: str) -> dict[str, Any]:
    return yaml.load((HERE / name).read_text(), TemplateLoader)


def listen(cloud: Any, name: str, pattern: dict[str, object]) -> str:
    """Let a queue hear of the events of a pattern; return its URL."""
    events, sqs = cloud.client("events"), cloud.client("sqs")
    queue: str = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn["QueueArn"]}])
    return queue


def heard(cloud: Any, queue: str, count: int) -> list[dict[str, Any]]:
    """Return the details of the events that a queue heard, once they are so many."""
    found: list[dict[str, Any]] = []

    def enough() -> bool:
        answer = cloud.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        found.extend(json.loads(item["Body"])["detail"] for item in answer.get("Messages", ()))
        return len(found) >= count

    wait_for(enough)
    return found
