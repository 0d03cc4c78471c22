"""EC2 hosts of containers: their launch template, role and security group."""

from dataclasses import dataclass

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

DISK_GIB = 50


@dataclass(frozen=True)
class Hosts:
    """What hosts are launched from.

    Attributes:
        template: The launch template: IMDSv2 alone, an encrypted disk.
        role: What the ECS agent on a host may do.
        group: Nothing in; out over TLS, to the endpoints of the VPC.
    """

    template: ec2.LaunchTemplate
    role: iam.Role
    group: ec2.SecurityGroup


def launch_hosts(
    scope: Construct,
    *,
    vpc: ec2.IVpc,
    instance_type: str | None = None,
    image: ec2.IMachineImage | None = None,
) -> Hosts:
    """Make what hosts are launched from.

    Args:
        scope: The parent.
        vpc: The network.
        instance_type: Left out where another service chooses it, as AWS Batch does.
        image: The same.
    """
    role = iam.Role(
        scope,
        "HostRole",
        assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
        description="The ECS agent of hosts",
    )
    group = ec2.SecurityGroup(
        scope,
        "HostGroup",
        vpc=vpc,
        description="Hosts of containers: AWS over TLS, nothing in",
        allow_all_outbound=False,
    )
    group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "AWS through VPC endpoints")
    commands = ec2.UserData.for_linux()
    commands.add_commands("echo ECS_AWSVPC_BLOCK_IMDS=true >> /etc/ecs/ecs.config")
    template = ec2.LaunchTemplate(
        scope,
        "Template",
        instance_type=ec2.InstanceType(instance_type) if instance_type else None,
        machine_image=image,
        role=role if image else None,  # AWS Batch brings the profile itself
        security_group=group if image else None,
        user_data=commands if image else None,
        require_imdsv2=True,
        http_put_response_hop_limit=1,  # containers have roles of their own
        block_devices=[
            ec2.BlockDevice(
                device_name="/dev/xvda",
                volume=ec2.BlockDeviceVolume.ebs(
                    DISK_GIB, encrypted=True, volume_type=ec2.EbsDeviceVolumeType.GP3
                ),
            )
        ],
    )
    return Hosts(template, role, group)
