"""One SageMaker endpoint: models, configuration, endpoint, scaling and alarms of one release."""

from collections.abc import Mapping

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from catalog.sizes import Scaling
from stacks.alarms import Alarm, stand_watch
from stacks.endpoint.config import endpoint_config, own_capture
from stacks.endpoint.containers import Container, with_variables
from stacks.endpoint.growth import scaled_variant
from stacks.endpoint.hosting import Hosting
from stacks.endpoint.metrics import VARIANT, Watched
from stacks.endpoint.network import private_network
from stacks.endpoint.rollout import deployment_config
from stacks.scaling.construct import ScaledFleet

GUARDED_FROM = 2  # instances: below, there is no fleet to split
UNGUARDED = frozenset({"inf1"})  # SageMaker would move all traffic at once and not look at alarms


class ModelEndpoint(Construct):
    """An endpoint whose name and variants never change, so that a release updates it in place.

    Attributes:
        endpoint: The endpoint.
        alarms: Its alarms by id.
        guards: By variant, those that turn a rollout back.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        hosting: Hosting,
        containers: Mapping[str, Container],
        idle: str | None = None,
    ) -> None:
        """Make the endpoint.

        Args:
            scope: The parent.
            id_: The construct id.
            hosting: Its surroundings.
            containers: What serves, by variant.
            idle: The variant without traffic when the configuration takes over, if any; one
                machine is enough for it at rest.
        """
        super().__init__(scope, id_)
        self._hosting = hosting
        models = self._models(containers)
        # SageMaker cannot change models and configurations: CloudFormation names each new one.
        config = endpoint_config(
            self,
            "Config",
            hosting=hosting,
            models={variant: model.attr_model_name for variant, model in models.items()},
            weights=[0 if variant == idle else 1 for variant in models],
        )
        watched = {variant: Watched(hosting, variant).alarms() for variant in models}
        self.endpoint = sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=hosting.name,
            endpoint_config_name=config.attr_endpoint_config_name,
        )
        fleets = self._scale(list(models), idle)
        extra = fleets[-1].alarms if fleets else ()  # a resting fleet has no load to grow with
        self.alarms = stand_watch(
            self,
            [*(alarm for alarms in watched.values() for alarm in alarms), *extra],
            name=hosting.name,
            topics=hosting.topics,
        )
        self.guards = {variant: self._guards(alarms) for variant, alarms in watched.items()}
        self._guard_rollout()

    def _models(self, containers: Mapping[str, Container]) -> dict[str, sagemaker.CfnModel]:
        network = private_network(
            self, "Containers", vpc=self._hosting.vpc, subnets=self._hosting.subnets
        )
        return {
            variant: sagemaker.CfnModel(
                self,
                "Model" if variant == VARIANT else f"Model-{variant}",
                execution_role_arn=self._hosting.role.role_arn,
                primary_container=with_variables(container, own_capture(self._hosting, variant)),
                vpc_config=network,
                # SageMaker fetches models; the code calls nobody, but S3 where it keeps records
                enable_network_isolation=not self._hosting.captures,
            )
            for variant, container in containers.items()
        }

    def _scale(self, variants: list[str], idle: str | None) -> list[ScaledFleet]:
        scaling, busy = self._hosting.size.scaling, self._hosting.busy
        if scaling is None or busy is None:
            return []
        fleets = []
        for variant in variants:
            fleet = scaled_variant(
                self,
                "Scaling" if variant == VARIANT else f"Scaling-{variant}",
                hosting=self._hosting,
                variant=variant,
                scaling=resting(scaling) if idle and variant != idle else scaling,
                busy=busy,
            )
            fleet.node.add_dependency(self.endpoint)
            fleets.append(fleet)
        return fleets

    def _guards(self, alarms: tuple[Alarm, ...]) -> list[cloudwatch.Alarm]:
        return [self.alarms[alarm.id] for alarm in alarms if alarm.guards]

    def _guard_rollout(self) -> None:
        guards = [alarm for alarms in self.guards.values() for alarm in alarms]
        for alarm in guards:  # a rollout refuses an alarm that does not exist yet
            self.endpoint.node.add_dependency(alarm)
        hosting = self._hosting
        if hosting.first_count >= GUARDED_FROM and hosting.machine.accelerator not in UNGUARDED:
            self.endpoint.deployment_config = deployment_config(hosting.environment.rollout, guards)


def resting(scaling: Scaling) -> Scaling:
    """Return the bounds of a variant that has no traffic once a rollout is over: one machine."""
    return scaling.model_copy(update={"min": 1, "off_hours": None})
