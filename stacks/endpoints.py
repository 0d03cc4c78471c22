"""The stacks `slipway-ENV-search` and `slipway-ENV-ads`: one SageMaker endpoint each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import aws_cdk as cdk
from constructs import Construct

from catalog import bucket
from catalog.artifact import Manifest
from catalog.instances import instance
from stacks import names
from stacks.delivery import Delivery
from stacks.endpoint.construct import ModelEndpoint
from stacks.endpoint.containers import Container, torchserve_all_models, triton_multi_model
from stacks.endpoint.hosting import Hosting
from stacks.endpoint.metrics import VARIANT
from stacks.fit import Slot, artifacts_for, image_for
from stacks.notify.construct import Topics
from stacks.outputs import output
from stacks.scaling.throughput import busy_per_minute
from stacks.shift.before import read_before
from stacks.shift.construct import WeightShift
from stacks.shift.where import BLUE, GREEN, shifted_endpoints

EndpointName = Literal["search", "ads"]


@dataclass(frozen=True)
class Served:
    """How an endpoint serves: its runtime image, the container around it, when models load."""

    runtime: str
    container: Callable[[str, str], Container]
    multi_model: bool = False


SERVED: Mapping[EndpointName, Served] = {
    "search": Served("triton", triton_multi_model, multi_model=True),
    "ads": Served("torchserve", torchserve_all_models),
}


class EndpointStack(cdk.Stack):
    """One endpoint of an environment, serving one release."""

    def __init__(
        self, scope: Construct, id_: str, *, name: EndpointName, delivery: Delivery
    ) -> None:
        """Wire the endpoint.

        Raises:
            Misfit: The release does not fit the environment.
        """
        super().__init__(scope, id_, env=delivery.place.to_cdk())
        environment, release, served = delivery.environment, delivery.release, SERVED[name]
        size = environment.endpoints[name]
        machine = instance(size.instance)
        endpoint = names.endpoint(environment.name, name)
        slot = Slot(
            endpoint, served.runtime, machine.accelerator, machine.architecture, size.instance
        )
        artifacts = artifacts_for(slot, release.served_on("endpoint", name))
        image = delivery.images.image(image_for(slot, artifacts))
        folder = bucket.live_prefix(name, release.hex, machine.accelerator)
        container = served.container(image, delivery.base.bucket.s3_url_for_object(folder))
        output(self, "Endpoint", endpoint)
        hosting = self._hosting(name, delivery, served, artifacts)
        if name not in shifted_endpoints(environment):
            ModelEndpoint(self, "Endpoint", hosting=hosting, containers={VARIANT: container})
            return
        before = served.container(*read_before(self, environment.name, name))
        shifted = ModelEndpoint(
            self,
            "Endpoint",
            hosting=hosting,
            containers={BLUE: before, GREEN: container},
            idle=GREEN,
        )
        WeightShift(
            self,
            "Shift",
            name=names.shift(environment.name, name),
            hosting=hosting,
            guards=shifted.guards[GREEN],
        )

    def _hosting(
        self,
        name: EndpointName,
        delivery: Delivery,
        served: Served,
        artifacts: Sequence[Manifest],
    ) -> Hosting:
        environment, base = delivery.environment, delivery.base
        size = environment.endpoints[name]
        return Hosting(
            name=names.endpoint(environment.name, name),
            size=size,
            environment=environment,
            place=delivery.place,
            role=base.endpoint_roles[name],
            vpc=base.vpc,
            subnets=base.subnets,
            bucket=base.bucket,
            key=base.key,
            topics=Topics.of(self, environment=environment.name, place=delivery.place),
            multi_model=served.multi_model,
            busy=busy_per_minute([delivery.release.shown(item) for item in artifacts], size.scaling)
            if size.scaling
            else None,
        )
