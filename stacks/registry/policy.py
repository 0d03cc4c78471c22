"""What the Lambda that registers models may do."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from stacks import statements
from stacks.accounts import Place

OURS = "Slipway's groups, one per model; which models there are, each release says."


def register_models(store: s3.IBucket, key: kms.IKey, place: Place) -> list[iam.PolicyStatement]:
    """Allow reading a release, and adding versions to Slipway's groups, which it makes."""
    groups = place.arn("sagemaker", "model-package-group/slipway-*")
    packages = place.arn("sagemaker", "model-package/slipway-*")
    return [
        *statements.read_objects(store, "releases/*", "manifests/*", "content/*"),
        statements.verify_with(key),
        statements.allow(["sagemaker:CreateModelPackageGroup"], [groups], because=OURS),
        statements.allow(["sagemaker:CreateModelPackage"], [groups, packages], because=OURS),
        statements.allow(
            ["sagemaker:ListModelPackageGroups", "sagemaker:ListModelPackages"],
            ["*"],
            because="IAM offers no resource for listing.",
        ),
    ]
