"""The SageMaker Model Registry: a group per model, a Lambda that adds a version per artifact."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.accounts import Place
from stacks.functions.construct import SlipwayFunction
from stacks.registry import policy


class ModelRegistry(Construct):
    """One model package group per catalog model, and what registers their versions.

    Attributes:
        groups: The groups by model.
        register: The Lambda `slipway-register-models`.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        models: Mapping[str, str],
        store: s3.IBucket,
        signing_key: kms.IKey,
        place: Place,
        environment: Mapping[str, str],
        log_retention: logs.RetentionDays,
        key: kms.IKey,
    ) -> None:
        """Make the registry.

        Args:
            scope: The parent.
            id_: The construct id.
            models: What each model is for, by its name.
            store: The artifact bucket.
            signing_key: The key that signed the releases.
            place: Where this stack is.
            environment: Environment variables of the Lambda.
            log_retention: How long its logs are kept.
            key: What encrypts them.
        """
        super().__init__(scope, id_)
        self.groups = {name: self._group(name, purpose) for name, purpose in models.items()}
        self.register = SlipwayFunction(
            self,
            "RegisterModels",
            name="register_models",
            function_name="slipway-register-models",
            description="Adds a Model Registry version for each artifact of a release.",
            environment=environment,
            timeout=Duration.minutes(5),
            log_retention=log_retention,
            key=key,
        )
        names = group_names(list(models))
        self.register.allow(*policy.register_models(store, signing_key, place, names))

    def _group(self, name: str, purpose: str) -> sagemaker.CfnModelPackageGroup:
        made = sagemaker.CfnModelPackageGroup(
            self,
            f"Group-{name}",
            model_package_group_name=group_names([name])[0],
            model_package_group_description=purpose,
        )
        # AWS deletes no group that has versions, and their history outlives a catalog row.
        made.apply_removal_policy(RemovalPolicy.RETAIN)
        return made


def group_names(models: Sequence[str]) -> list[str]:
    """Return the names of the groups of models."""
    return [f"slipway-{model}" for model in models]
