"""Where things are: accounts and regions, and the names that follow from them."""

from collections.abc import Iterable
from dataclasses import dataclass

import aws_cdk as cdk

from catalog.environment import Environment

BOOTSTRAP_QUALIFIER = "hnb659fds"


@dataclass(frozen=True, order=True)
class Place:
    """One account and region."""

    account: str
    region: str

    def to_cdk(self) -> cdk.Environment:
        """Return the place as CDK's type."""
        return cdk.Environment(account=self.account, region=self.region)

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource here, e.g. `arn("ssm", "parameter/slipway/dev/release")`."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def bootstrap_role(self, role: str) -> str:
        """Return the ARN of a role that `cdk bootstrap` made here, e.g. of `deploy-role`."""
        name = f"cdk-{BOOTSTRAP_QUALIFIER}-{role}-{self.account}-{self.region}"
        return f"arn:aws:iam::{self.account}:role/{name}"

    def image(self, name_and_tag: str) -> str:
        """Return the URI of an image in the ECR registry of this place."""
        return f"{self.account}.dkr.ecr.{self.region}.amazonaws.com/{name_and_tag}"


def answer_zones(app: cdk.App, environments: Iterable[Environment]) -> None:
    """Answer from the data what the CLI would else look up in each account: its zones."""
    zones: dict[Place, set[str]] = {}
    for environment in environments:
        place = Place(environment.account, environment.region)
        zones.setdefault(place, set()).update(environment.network.zones)
    for place, found in zones.items():
        question = f"availability-zones:account={place.account}:region={place.region}"
        app.node.set_context(question, sorted(found))
