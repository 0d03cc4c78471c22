"""What a shifted endpoint serves until now, written where CloudFormation reads it.

The configuration of a new release has two variants: blue keeps what serves, green is the release.
"""

from botocore.exceptions import ClientError

from catalog.release import ReleaseContext
from lambdas.common import clients
from lambdas.common.log import Log
from lambdas.common.refused import Refused
from lambdas.common.variants import Endpoint, describe
from lambdas.promote_release.env import Settings
from lambdas.promote_release.logic import arrival

GREEN = "green"  # as stacks.shift.where has it
SEPARATOR = "|"


def note_all(settings: Settings, release: ReleaseContext, log: Log) -> None:
    """Say what the endpoints with a weight shift serve until now, for the deploy that follows."""
    for name, accelerator in settings.shifted.items():
        arriving = arrival(release, name, accelerator, settings.place.environment_bucket)
        image = f"{settings.registry}/{arriving[0]}"
        log(
            "before",
            endpoint=name,
            serves=note_before(settings.place.environment, name, (image, arriving[1])),
        )


def note_before(environment: str, name: str, arriving: tuple[str, str]) -> str:
    """Write what an endpoint serves until now; return it.

    Args:
        environment: The environment's name.
        name: The endpoint, such as `ads`.
        arriving: Image and S3 folder of the release.

    Raises:
        Refused: Two releases share the endpoint's traffic.
    """
    image, folder = before(_look(f"slipway-{environment}-{name}"), arriving, name)
    value = f"{image}{SEPARATOR}{folder}"
    clients.client("ssm").put_parameter(
        Name=f"/slipway/{environment}/{name}/before", Value=value, Overwrite=True
    )
    return value


def before(endpoint: Endpoint | None, arriving: tuple[str, str], name: str) -> tuple[str, str]:
    """Return image and S3 folder of what blue must be while a release arrives; pure.

    Where the release serves already from green, blue stays what it is: nothing changes then. Where
    it serves from blue, since the release after it was turned back, blue stays it.

    Raises:
        Refused: Two releases share the endpoint's traffic.
    """
    if endpoint is None:
        return arriving  # the first release follows itself
    if len(endpoint.serving) != 1:
        shares = ", ".join(f"{item.name} {item.weight:g}" for item in endpoint.variants)
        raise Refused(
            f"endpoint {name}: {shares} share its traffic, so a shift is under way or was stopped;"
            " let its state machine come to an end (start it again if none runs)"
        )
    (serving,) = endpoint.serving
    others = [item for item in endpoint.variants if item is not serving]
    settled = serving.location == arriving[1] and serving.name == GREEN
    kept = others[0] if settled and others else serving
    return kept.image, kept.location


def _look(endpoint: str) -> Endpoint | None:
    try:
        return describe(endpoint)
    except ClientError as error:
        if "Could not find" in str(error):
            return None
        raise
