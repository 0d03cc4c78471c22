"""The stacks `slipway-ENV-search` and `slipway-ENV-ads`: one SageMaker endpoint each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import aws_cdk as cdk
from constructs import Construct

from catalog import bucket
from catalog.instances import instance
from stacks import names
from stacks.delivery import Delivery
from stacks.endpoint.construct import ModelEndpoint
from stacks.endpoint.containers import Container, torchserve_all_models, triton_multi_model
from stacks.fit import Slot, artifacts_for, image_for
from stacks.outputs import output

EndpointName = Literal["search", "ads"]


@dataclass(frozen=True)
class Served:
    """How an endpoint serves: its runtime image, and the container around it."""

    runtime: str
    container: Callable[[str, str], Container]


SERVED: Mapping[EndpointName, Served] = {
    "search": Served("triton", triton_multi_model),
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
        environment, release, base = delivery.environment, delivery.release, delivery.base
        size, served = environment.endpoints[name], SERVED[name]
        machine = instance(size.instance)
        endpoint = names.endpoint(environment.name, name)
        slot = Slot(
            endpoint, served.runtime, machine.accelerator, machine.architecture, size.instance
        )
        image = image_for(slot, artifacts_for(slot, release.served_on("endpoint", name)))
        folder = bucket.live_prefix(name, release.hex, machine.accelerator)
        output(self, "Endpoint", endpoint)
        ModelEndpoint(
            self,
            "Endpoint",
            name=endpoint,
            container=served.container(
                delivery.images.image(image), base.bucket.s3_url_for_object(folder)
            ),
            role=base.endpoint_roles[name],
            size=size,
            rollout=environment.rollout,
            limits=environment.alarms,
        )
