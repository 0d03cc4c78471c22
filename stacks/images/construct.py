"""The container repositories: one per runtime, tags that never move, scanned on push."""

from collections.abc import Sequence

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ecr as ecr
from constructs import Construct

UNTAGGED_KEPT = 5


class ImageRepositories(Construct):
    """One ECR repository `slipway/<runtime>` for each runtime.

    Attributes:
        repositories: The repositories by runtime.
    """

    def __init__(self, scope: Construct, id_: str, *, runtimes: Sequence[str]) -> None:
        super().__init__(scope, id_)
        self.repositories = {runtime: self._repository(runtime) for runtime in runtimes}

    def _repository(self, runtime: str) -> ecr.Repository:
        return ecr.Repository(
            self,
            runtime.capitalize(),
            repository_name=f"slipway/{runtime}",  # manifests name images so
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            image_scan_on_push=True,
            lifecycle_rules=[
                ecr.LifecycleRule(tag_status=ecr.TagStatus.UNTAGGED, max_image_count=UNTAGGED_KEPT)
            ],
            removal_policy=RemovalPolicy.RETAIN,
        )
