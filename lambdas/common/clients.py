"""The one place that makes AWS clients."""

import os
from typing import Any

import boto3
from botocore.config import Config

# SageMaker answers a call within 60 s; a model that loads for the first time needs them.
CONFIG = Config(read_timeout=70, retries={"max_attempts": 4, "mode": "standard"})


def client(service: str) -> Any:
    """Return a client of a service in the function's own region."""
    return boto3.client(service, config=CONFIG)  # type: ignore[call-overload]


def pipeline() -> Any:
    """Return the client that answers CodePipeline, in the account that the pipeline is in.

    A job can be answered in its own account alone: a function elsewhere takes a role of that
    account, named by `SLIPWAY_ANSWER_ROLE`.
    """
    return _there("SLIPWAY_ANSWER_ROLE")


def delivery() -> Any:
    """Return the client that stops and turns back CodePipeline's executions, where they are.

    A function elsewhere takes a role of that account, named by `SLIPWAY_TURN_BACK_ROLE`.
    """
    return _there("SLIPWAY_TURN_BACK_ROLE")


def _there(variable: str) -> Any:
    role = os.environ.get(variable)
    if role is None:
        return client("codepipeline")
    answer = client("sts").assume_role(RoleArn=role, RoleSessionName="answer")
    keys = answer["Credentials"]
    return boto3.client(
        "codepipeline",
        config=CONFIG,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
