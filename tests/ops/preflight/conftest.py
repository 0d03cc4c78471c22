"""A trip to emulated accounts: real STS, SSM, IAM, ECR, ACM, SNS; stand-ins for what it lacks."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from catalog import load
from ops.place import Place
from ops.preflight.visit import Trip
from tests.conftest import Cloud
from tests.ops.preflight.fakes import FakeAws

EXAMPLE = Path(__file__).resolve().parents[3] / "examples/aws"
_accounts = itertools.count(700000000000, 2)


@dataclass
class World:
    """Two accounts of their own for one test: the tooling's and prod's."""

    trip: Trip
    fake: FakeAws
    client_of: Callable[[str, Place], Any] = field(repr=False)

    def here(self, service: str) -> Any:
        return self.client_of(service, self.trip.here)

    def tooling(self, service: str) -> Any:
        return self.client_of(service, self.trip.tooling)


@pytest.fixture
def world(cloud: Cloud) -> World:
    number = next(_accounts)
    fake = FakeAws()

    def client_of(service: str, place: Place) -> Any:
        if service in fake.services:
            return fake
        session = boto3.Session(place.account, "secret", region_name=place.region)
        return session.client(service, endpoint_url=cloud.endpoint_url)

    prod = load.load_environment("prod", EXAMPLE).model_copy(update={"account": str(number)})
    pipeline = load.load_pipeline(EXAMPLE).model_copy(update={"account": str(number + 1)})
    return World(Trip(prod, pipeline, client_of), fake, client_of)
