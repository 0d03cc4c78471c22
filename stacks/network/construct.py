"""The network of an environment: private subnets, and AWS's services within reach of them."""

from collections.abc import Mapping

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from constructs import Construct

from catalog.environment import Network
from stacks.acknowledge import acknowledge

SUBNETS = "private"
PRIVATE_BITS = 3  # a private subnet is an eighth of the network: six zones at most, and room
PUBLIC_BITS = 8  # a public one holds a NAT gateway, nothing else


class PrivateNetwork(Construct):
    """A VPC with one private subnet per zone; public ones only where a NAT gateway stands.

    Attributes:
        vpc: The VPC.
        subnets: Where everything of ours is.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        network: Network,
        interfaces: Mapping[str, ec2.InterfaceVpcEndpointAwsService],
        logs: s3.IBucket,
    ) -> None:
        """Make the network.

        Args:
            scope: The parent.
            id_: The construct id.
            network: Addresses, zones, NAT gateways.
            interfaces: The services to be reached from within, by name.
            logs: Where its flow logs go.
        """
        super().__init__(scope, id_)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(network.cidr),
            availability_zones=list(network.zones),
            nat_gateways=network.nat_gateways,
            subnet_configuration=_subnets(network),
            gateway_endpoints={
                "S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3)
            },
        )
        acknowledge(
            self.vpc,
            "CloudFormation cannot close the default group, and nothing is in it: whatever has an"
            " interface here names a group of its own.",
            "NIST.800.53.R5-VPCDefaultSecurityGroupClosed",
        )
        self.subnets = ec2.SubnetSelection(subnet_group_name=SUBNETS)
        self.vpc.add_flow_log(
            "Flow",
            destination=ec2.FlowLogDestination.to_s3(logs, "flow"),
            max_aggregation_interval=ec2.FlowLogMaxAggregationInterval.TEN_MINUTES,
        )
        self._reach(interfaces, network.cidr)

    def _reach(
        self, interfaces: Mapping[str, ec2.InterfaceVpcEndpointAwsService], cidr: str
    ) -> None:
        group = ec2.SecurityGroup(
            self,
            "Interfaces",
            vpc=self.vpc,
            description="AWS services, asked from within the network",
            allow_all_outbound=False,
        )
        group.add_ingress_rule(ec2.Peer.ipv4(cidr), ec2.Port.HTTPS, "whatever is in the network")
        for name, service in interfaces.items():
            self.vpc.add_interface_endpoint(
                name,
                service=service,
                security_groups=[group],
                subnets=self.subnets,
                open=False,  # the group says who may
            )


def _subnets(network: Network) -> list[ec2.SubnetConfiguration]:
    """Return the kinds of subnets; the private ones keep their addresses when NAT is added."""
    bits = int(network.cidr.rpartition("/")[2])
    with_nat = network.nat_gateways > 0
    kind = ec2.SubnetType.PRIVATE_WITH_EGRESS if with_nat else ec2.SubnetType.PRIVATE_ISOLATED
    private = ec2.SubnetConfiguration(name=SUBNETS, subnet_type=kind, cidr_mask=bits + PRIVATE_BITS)
    if not with_nat:
        return [private]
    public = ec2.SubnetConfiguration(
        name="public",
        subnet_type=ec2.SubnetType.PUBLIC,
        cidr_mask=min(bits + PUBLIC_BITS, 28),
        map_public_ip_on_launch=False,
    )
    return [private, public]
