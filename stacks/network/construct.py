"""The network of an environment: private subnets without a way out, and the services in reach."""

from collections.abc import Sequence

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

# What a task needs to start: its image (ECR, layers from S3) and a place for its logs.
INTERFACES = {
    "EcrApi": ec2.InterfaceVpcEndpointAwsService.ECR,
    "EcrDocker": ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER,
    "Logs": ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
}


class PrivateNetwork(Construct):
    """A VPC with one isolated subnet per zone.

    Attributes:
        vpc: The VPC.
    """

    def __init__(self, scope: Construct, id_: str, *, cidr: str, zones: Sequence[str]) -> None:
        super().__init__(scope, id_)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(cidr),
            availability_zones=list(zones),
            subnet_configuration=[
                ec2.SubnetConfiguration(name="private", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
            ],
            gateway_endpoints={
                "S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3)
            },
        )
        for name, service in INTERFACES.items():
            self.vpc.add_interface_endpoint(name, service=service)
