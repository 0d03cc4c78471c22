"""What the Lambda that registers models may do."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from stacks import statements
from stacks.accounts import Place


def register_models(
    store: s3.IBucket, key: kms.IKey, place: Place, groups: Sequence[str]
) -> list[iam.PolicyStatement]:
    """Allow reading a release, and adding versions to the groups of the catalog."""
    group_arns = [place.arn("sagemaker", f"model-package-group/{group}") for group in groups]
    package_arns = [place.arn("sagemaker", f"model-package/{group}/*") for group in groups]
    return [
        *statements.read_objects(store, "releases/*", "manifests/*", "content/*"),
        statements.verify_with(key),
        statements.allow(
            ["sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage"],
            [*group_arns, *package_arns],
        ),
        statements.allow(["sagemaker:DescribeModelPackageGroup"], group_arns),
        statements.allow(
            ["sagemaker:ListModelPackages"],
            ["*"],  # IAM offers no resource for listing
        ),
    ]
