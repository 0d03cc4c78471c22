"""The network of model containers: private subnets, and nobody they could call."""

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

HTTPS = 443


def private_network(
    scope: Construct, id_: str, *, vpc: ec2.IVpc, subnets: ec2.SubnetSelection
) -> sagemaker.CfnModel.VpcConfigProperty:
    """Return where containers run: SageMaker fetches their models through these subnets.

    The containers themselves are isolated; the group is for SageMaker's own way to S3.
    """
    group = ec2.SecurityGroup(
        scope,
        id_,
        vpc=vpc,
        description="Model containers: models come in from S3, nothing else goes out",
        allow_all_outbound=False,
    )
    group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(HTTPS), "S3 and AWS by their gateways")
    return sagemaker.CfnModel.VpcConfigProperty(
        security_group_ids=[group.security_group_id],
        subnets=vpc.select_subnets(subnet_group_name=subnets.subnet_group_name).subnet_ids,
    )
