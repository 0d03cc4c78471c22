"""What the tasks of an ECS service may do."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks import statements
from stacks.acknowledge import acknowledge, acknowledge_wildcards
from stacks.endpoint.config import CAPTURES


def task_role(scope: Construct, name: str, *, bucket: s3.IBucket, service: str) -> iam.Role:
    """Make the role of a service's tasks: they read content, and keep records of the traffic.

    Args:
        scope: The parent.
        name: The service.
        bucket: The environment's bucket.
        service: Its full name, a folder of the records.
    """
    role = iam.Role(
        scope,
        f"TaskRole-{name}",
        assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"),
        description=f"Tasks of service {name}",
    )
    statements.grant(
        role,
        *statements.read_objects(bucket, "content/*"),
        *statements.write_objects(bucket, f"{CAPTURES}/{service}/*"),
    )
    return role


def acknowledge_starting(role: iam.IRole) -> None:
    """Acknowledge what CDK grants to a role that starts containers: pull one image, write logs."""
    policy = role.node.find_child("DefaultPolicy")
    acknowledge(policy, statements.INLINE, "NIST.800.53.R5-IAMNoInlinePolicy")
    acknowledge_wildcards(policy, "ecr:GetAuthorizationToken is of no resource.", "*")
