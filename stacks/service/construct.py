"""One ECS service behind an internal load balancer; a failing deployment turns back."""

from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from stacks.alarms import Alarm, stand_watch
from stacks.service.balancing import Balancing
from stacks.service.capacity import Hosts, rolling_percent
from stacks.service.growth import scaled_tasks
from stacks.service.hosting import ServiceHosting
from stacks.service.metrics import GUARDS, Watched
from stacks.service.task import task_definition

START_SECONDS = 120  # to fetch, unpack, load and warm up, before health counts


class BalancedService(Construct):
    """A cluster, a service in it, and the load balancer in front.

    Attributes:
        service: The service.
        balancing: What clients inside the network call.
    """

    def __init__(self, scope: Construct, id_: str, *, hosting: ServiceHosting) -> None:
        """Make the service.

        Args:
            scope: The parent.
            id_: The construct id.
            hosting: The service's tasks and surroundings.
        """
        super().__init__(scope, id_)
        self._hosting = hosting
        cluster = ecs.Cluster(
            self,
            "Cluster",
            cluster_name=hosting.cluster,
            vpc=hosting.vpc,
            container_insights_v2=ecs.ContainerInsights.ENABLED,
        )
        self.balancing = Balancing(self, "Balancing", hosting=hosting)
        self.service = self._service(cluster)
        self.service.attach_to_application_target_group(self.balancing.targets)
        self.service.node.add_dependency(self.balancing.listener)
        self._watch(self._scale())

    def _service(self, cluster: ecs.Cluster) -> ecs.Ec2Service | ecs.FargateService:
        hosting, size = self._hosting, self._hosting.size
        group = ec2.SecurityGroup(
            self,
            "Group",
            vpc=hosting.vpc,
            description="Tasks: AWS over TLS, requests from the load balancer",
            allow_all_outbound=False,
        )
        group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.HTTPS, "AWS")
        common: dict[str, Any] = {
            "service_name": hosting.name,
            "cluster": cluster,
            "task_definition": task_definition(self, hosting),
            # scaling sets the count, and a deployment must not set it back
            "desired_count": None if size.scaling else size.count,
            "min_healthy_percent": 100,  # the old tasks serve until new ones are ready
            "circuit_breaker": ecs.DeploymentCircuitBreaker(enable=True, rollback=True),
            "deployment_alarms": ecs.DeploymentAlarmConfig(
                alarm_names=[f"{hosting.name}-{alarm}" for alarm in GUARDS],
                behavior=ecs.AlarmBehavior.ROLLBACK_ON_ALARM,
            ),
            "health_check_grace_period": Duration.seconds(START_SECONDS),
            "vpc_subnets": hosting.subnets,
            "security_groups": [group],
        }
        if size.instance is None:
            return ecs.FargateService(self, "Service", max_healthy_percent=200, **common)
        hosts = Hosts(self, "Hosts", hosting=hosting, cluster=cluster)
        return ecs.Ec2Service(
            self,
            "Service",
            max_healthy_percent=rolling_percent(size),
            capacity_provider_strategies=[
                ecs.CapacityProviderStrategy(
                    capacity_provider=hosts.provider.capacity_provider_name, weight=1
                )
            ],
            placement_constraints=[ecs.PlacementConstraint.distinct_instances()],
            placement_strategies=[
                ecs.PlacementStrategy.spread_across(ecs.BuiltInAttributes.AVAILABILITY_ZONE)
            ],
            **common,
        )

    def _scale(self) -> tuple[Alarm, ...]:
        hosting = self._hosting
        scaling, busy = hosting.size.scaling, hosting.busy
        if scaling is None or busy is None:
            return ()
        fleet = scaled_tasks(
            self,
            "Scaling",
            hosting=hosting,
            balancing=self.balancing,
            scaling=scaling,
            busy=busy,
        )
        fleet.node.add_dependency(self.service)
        return fleet.alarms

    def _watch(self, extra: tuple[Alarm, ...]) -> None:
        hosting = self._hosting
        watched = Watched(hosting, self.balancing).alarms()
        made = stand_watch(self, [*watched, *extra], name=hosting.name, topics=hosting.topics)
        for alarm in watched:
            if alarm.guards:  # a deployment refuses an alarm that does not exist yet
                self.service.node.add_dependency(made[alarm.id])
