"""What all parts of one ECS service share: tasks, network, limits, readers."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from catalog.environment import Environment
from catalog.sizes import ServiceSize
from stacks import neuron
from stacks.accounts import Place
from stacks.notify.construct import Topics

CPU_UNITS = 1024  # of one core


@dataclass(frozen=True)
class ServiceHosting:
    """One service and its surroundings.

    Attributes:
        name: The service's literal name; its alarms need it before it exists.
        cluster: The cluster's name.
        size: How many tasks of what size, on which machines.
        environment: Limits, network, retention.
        place: Where it is.
        image: What a task runs.
        variables: Its settings.
        role: What its code may do.
        vpc: The network.
        subnets: Where in it tasks, hosts and the load balancer are.
        logs: The bucket that the load balancer writes its logs to.
        key: What encrypts the tasks' logs.
        topics: Who hears of alarms.
        busy: Requests a minute at which one task is busy; None where nothing scales.
    """

    name: str
    cluster: str
    size: ServiceSize
    environment: Environment
    place: Place
    image: ecs.ContainerImage
    variables: Mapping[str, str]
    role: iam.IRole
    vpc: ec2.IVpc
    subnets: ec2.SubnetSelection
    logs: s3.IBucket
    key: kms.IKey
    topics: Topics
    busy: float | None = None


def workers(size: ServiceSize, cores_of_each: int = 1) -> int:
    """Return how many processes serve in one task.

    Args:
        size: The task; one process for each core of its CPU, or as many as its NeuronCores allow.
        cores_of_each: The NeuronCores that one process divides its batches among (DataParallel).
    """
    found = neuron.cores(size.instance) if size.instance else 0
    return found // cores_of_each if found else max(1, size.cpu_units // CPU_UNITS)
