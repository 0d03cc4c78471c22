"""The machines that builds run on, as CodeBuild names them."""

from dataclasses import dataclass
from typing import Literal

from aws_cdk import aws_codebuild as codebuild

_SIZES = {
    "small": codebuild.ComputeType.SMALL,
    "medium": codebuild.ComputeType.MEDIUM,
    "large": codebuild.ComputeType.LARGE,
    "x-large": codebuild.ComputeType.X_LARGE,
    "2x-large": codebuild.ComputeType.X2_LARGE,
}
Size = Literal["small", "medium", "large", "x-large", "2x-large"]


@dataclass(frozen=True)
class Machine:
    """What a build runs on and in.

    Attributes:
        size: CodeBuild's size. Small with a GPU is the one with an A10G.
        image: The runtime whose image it runs in; None for CodeBuild's own image, which has Docker.
        gpu: Whether it has a GPU.
        docker: Whether it may build images.
    """

    size: Size = "small"
    image: str | None = "build"
    gpu: bool = False
    docker: bool = False

    @property
    def compute(self) -> codebuild.ComputeType:
        """Return the size in CDK's words."""
        return _SIZES[self.size]
