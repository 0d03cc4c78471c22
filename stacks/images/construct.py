"""The container repositories: one per runtime, tags that never move, scanned on push."""

from collections.abc import Sequence

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from constructs import Construct

UNTAGGED_KEPT = 5
PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")


class ImageRepositories(Construct):
    """One ECR repository `slipway/<runtime>` for each runtime.

    Attributes:
        repositories: The repositories by runtime.
    """

    def __init__(
        self, scope: Construct, id_: str, *, runtimes: Sequence[str], readers: Sequence[str] = ()
    ) -> None:
        """Make the repositories.

        Args:
            scope: The parent.
            id_: The construct id.
            runtimes: What images are for, such as `triton`.
            readers: Other accounts that may pull them, each as far as its own roles say.
        """
        super().__init__(scope, id_)
        self.repositories = {runtime: self._repository(runtime) for runtime in runtimes}
        for repository in self.repositories.values():
            for account in readers:
                repository.add_to_resource_policy(
                    iam.PolicyStatement(
                        principals=[iam.AccountPrincipal(account)], actions=list(PULL)
                    )
                )

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
