"""The load balancer inside the network: TLS where there is a certificate, logs, draining."""

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from stacks.acknowledge import acknowledge
from stacks.service.hosting import ServiceHosting
from stacks.service.task import PORT
from stacks.storage.construct import LOAD_BALANCER_LOGS

HEALTH_PATH = "/readyz"
DRAIN_SECONDS = 30  # no request takes longer; a task is stopped only after it
HTTP, HTTPS = 80, 443


class Balancing(Construct):
    """The load balancer, its listener and its targets.

    Attributes:
        load_balancer: What clients inside the network call.
        listener: Where it listens; tasks are registered only once it is there.
        targets: Where tasks are registered.
        url: How clients call it.
    """

    def __init__(self, scope: Construct, id_: str, *, hosting: ServiceHosting) -> None:
        """Make the load balancer."""
        super().__init__(scope, id_)
        self.load_balancer = elb.ApplicationLoadBalancer(
            self,
            "LoadBalancer",
            vpc=hosting.vpc,
            vpc_subnets=hosting.subnets,
            internet_facing=False,
            drop_invalid_header_fields=True,
        )
        self._log(hosting)
        self.targets = elb.ApplicationTargetGroup(
            self,
            "Targets",
            vpc=hosting.vpc,
            port=PORT,
            protocol=elb.ApplicationProtocol.HTTP,
            target_type=elb.TargetType.IP,
            deregistration_delay=Duration.seconds(DRAIN_SECONDS),
            health_check=elb.HealthCheck(
                path=HEALTH_PATH,
                interval=Duration.seconds(10),
                timeout=Duration.seconds(5),
                healthy_threshold_count=2,
                unhealthy_threshold_count=3,
            ),
        )
        certificate = hosting.size.certificate_arn
        self.listener = self._listener(certificate)
        self.listener.connections.allow_default_port_from(
            ec2.Peer.ipv4(hosting.environment.network.cidr), "clients in the network"
        )
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://{self.load_balancer.load_balancer_dns_name}"
        self._acknowledge()

    def _listener(self, certificate: str | None) -> elb.ApplicationListener:
        if certificate:
            return self.load_balancer.add_listener(
                "Https",
                port=HTTPS,
                protocol=elb.ApplicationProtocol.HTTPS,
                certificates=[elb.ListenerCertificate.from_arn(certificate)],
                ssl_policy=elb.SslPolicy.RECOMMENDED_TLS,  # TLS 1.2 and 1.3
                open=False,
                default_target_groups=[self.targets],
            )
        listener = self.load_balancer.add_listener(
            "Http",
            port=HTTP,
            protocol=elb.ApplicationProtocol.HTTP,
            open=False,
            default_target_groups=[self.targets],
        )
        acknowledge(
            listener,
            "No certificate_arn in the environment: inside its network alone, in the clear.",
            "NIST.800.53.R5-ELBv2ACMCertificateRequired",
        )
        acknowledge(
            self.load_balancer,
            "There is no certificate to redirect to; nothing outside the network reaches it.",
            "NIST.800.53.R5-ALBHttpToHttpsRedirection",
        )
        return listener

    def _log(self, hosting: ServiceHosting) -> None:
        # By attribute: the bucket's policy is the base's, which outlives this stack.
        for key, value in {
            "access_logs.s3.enabled": "true",
            "access_logs.s3.bucket": hosting.logs.bucket_name,
            "access_logs.s3.prefix": f"{LOAD_BALANCER_LOGS}/{hosting.name}",
        }.items():
            self.load_balancer.set_attribute(key, value)

    def _acknowledge(self) -> None:
        acknowledge(
            self.load_balancer,
            "It goes and comes with its stack: releases must be able to replace it.",
            "NIST.800.53.R5-ELBDeletionProtectionEnabled",
        )
        acknowledge(
            self.load_balancer,
            "It is reached from within the network alone, by services of ours.",
            "NIST.800.53.R5-ALBWAFEnabled",
        )
