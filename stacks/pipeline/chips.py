"""The gate on the chip as a stage: what was compiled without one is asked where one serves."""

from collections.abc import Sequence

from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_codepipeline as codepipeline

from catalog.environment import Environment
from catalog.instances import instance
from stacks.pipeline.health import observer_role
from stacks.pipeline.stages import RELEASE, build

CHIPS = ("inf1", "inf2")


def proves(environment: Environment) -> bool:
    """Say whether artifacts arrive here unproven, at an endpoint that has their chip."""
    machines = [instance(size.instance).accelerator for size in environment.endpoints.values()]
    return environment.unproven and any(name in CHIPS for name in machines)


def prove_stage(
    environment: Environment, project: codebuild.IProject, *, elsewhere: bool
) -> codepipeline.StageProps:
    """Ask the environment's endpoints what only a chip can answer, and keep the signed evidence.

    Without it no further environment takes the release. What no endpoint serves, a person proves
    on a host with the chip; this stage, tried again, then passes.

    Args:
        environment: Where the endpoints are.
        project: What asks.
        elsewhere: Whether that is another account, entered by its observer role.
    """
    variables = {"ENVIRONMENT": environment.name, "RELEASE": RELEASE}
    if elsewhere:
        variables |= {
            "SLIPWAY_OBSERVER_ROLE": observer_role(environment),
            "SLIPWAY_OBSERVED_REGION": environment.region,
        }
    return codepipeline.StageProps(
        stage_name=f"Prove-{environment.name}",
        actions=[build("Prove", project, variables=variables)],
    )


def proving(environments: Sequence[Environment]) -> list[Environment]:
    """Return the environments that artifacts are proven in."""
    return [item for item in environments if proves(item)]
