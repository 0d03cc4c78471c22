"""The one place that makes AWS clients."""

from typing import Any

import boto3
from botocore.config import Config

# SageMaker answers a call within 60 s; a model that loads for the first time needs them.
CONFIG = Config(read_timeout=70, retries={"max_attempts": 4, "mode": "standard"})


def client(service: str) -> Any:
    """Return a client of a service in the function's own region."""
    return boto3.client(service, config=CONFIG)  # type: ignore[call-overload]
