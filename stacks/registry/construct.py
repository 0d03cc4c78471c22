"""The SageMaker Model Registry: a Lambda that adds a version per artifact of a release."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.accounts import Place
from stacks.functions.construct import SlipwayFunction
from stacks.registry import policy


class ModelRegistry(Construct):
    """What registers models: it makes a model's group with its first version.

    So a new row of the catalog needs no deployment here, and the history of a row that is gone
    stays.

    Attributes:
        register: The Lambda `slipway-register-models`.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
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
            store: The artifact bucket.
            signing_key: The key that signed the releases.
            place: Where this stack is.
            environment: Environment variables of the Lambda.
            log_retention: How long its logs are kept.
            key: What encrypts them.
        """
        super().__init__(scope, id_)
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
        self.register.allow(*policy.register_models(store, signing_key, place))
