"""Promotion into one environment: its pointers, and the Lambdas that move a release in."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from stacks import names, statements
from stacks.accounts import Place
from stacks.functions.construct import Inside, SlipwayFunction
from stacks.links import Tooling
from stacks.promotion import crossing, policy

NO_RELEASE = "none"


class Promotion(Construct):
    """Pointers, and the steps promote, verify and point.

    Attributes:
        functions: The Lambdas by step.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        environment: str,
        place: Place,
        tooling: Tooling,
        bucket: s3.IBucket,
        key: kms.IKey,
        inside: Inside,
        log_retention: logs.RetentionDays,
        settings: Mapping[str, str],
        may_promote: Sequence[iam.PolicyStatement],
    ) -> None:
        """Make pointers and steps.

        Args:
            scope: The parent.
            id_: The construct id.
            environment: The environment's name.
            place: Where it is.
            tooling: Where releases come from.
            bucket: The environment's bucket, where they go.
            key: What encrypts logs and variables.
            inside: Where `verify` runs, which asks the services behind internal load balancers.
            log_retention: How long the steps' logs are kept.
            settings: Further settings of the steps.
            may_promote: What `promote` may do beside copying a release.
        """
        super().__init__(scope, id_)
        for which in names.POINTERS:
            self._pointer(environment, which)
        self._log_retention = log_retention
        self._key = key
        self._variables = {
            "SLIPWAY_ENVIRONMENT": environment,
            "SLIPWAY_ARTIFACT_BUCKET": tooling.store.bucket_name,
            "SLIPWAY_ENVIRONMENT_BUCKET": bucket.bucket_name,
            "SLIPWAY_SIGNING_KEY": tooling.signing_key,
            "SLIPWAY_RELEASE_PARAMETER": names.pointer(environment, "release"),
            "SLIPWAY_PREVIOUS_PARAMETER": names.pointer(environment, "previous"),
            **settings,
        }
        answers: list[iam.PolicyStatement] = []
        if not tooling.near:
            role = crossing.answer_role(environment, tooling.place)
            self._variables["SLIPWAY_ANSWER_ROLE"] = role
            answers = [statements.allow(["sts:AssumeRole"], [role])]
        permissions: Mapping[str, list[iam.PolicyStatement]] = {
            "promote": [*policy.promote(tooling, bucket), *may_promote],
            "verify": policy.verify(tooling, bucket, place, environment),
            "point": policy.point(tooling, bucket, place, environment),
        }
        self.functions = {
            step: self._step(
                environment,
                step,
                [*permissions[step], *answers],
                inside if step == "verify" else None,
            )
            for step in names.PROMOTION_STEPS
        }

    def _pointer(self, environment: str, which: str) -> None:
        # Only `point` moves it: CloudFormation writes a value only when the template changes.
        ssm.StringParameter(
            self,
            which.capitalize(),
            parameter_name=names.pointer(environment, which),
            string_value=NO_RELEASE,
            description=f"Digest of the {which} release of {environment}.",
        )

    def _step(
        self,
        environment: str,
        step: str,
        permissions: list[iam.PolicyStatement],
        inside: Inside | None,
    ) -> SlipwayFunction:
        made = SlipwayFunction(
            self,
            f"{step.capitalize()}Release",
            name=f"{step}_release",
            function_name=names.function(environment, step),
            description=f"Step {step} of a promotion into {environment}.",
            environment=self._variables,
            timeout=Duration.minutes(15),  # copying gigabytes, waiting for an endpoint's answers
            log_retention=self._log_retention,
            key=self._key,
            inside=inside,
            memory_mib=1024,
        )
        made.allow(*permissions)
        return made
