"""What tells that a service is slow, wrong or short of tasks; some turn a deployment back."""

from dataclasses import dataclass
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_elasticloadbalancingv2 as elb

from stacks.alarms import Alarm
from stacks.service.balancing import Balancing
from stacks.service.hosting import ServiceHosting

MS_PER_SECOND = 1000
MIN_REQUESTS = 5  # a minute: one failure among fewer is a story, not a share
PERIOD = Duration.minutes(1)
GUARDS = ("slow", "failing")  # what turns a deployment back


@dataclass(frozen=True)
class Watched:
    """A service and its metrics, as its load balancer sees it."""

    hosting: ServiceHosting
    balancing: Balancing

    @property
    def slowness(self) -> cloudwatch.IMetric:
        """Return the p99 of the response time, in seconds."""
        return self.balancing.targets.metrics.target_response_time(statistic="p99", period=PERIOD)

    @property
    def tasks(self) -> cloudwatch.IMetric:
        """Return how many tasks answer."""
        return self.balancing.targets.metrics.healthy_host_count(statistic="Minimum", period=PERIOD)

    def alarms(self) -> tuple[Alarm, ...]:
        """Return the alarms of the service; those that guard a deployment first."""
        return (self._slow(), self._failing(), self._unhealthy(), self._no_tasks())

    def _slow(self) -> Alarm:
        limit = self.hosting.environment.alarms.p99_ms
        return self._alarm(
            "Slow",
            f"p99 of the response time is above {limit:g} ms.",
            metric=self.slowness,
            threshold=limit / MS_PER_SECOND,
            severity="page",
            periods=2,
            few_samples="ignore",
            guards=True,
        )

    def _failing(self) -> Alarm:
        limit = self.hosting.environment.alarms.error_percent
        balancer, targets = self.balancing.load_balancer.metrics, self.balancing.targets.metrics
        target_5xx = elb.HttpCodeTarget.TARGET_5XX_COUNT
        return self._alarm(
            "Failing",
            f"more than {limit:g} % of requests end in a 5XX.",
            metric=cloudwatch.MathExpression(
                expression="IF(requests >= "
                f"{MIN_REQUESTS}, 100 * (FILL(tasks, 0) + FILL(balancer, 0)) / requests, 0)",
                using_metrics={
                    "tasks": targets.http_code_target(target_5xx, statistic="Sum", period=PERIOD),
                    "balancer": balancer.http_code_elb(
                        elb.HttpCodeElb.ELB_5XX_COUNT, statistic="Sum", period=PERIOD
                    ),
                    "requests": balancer.request_count(statistic="Sum", period=PERIOD),
                },
                label="share of failures in percent",
                period=PERIOD,
            ),
            threshold=limit,
            severity="page",
            periods=2,
            guards=True,
        )

    def _unhealthy(self) -> Alarm:
        return self._alarm(
            "Unhealthy",
            "a task does not answer /readyz.",
            metric=self.balancing.targets.metrics.unhealthy_host_count(
                statistic="Maximum", period=PERIOD
            ),
            threshold=0,
            periods=5,  # a task that starts is unready for a while
        )

    def _no_tasks(self) -> Alarm:
        return self._alarm(
            "NoTasks",
            "no task answers.",
            metric=self.tasks,
            threshold=1,
            rings="below",
            severity="page",
            periods=2,
            missing=cloudwatch.TreatMissingData.BREACHING,
        )

    def _alarm(self, kind: str, wrong: str, **more: Any) -> Alarm:
        words = "".join(f"-{part.lower()}" for part in _parts(kind))
        return Alarm(
            id=kind,
            name=f"{self.hosting.name}{words}",
            summary=f"{self.hosting.name}: {wrong}",
            runbook=f"service.md#{words[1:]}",
            **more,
        )


def _parts(kind: str) -> list[str]:
    """Return `NoTasks` as `No`, `Tasks`."""
    return "".join(f" {letter}" if letter.isupper() else letter for letter in kind).split()
