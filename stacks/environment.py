"""All stacks of one environment."""

import aws_cdk as cdk

from catalog.environment import Environment
from catalog.release import ReleaseContext
from stacks.accounts import Place
from stacks.base import BaseStack
from stacks.delivery import Delivery
from stacks.duplicates import DuplicatesStack
from stacks.endpoints import EndpointStack
from stacks.intent import IntentStack
from stacks.monitoring.stack import MonitoringStack


def environment_stacks(
    app: cdk.App, environment: Environment, *, images: Place, release: ReleaseContext | None
) -> BaseStack:
    """Make the base of an environment and, given a release, what serves it.

    Args:
        app: The app.
        environment: The environment.
        images: Where the image repositories are.
        release: What is served; without one the base stands alone.

    Raises:
        Misfit: The release does not fit the environment.
    """
    name = f"slipway-{environment.name}"
    base = BaseStack(app, f"{name}-base", environment=environment, images=images)
    if release is not None:
        delivery = Delivery(environment, release, base, images)
        serving: list[cdk.Stack] = [
            EndpointStack(app, f"{name}-{endpoint}", name=endpoint, delivery=delivery)
            for endpoint in environment.endpoints
        ]
        if environment.services:
            serving.append(IntentStack(app, f"{name}-intent", delivery=delivery))
        if environment.batch:
            DuplicatesStack(app, f"{name}-duplicates", delivery=delivery)
        MonitoringStack(app, f"{name}-monitoring", delivery=delivery, watched=serving)
    return base
