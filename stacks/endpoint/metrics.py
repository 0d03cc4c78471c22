"""What tells that a variant of an endpoint is slow, wrong or full; some turn a rollout back."""

from dataclasses import dataclass
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from stacks.alarms import Alarm
from stacks.endpoint.hosting import Hosting

VARIANT = "main"
MICROSECONDS_PER_MS = 1000
MIN_CALLS = 5  # a minute: one failure among fewer is a story, not a share
MIN_FOR_P99 = 20  # a minute: the p99 of three calls is their maximum
DEVIATIONS = 4  # of the band around what calls usually are
REFUSED_SHARE = 0.05  # of calls; clients err too, so this only informs
DISK_PERCENT = 75  # from here on SageMaker stops capturing
MEMORY_PERCENT = 90
LOAD_WAIT_MS = 5000
CACHE_HITS = 0.9
SILENT_MINUTES = 15
CALLS, HOST = "AWS/SageMaker", "/aws/sagemaker/Endpoints"


@dataclass(frozen=True)
class Watched:
    """A variant and its metrics.

    Attributes:
        hosting: Its endpoint.
        variant: Its name.
    """

    hosting: Hosting
    variant: str = VARIANT

    def metric(
        self, name: str, statistic: str, *, space: str = CALLS, minutes: int = 1
    ) -> cloudwatch.Metric:
        """Return a metric of the variant."""
        return cloudwatch.Metric(
            namespace=space,
            metric_name=name,
            dimensions_map={"EndpointName": self.hosting.name, "VariantName": self.variant},
            statistic=statistic,
            period=Duration.minutes(minutes),
        )

    @property
    def machines(self) -> cloudwatch.IMetric:
        """Return how many machines share the calls: SageMaker publishes no count of its own."""
        return cloudwatch.MathExpression(
            expression="calls / each",
            using_metrics={
                "calls": self.metric("Invocations", "Sum", minutes=5),
                "each": self.metric("InvocationsPerInstance", "Sum", minutes=5),
            },
            label="machines",
            period=Duration.minutes(5),
        )

    def alarms(self) -> tuple[Alarm, ...]:
        """Return the alarms of the variant; those that guard a rollout first."""
        hosting = self.hosting
        found = [self._slow(), self._failing(), self._broken()]
        if hosting.machine.accelerator == "g5":
            found.append(self._gpu_full())
        found += [self._unavailable(), self._refusing(), self._memory_full()]
        if hosting.multi_model:
            found += [self._loading(), self._thrashing()]
        if hosting.environment.monitoring.capture_percent:
            found.append(self._disk_full())
        if hosting.environment.alarms.page:  # where somebody is woken, somebody calls
            found += [self._silent(), self._unusual()]
        return tuple(found)

    def _slow(self) -> Alarm:
        limit = self.hosting.environment.alarms.p99_ms
        return self._alarm(
            "Slow",
            f"p99 of the model latency is above {limit:g} ms.",
            metric=self.metric("ModelLatency", "p99"),
            threshold=limit * MICROSECONDS_PER_MS,
            severity="page",
            periods=2,
            samples=self.metric("Invocations", "Sum"),
            min_samples=MIN_FOR_P99,
            guards=True,
        )

    def _failing(self) -> Alarm:
        limit = self.hosting.environment.alarms.error_percent
        return self._alarm(
            "Failing",
            f"more than {limit:g} % of calls end in a 5XX.",
            metric=self.metric("Invocation5XXErrors", "Average"),  # 1 or 0 per call: the share
            samples=self.metric("Invocations", "Sum"),
            min_samples=MIN_CALLS,
            threshold=limit / 100,
            severity="page",
            periods=2,
            guards=True,
        )

    def _broken(self) -> Alarm:
        limit = max(self.hosting.environment.alarms.error_percent / 100, REFUSED_SHARE)
        return self._alarm(
            "ModelErrors",
            f"containers give no good answer to more than {limit:.0%} of calls: an error, a"
            " closed connection or no answer in time.",
            metric=self.metric("InvocationModelErrors", "Average"),
            samples=self.metric("Invocations", "Sum"),
            min_samples=MIN_CALLS,
            threshold=limit,
            periods=2,
            guards=True,
        )

    def _gpu_full(self) -> Alarm:
        limit = self.hosting.environment.alarms.gpu_memory_percent
        return self._alarm(
            "GpuMemory",
            f"more than {limit:g} % of the GPU's memory is taken.",
            metric=self.metric("GPUMemoryUtilization", "Maximum", space=HOST),
            threshold=limit,
            periods=3,
            guards=True,
        )

    def _refusing(self) -> Alarm:
        return self._alarm(
            "Refusing",
            f"more than {REFUSED_SHARE:.0%} of calls end in a 4XX.",
            metric=self.metric("Invocation4XXErrors", "Average"),
            samples=self.metric("Invocations", "Sum"),
            min_samples=MIN_CALLS,
            threshold=REFUSED_SHARE,
            periods=5,
        )

    def _memory_full(self) -> Alarm:
        return self._alarm(
            "Memory",
            f"more than {MEMORY_PERCENT} % of a machine's memory is used.",
            metric=self.metric("MemoryUtilization", "Maximum", space=HOST),
            threshold=MEMORY_PERCENT,
            periods=5,
        )

    def _loading(self) -> Alarm:
        return self._alarm(
            "Loading",
            f"calls wait longer than {LOAD_WAIT_MS / 1000:g} s for their model.",
            metric=self.metric("ModelLoadingWaitTime", "p90", minutes=5),
            threshold=LOAD_WAIT_MS * MICROSECONDS_PER_MS,
            periods=3,  # a release always begins cold: that is no reason to turn it back
        )

    def _thrashing(self) -> Alarm:
        return self._alarm(
            "CacheMisses",
            "calls find their model unloaded: models do not all fit.",
            metric=self.metric("ModelCacheHit", "Average", minutes=5),
            threshold=CACHE_HITS,
            rings="below",
            periods=3,
        )

    def _disk_full(self) -> Alarm:
        return self._alarm(
            "Disk",
            f"a disk is over {DISK_PERCENT} % full: captures stop.",
            metric=self.metric("DiskUtilization", "Maximum", space=HOST, minutes=5),
            threshold=DISK_PERCENT,
        )

    def _silent(self) -> Alarm:
        return self._alarm(
            "Silent",
            f"nobody has called for {SILENT_MINUTES} minutes.",
            metric=self.metric("Invocations", "Sum", minutes=5),
            threshold=1,
            rings="below",
            periods=SILENT_MINUTES // 5,
            missing=cloudwatch.TreatMissingData.BREACHING,
        )

    def _unusual(self) -> Alarm:
        return self._alarm(
            "Unusual",
            "calls are far more or far fewer than usual at this hour.",  # no fixed number is right
            metric=self.metric("Invocations", "Sum", minutes=15),
            rings="outside",
            threshold=DEVIATIONS,
            periods=3,
            of=4,
        )

    def _unavailable(self) -> Alarm:
        limit = self.hosting.environment.alarms.error_percent
        return self._alarm(
            "Unavailable",
            f"over an hour less than {100 - limit:g} % of calls were answered.",
            metric=self.metric("Invocation5XXErrors", "Average", minutes=60),
            threshold=limit / 100,
        )

    def _alarm(self, kind: str, wrong: str, **more: Any) -> Alarm:
        """Return an alarm under its names; those of an endpoint's only variant do not repeat it."""
        prefix = "" if self.variant == VARIANT else self.variant
        words = "".join(f"-{part.lower()}" for part in _parts(kind))
        name = f"{self.hosting.name}-{prefix}" if prefix else self.hosting.name
        return Alarm(
            id=prefix.capitalize() + kind,
            name=name + words,
            summary=f"{name}: {wrong}",
            runbook=f"endpoint.md#{words[1:]}",
            **more,
        )


def _parts(kind: str) -> list[str]:
    """Return `ModelErrors` as `Model`, `Errors`."""
    spaced = "".join(f" {letter}" if letter.isupper() else letter for letter in kind)
    return spaced.split()
