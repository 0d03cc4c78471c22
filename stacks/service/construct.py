"""One ECS service on Fargate behind an internal load balancer; a failing deployment turns back."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from catalog.environment import AlarmLimits
from catalog.sizes import ServiceSize
from stacks.service import metrics

PORT = 8080
LISTENER_PORT = 80
HEALTH_PATH = "/readyz"


@dataclass(frozen=True)
class TaskSpec:
    """What a task runs: its image, its environment, its role, and how long its logs are kept."""

    image: ecs.ContainerImage
    environment: Mapping[str, str]
    role: iam.IRole
    log_retention: logs.RetentionDays


class BalancedService(Construct):
    """A cluster, a service in it, and the load balancer in front.

    Attributes:
        service: The service.
        load_balancer: What clients inside the VPC call.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        cluster_name: str,
        vpc: ec2.IVpc,
        task: TaskSpec,
        size: ServiceSize,
        limits: AlarmLimits,
    ) -> None:
        """Make the service.

        Args:
            scope: The parent.
            id_: The construct id.
            name: The service's name.
            cluster_name: The cluster's name.
            vpc: The network; its isolated subnets are used.
            task: What a task runs.
            size: How many tasks of what size.
            limits: When its alarms ring.
        """
        super().__init__(scope, id_)
        cluster = ecs.Cluster(self, "Cluster", cluster_name=cluster_name, vpc=vpc)
        subnets = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        self.service = ecs.FargateService(
            self,
            "Service",
            service_name=name,
            cluster=cluster,
            task_definition=self._task_definition(task, size),
            desired_count=size.count,
            min_healthy_percent=100,  # the old tasks serve until new ones are ready
            max_healthy_percent=200,
            circuit_breaker=ecs.DeploymentCircuitBreaker(enable=True, rollback=True),
            health_check_grace_period=Duration.seconds(60),
            vpc_subnets=subnets,
        )
        self.load_balancer = elb.ApplicationLoadBalancer(
            self,
            "LoadBalancer",
            vpc=vpc,
            vpc_subnets=subnets,
            internet_facing=False,
            drop_invalid_header_fields=True,
        )
        group = self._target_group(vpc)
        listener = self.load_balancer.add_listener(
            "Http",
            port=LISTENER_PORT,
            protocol=elb.ApplicationProtocol.HTTP,
            open=False,
            default_target_groups=[group],
        )
        listener.connections.allow_default_port_from(
            ec2.Peer.ipv4(vpc.vpc_cidr_block), "clients in the VPC"
        )
        for alarm in (metrics.slow(name, group, limits), metrics.unhealthy(name, group)):
            alarm.create(self)

    def _task_definition(self, task: TaskSpec, size: ServiceSize) -> ecs.FargateTaskDefinition:
        definition = ecs.FargateTaskDefinition(
            self,
            "Task",
            cpu=size.cpu_units,
            memory_limit_mib=size.memory_mib,
            task_role=task.role,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=ecs.CpuArchitecture.X86_64,
                operating_system_family=ecs.OperatingSystemFamily.LINUX,
            ),
        )
        log_group = logs.LogGroup(
            self, "Logs", retention=task.log_retention, removal_policy=RemovalPolicy.DESTROY
        )
        definition.add_container(
            "service",
            image=task.image,
            environment=dict(task.environment),
            port_mappings=[ecs.PortMapping(container_port=PORT)],
            logging=ecs.LogDrivers.aws_logs(stream_prefix="service", log_group=log_group),
            readonly_root_filesystem=False,  # the model is unpacked into the task's own disk
        )
        return definition

    def _target_group(self, vpc: ec2.IVpc) -> elb.ApplicationTargetGroup:
        return elb.ApplicationTargetGroup(
            self,
            "Targets",
            vpc=vpc,
            port=PORT,
            protocol=elb.ApplicationProtocol.HTTP,
            targets=[self.service],
            deregistration_delay=Duration.seconds(30),
            health_check=elb.HealthCheck(
                path=HEALTH_PATH,
                interval=Duration.seconds(10),
                timeout=Duration.seconds(5),
                healthy_threshold_count=2,
                unhealthy_threshold_count=3,
            ),
        )
