"""Which of AWS's services an environment's network reaches: what its data needs, no more.

Each interface costs by the hour in each zone.
"""

from collections.abc import Mapping

from aws_cdk import aws_ec2 as ec2

from catalog.environment import Environment

_Service = ec2.InterfaceVpcEndpointAwsService

# What starts containers, what they load, tell and sign with, and what a promotion step asks.
INTERFACES: Mapping[str, _Service] = {
    "EcrApi": _Service.ECR,
    "EcrDocker": _Service.ECR_DOCKER,
    "Logs": _Service.CLOUDWATCH_LOGS,
    "Monitoring": _Service.CLOUDWATCH_MONITORING,
    "Kms": _Service.KMS,
    "Sts": _Service.STS,
    "Ssm": _Service.SSM,
    "SageMakerApi": _Service.SAGEMAKER_API,
    "SageMakerRuntime": _Service.SAGEMAKER_RUNTIME,
    "CodePipeline": _Service.CODEPIPELINE,
}
# What a promotion step asks about services on ECS.
SERVICES: Mapping[str, _Service] = {
    "Ecs": _Service.ECS,
    "LoadBalancing": _Service.ELASTIC_LOAD_BALANCING,
}
# What the agent on a host of our own talks to.
HOSTS: Mapping[str, _Service] = {
    "Ecs": _Service.ECS,
    "EcsAgent": _Service.ECS_AGENT,
    "EcsTelemetry": _Service.ECS_TELEMETRY,
}


def interfaces(environment: Environment) -> dict[str, ec2.InterfaceVpcEndpointAwsService]:
    """Return the services that must be reached from within an environment, by name."""
    found = dict(INTERFACES)
    if environment.services:
        found |= SERVICES
    on_hosts = any(size.instance for size in environment.services.values())
    if on_hosts or any(size.platform == "batch" for size in environment.batch.values()):
        found |= HOSTS
    return found
