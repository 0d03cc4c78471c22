"""EC2 hosts for a service's tasks: one task on a host, and one host warm beside them.

A host takes minutes to boot, longer on Inf1, where the driver is exchanged first. So a deployment
and the first step of scaling find a host that waits.
"""

from math import ceil

from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from catalog.sizes import ServiceSize
from stacks.acknowledge import acknowledge, acknowledge_wildcards
from stacks.hosts.construct import launch_hosts
from stacks.service.hosting import ServiceHosting
from stacks.statements import INLINE

WARMUP_SECONDS = 300
PERCENT = 100


class Hosts(Construct):
    """Hosts that ECS adds and removes as its tasks need them.

    Attributes:
        provider: What places tasks on them.
    """

    def __init__(
        self, scope: Construct, id_: str, *, hosting: ServiceHosting, cluster: ecs.Cluster
    ) -> None:
        """Make the hosts and let the cluster use them."""
        super().__init__(scope, id_)
        size = hosting.size
        launched = launch_hosts(
            self, vpc=hosting.vpc, instance_type=size.instance, image=_image(hosting)
        )
        group = autoscaling.AutoScalingGroup(
            self,
            "Group",
            vpc=hosting.vpc,
            vpc_subnets=hosting.subnets,
            launch_template=launched.template,
            min_capacity=size.count,
            max_capacity=most_hosts(size),
            new_instances_protected_from_scale_in=True,  # ECS says when a host has no tasks
            update_policy=autoscaling.UpdatePolicy.rolling_update(
                max_batch_size=1, min_instances_in_service=size.count
            ),
        )
        self.provider = ecs.AsgCapacityProvider(
            self,
            "Provider",
            auto_scaling_group=group,
            target_capacity_percent=used_percent(size),
            enable_managed_termination_protection=True,
            enable_managed_draining=True,
            instance_warmup_period=WARMUP_SECONDS,
        )
        cluster.add_asg_capacity_provider(self.provider)
        _acknowledge_agent(launched.role)
        acknowledge(
            group,
            "ECS adds and removes hosts all day; alarms tell what matters of it.",
            "AwsSolutions-AS3",
        )


def _acknowledge_agent(role: iam.Role) -> None:
    policy = role.node.find_child("DefaultPolicy")
    acknowledge(policy, INLINE, "NIST.800.53.R5-IAMNoInlinePolicy")
    reason = "CDK's permissions of the ECS agent: submits states, polls where there is no resource."
    acknowledge_wildcards(policy, reason, "*", "ecs:Submit*")


def _image(hosting: ServiceHosting) -> ec2.IMachineImage:
    if hosting.size.ami:
        return ec2.MachineImage.generic_linux({hosting.place.region: hosting.size.ami})
    return ecs.EcsOptimizedImage.amazon_linux2023()


def used_percent(size: ServiceSize) -> int:
    """Return how full the hosts are kept: of `count` + 1 hosts, one waits.

    `used_percent(size)` hosts of a hundred are used, so that larger fleets keep more of them warm.
    """
    return PERCENT * size.count // (size.count + 1)


def rolling_percent(size: ServiceSize) -> int:
    """Return up to how many tasks, in percent, run during a deployment: what the hosts hold.

    Law: `size.count * rolling_percent(size) // 100 == size.count + 1`, as ECS rounds it down.
    """
    return ceil(PERCENT * (size.count + 1) / size.count)


def most_hosts(size: ServiceSize) -> int:
    """Return how many hosts the largest number of tasks needs, the warm ones included."""
    tasks = size.scaling.max if size.scaling else size.count
    return ceil(tasks * PERCENT / used_percent(size))
