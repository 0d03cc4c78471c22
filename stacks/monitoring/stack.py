"""The stack `slipway-ENV-monitoring`: who looks at a release, what rings, what people see."""

from collections.abc import Sequence
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from catalog.environment import Environment
from catalog.images import image_tag
from stacks import names
from stacks.alarms import RUNBOOKS, rings
from stacks.batch.construct import BatchRun
from stacks.batch.hosting import JobHosting
from stacks.delivery import Delivery
from stacks.functions.construct import Inside
from stacks.monitoring import job as drift_job
from stacks.monitoring import model_monitor
from stacks.monitoring.dashboard import Dashboard
from stacks.monitoring.drift import drift_alarms
from stacks.monitoring.environment import cost_alarm, rolled_back
from stacks.monitoring.model import model_alarms
from stacks.monitoring.promised import promise_alarms
from stacks.monitoring.served import ServedModel, as_arguments, served_models
from stacks.notify.construct import Topics
from stacks.outputs import output
from stacks.watching import watched_alarms

ROOT = Path(__file__).resolve().parents[2]
IMAGE = "drift"


class MonitoringStack(cdk.Stack):
    """The drift job of one release, alarms model by model, one page for all, and the dashboard."""

    def __init__(
        self, scope: Construct, id_: str, *, delivery: Delivery, watched: Sequence[cdk.Stack]
    ) -> None:
        """Wire the monitoring.

        Args:
            scope: The app.
            id_: The stack's name.
            delivery: The release.
            watched: The stacks whose alarms the page is made of: they must be there first.
        """
        super().__init__(scope, id_, env=delivery.place.to_cdk())
        self._delivery = delivery
        for stack in watched:
            self.add_stack_dependency(stack)
        environment = delivery.environment
        self._topics = Topics.of(self, environment=environment.name, place=delivery.place)
        models = served_models(delivery)
        servers = sorted({served.target for served in models})
        alarms = [
            rolled_back(environment),
            *cost_alarm(environment),
            *promise_alarms(environment, servers),
            *model_alarms(environment, models),
        ]
        if environment.monitoring.looks_for_drift:
            self._look_for_drift(models)
            alarms += drift_alarms(environment, models)
        if environment.monitoring.engine == "model-monitor":
            self._use_model_monitor(models)
        for alarm in alarms:
            alarm.create(self, self._topics)
        pages = self._page(environment)
        Dashboard(
            self,
            "Dashboard",
            environment=environment,
            place=delivery.place,
            models=models,
            alarms=[
                *pages,
                *watched_alarms(environment),
                *(alarm.name for alarm in alarms if alarm.name.endswith("-drifted")),
            ],
        )

    def _page(self, environment: Environment) -> list[str]:
        """Make the one alarm that wakes somebody: for one cause, one page, whatever rings."""
        targets = [
            *(names.endpoint(environment.name, name) for name in sorted(environment.endpoints)),
            *(names.service(environment.name, name) for name in sorted(environment.services)),
        ]
        parts = [
            cloudwatch.Alarm.from_alarm_arn(
                self, target, self._delivery.place.arn("cloudwatch", f"alarm:{target}-page")
            )
            for target in targets
        ]
        name = f"slipway-{environment.name}-page"
        rings(
            self,
            name,
            f"{environment.name} needs somebody now. {RUNBOOKS}/README.md#paged",
            parts,
            wakes=self._topics,
        )
        return [name, *(f"{target}-page" for target in targets)]

    def _use_model_monitor(self, models: Sequence[ServedModel]) -> None:
        delivery = self._delivery
        analyzer = delivery.base.analyzer
        assert analyzer is not None, "the base makes it where Model Monitor looks"
        for served in model_monitor.single_models(models):
            model_monitor.watch_by_model_monitor(
                self,
                served,
                environment=delivery.environment,
                store=delivery.base.bucket,
                analyzer=analyzer,
                inside=Inside(delivery.base.vpc, delivery.base.subnets),
                key=delivery.base.key,
            )
        model_monitor.tell_of_violations(self, self._topics.inform)

    def _look_for_drift(self, models: Sequence[ServedModel]) -> None:
        delivery = self._delivery
        environment, base = delivery.environment, delivery.base
        store = base.bucket
        captured = store.s3_url_for_object(drift_job.CAPTURES)
        variables = {
            "SLIPWAY_ENVIRONMENT": environment.name,
            "SLIPWAY_ENVIRONMENT_BUCKET": store.bucket_name,
            "SLIPWAY_RELEASE": delivery.release.hex,
            "SLIPWAY_CAPTURE": captured,
            "SLIPWAY_DRIFT": store.s3_url_for_object(drift_job.DRIFT),
            "SLIPWAY_LABELS": store.s3_url_for_object(drift_job.LABELS),
            "SLIPWAY_MIN_SAMPLES": str(environment.monitoring.min_samples),
        }
        role = base.drift_role
        assert role is not None, "the base makes it where somebody looks for drift"
        hosting = JobHosting(
            place=delivery.place,
            images=delivery.images,
            vpc=base.vpc,
            subnets=base.subnets,
            role=role.without_policy_updates(),
            key=base.key,
            log_days=environment.retention.log_days,
            topics=self._topics,
        )
        image = f"slipway/{IMAGE}:{image_tag(IMAGE, ROOT)}"
        made = drift_job.job_of(environment, image, variables, captured)
        call = drift_job.drift_call(self, job=made, hosting=hosting, arguments=as_arguments(models))
        run = BatchRun(self, "Drift", job=made, call=call, hosting=hosting)
        output(self, "StateMachine", run.state_machine.state_machine_arn)
