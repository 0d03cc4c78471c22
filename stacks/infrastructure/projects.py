"""The build projects of the infrastructure pipeline, as data.

They run in CodeBuild's own image: ours are what the first of them makes.
"""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_ecr as ecr

from stacks.accounts import Place
from stacks.build import policy
from stacks.build.construct import BuildSpec
from stacks.build.images import images_spec
from stacks.build.machine import Machine


def project_specs(
    repositories: Mapping[str, ecr.IRepository], place: Place, environments: Sequence[Place]
) -> list[BuildSpec]:
    """Return the projects that make images, synthesise and deploy, in this order.

    Args:
        repositories: Where images are pushed to, by runtime.
        place: Where the tooling is.
        environments: Where it deploys to.
    """
    return [
        images_spec("infrastructure-images", repositories, place),
        BuildSpec(
            name="infrastructure-synth",
            spec="synth",
            description="Synthesises all stacks and lets every check refuse them.",
            minutes=20,
            machine=Machine("medium", image=None),
            permissions=[],
        ),
        BuildSpec(
            name="infrastructure-deploy",
            spec="infrastructure",
            description="Deploys synthesised stacks.",
            minutes=60,
            machine=Machine(image=None),
            permissions=[policy.act_as_bootstrap(sorted({place, *environments}))],
        ),
    ]
