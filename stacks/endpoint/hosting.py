"""What all variants of one endpoint share: machines, network, permissions, limits, readers."""

from dataclasses import dataclass

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from catalog.environment import Environment
from catalog.instances import Instance, instance
from catalog.sizes import EndpointSize
from stacks.accounts import Place
from stacks.notify.construct import Topics


@dataclass(frozen=True)
class Hosting:
    """One endpoint's surroundings.

    Attributes:
        name: The endpoint's literal name; its alarms need it before it exists.
        size: The fleet.
        environment: Rollout, limits, monitoring.
        place: Where it is.
        role: What the containers may do.
        vpc: The network.
        subnets: Where in it containers are.
        bucket: Where captures go.
        key: What encrypts captures and disks.
        topics: Who hears of alarms.
        multi_model: Whether a machine loads models on their first call.
        busy: Calls a minute at which a machine is busy; None where nothing scales.
    """

    name: str
    size: EndpointSize
    environment: Environment
    place: Place
    role: iam.IRole
    vpc: ec2.IVpc
    subnets: ec2.SubnetSelection
    bucket: s3.IBucket
    key: kms.IKey
    topics: Topics
    multi_model: bool
    busy: float | None = None

    @property
    def machine(self) -> Instance:
        """Return what the fleet is made of."""
        return instance(self.size.instance)

    @property
    def first_count(self) -> int:
        """Return how many machines a release starts with.

        An update resets the count that scaling has reached. A fleet that starts at its maximum
        bears the hour it starts in; scaling brings it in afterwards.
        """
        scaling = self.size.scaling
        return scaling.max if scaling else self.size.count

    @property
    def captures(self) -> bool:
        """Say whether the containers keep records themselves, as all do but for Model Monitor."""
        return self.environment.monitoring.captures_itself
