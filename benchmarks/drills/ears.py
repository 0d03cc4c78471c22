"""Who hears of alarms: queues that are subscribed to an environment's topics for a while."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ops.account import Account

FEW = 10  # messages of one call


@dataclass
class Ear:
    """A subscription and what came through it: alarm and new state, in order."""

    queues: Any
    url: str
    heard: list[tuple[str, str]] = field(default_factory=list)

    def listen(self) -> list[tuple[str, str]]:
        """Return all that was heard so far."""
        while True:
            answer = self.queues.receive_message(QueueUrl=self.url, MaxNumberOfMessages=FEW)
            messages = answer.get("Messages", ())
            for message in messages:
                told = json.loads(json.loads(message["Body"])["Message"])
                if "AlarmName" in told:
                    self.heard.append((told["AlarmName"], told["NewStateValue"]))
                self.queues.delete_message(
                    QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"]
                )
            if not messages:
                return self.heard

    def count(self, state: str) -> int:
        """Return how many alarms were told to have come into a state."""
        return sum(new == state for _, new in self.listen())


@contextmanager
def ear(account: Account, environment: str, topic: str) -> Iterator[Ear]:
    """Listen to a topic of an environment, `page` or `inform`."""
    queues, topics = account.client("sqs"), account.client("sns")
    told = _topic(topics, f"slipway-{environment}-{topic}")
    url = queues.create_queue(QueueName=f"drill-{topic}-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    found = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    arn = found["Attributes"]["QueueArn"]
    admit = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": told}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [admit]})
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    subscription = topics.subscribe(
        TopicArn=told,
        Protocol="sqs",
        Endpoint=arn,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    try:
        yield Ear(queues, url)
    finally:
        topics.unsubscribe(SubscriptionArn=subscription)
        queues.delete_queue(QueueUrl=url)


def _topic(topics: Any, name: str) -> str:
    for page in topics.get_paginator("list_topics").paginate():
        for item in page["Topics"]:
            if item["TopicArn"].endswith(f":{name}"):
                return str(item["TopicArn"])
    raise LookupError(f"no topic {name}: deploy the environment's base")
