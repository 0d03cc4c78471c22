"""One dashboard per environment, which explains what it shows."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from catalog.environment import Environment
from stacks import names
from stacks.accounts import Place
from stacks.monitoring import texts
from stacks.monitoring.drift import drift_metric
from stacks.monitoring.model import model_metric
from stacks.monitoring.served import ServedModel
from stacks.shift.where import BLUE, GREEN, shifted_endpoints

WIDE, HALF, THIRD, HEIGHT = 24, 12, 8, 6
MINUTE, FIVE = Duration.minutes(1), Duration.minutes(5)


class Dashboard(Construct):
    """What a person looks at first: alarms, traffic, latency, models, drift, deployments."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        environment: Environment,
        place: Place,
        models: Sequence[ServedModel],
        alarms: Sequence[str],
    ) -> None:
        """Make the dashboard.

        Args:
            scope: The parent.
            id_: The construct id.
            environment: The environment.
            place: Where it is.
            models: What it serves.
            alarms: The names of the alarms whose states come first.
        """
        super().__init__(scope, id_)
        self._environment, self._place, self._models = environment, place, models
        board = cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=names.dashboard(environment.name),
            default_interval=Duration.hours(3),
        )
        board.add_widgets(_text(texts.head(environment, models), 5))
        board.add_widgets(self._states(alarms))
        for target in self._targets("endpoint"):
            board.add_widgets(_text(texts.endpoint(environment, target), 3))
            board.add_widgets(*self._endpoint(target))
            board.add_widgets(*self._models_of(target))
        for target in self._targets("service"):
            board.add_widgets(_text(texts.service(environment, target), 3))
            board.add_widgets(*self._service(target))
        board.add_widgets(_text(texts.models(environment), 3))
        board.add_widgets(*self._drift())

    def _targets(self, kind: str) -> list[str]:
        return sorted({item.target for item in self._models if item.kind == kind})

    def _states(self, alarms: Sequence[str]) -> cloudwatch.IWidget:
        found = [
            cloudwatch.Alarm.from_alarm_arn(
                self, f"Alarm-{name}", self._place.arn("cloudwatch", f"alarm:{name}")
            )
            for name in alarms
        ]
        return cloudwatch.AlarmStatusWidget(
            title="Alarms: red rings, grey has no data", alarms=found, width=WIDE, height=4
        )

    def _endpoint(self, target: str) -> list[cloudwatch.IWidget]:
        variants = self._variants(target)

        def each(
            name: str, statistic: str, space: str = "AWS/SageMaker"
        ) -> list[cloudwatch.IMetric]:
            return [
                cloudwatch.Metric(
                    namespace=space,
                    metric_name=name,
                    dimensions_map={"EndpointName": target, "VariantName": variant},
                    statistic=statistic,
                    period=MINUTE,
                    label=f"{name} {variant} {statistic}",
                )
                for variant in variants
            ]

        limits = self._environment.alarms
        host = "/aws/sagemaker/Endpoints"
        return [
            _graph("Calls a minute, and those that failed", [
                *each("Invocations", "Sum"),
                *each("Invocation5XXErrors", "Sum"),
                *each("Invocation4XXErrors", "Sum"),
            ]),
            _graph(
                "Latency of the models, microseconds",
                [*each("ModelLatency", "p50"), *each("ModelLatency", "p99")],
                limit=1000 * limits.p99_ms,
            ),
            _graph("Loading and machines", [
                *each("ModelCacheHit", "Average"),
                *each("ModelLoadingWaitTime", "p90"),
                *each("MemoryUtilization", "Maximum", host),
                *each("CPUUtilization", "Average", host),
            ]),
        ]  # fmt: skip

    def _models_of(self, target: str) -> list[cloudwatch.IWidget]:
        served = [item for item in self._models if item.target == target]
        queued = [item for item in served if item.manifest.runtime == "triton"]

        def each(
            models: Sequence[ServedModel], name: str, statistic: str
        ) -> list[cloudwatch.IMetric]:
            return [
                model_metric(item, name, statistic).with_(label=f"{item.model} {name}")
                for item in models
            ]

        shown = [
            _graph("Failed requests a minute, by model", each(served, "Errors", "Sum")),
            _graph("Slowest answers by model, milliseconds", each(served, "LatencyP99", "Maximum")),
        ]
        wait = each(queued, "QueueTimeP99", "Maximum")
        return [*shown, _graph("Longest wait by model, milliseconds", wait)] if wait else shown

    def _variants(self, target: str) -> tuple[str, ...]:
        shifted = [
            names.endpoint(self._environment.name, name)
            for name in shifted_endpoints(self._environment)
        ]
        return (BLUE, GREEN) if target in shifted else ("main",)

    def _service(self, target: str) -> list[cloudwatch.IWidget]:
        def each(name: str, statistic: str) -> cloudwatch.IMetric:
            return cloudwatch.Metric(
                namespace="AWS/ECS",
                metric_name=name,
                dimensions_map={
                    "ClusterName": names.cluster(self._environment.name),
                    "ServiceName": target,
                },
                statistic=statistic,
                period=MINUTE,
            )

        own = [
            model_metric(item, name, statistic).with_(label=f"{item.model} {name}")
            for item in self._models
            if item.target == target
            for name, statistic in (("Requests", "Sum"), ("Faults", "Sum"), ("Shed", "Sum"))
        ]
        slow = [
            model_metric(item, "Latency", statistic).with_(label=f"{item.model} {statistic}")
            for item in self._models
            if item.target == target
            for statistic in ("p50", "p99")
        ]
        return [
            _graph("Requests a minute: all, faults, shed under load", own),
            _graph("Latency, milliseconds", slow, limit=self._environment.alarms.p99_ms),
            _graph(
                "CPU and memory of tasks, percent",
                [each("CPUUtilization", "Average"), each("MemoryUtilization", "Maximum")],
            ),
        ]

    def _drift(self) -> list[cloudwatch.IWidget]:
        def each(name: str, statistic: str) -> list[cloudwatch.IMetric]:
            return [
                drift_metric(self._environment.name, item, name, statistic).with_(label=item.model)
                for item in self._models
            ]

        return [
            _graph("Features that drifted", each("Drifted", "Maximum")),
            _graph("Largest distance from the baseline, 0 to 1", each("Distance", "Maximum")),
            _graph("Records an hour", each("Records", "Maximum")),
        ]


def _text(words: str, height: int) -> cloudwatch.IWidget:
    return cloudwatch.TextWidget(markdown=words, width=WIDE, height=height)


def _graph(
    title: str, metrics: Sequence[cloudwatch.IMetric], *, limit: float | None = None
) -> cloudwatch.IWidget:
    lines = (
        []
        if limit is None
        else [cloudwatch.HorizontalAnnotation(value=limit, label="rings above", color="#d13212")]
    )
    return cloudwatch.GraphWidget(
        title=title, left=list(metrics), left_annotations=lines, width=THIRD, height=HEIGHT
    )
