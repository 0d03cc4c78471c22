"""Slipway's Lambda functions: their code, log group and role in one piece."""

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import Duration, IgnoreMode, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks import statements

ROOT = Path(__file__).resolve().parents[2]
# What the Lambdas use of `catalog`: modules that need the standard library alone.
CATALOG_MODULES = ("artifact", "bucket", "digest", "envelope", "release", "signature")


def code_of(name: str) -> lambda_.Code:
    """Return a Lambda's asset: its folder, `lambdas/common`, the standard-library catalog.

    Everything else is left out by name, so that the hash moves only when this code does.
    """
    return lambda_.Code.from_asset(
        str(ROOT),
        ignore_mode=IgnoreMode.GIT,
        exclude=[
            "/*",
            "!/lambdas",
            "/lambdas/*",
            "!/lambdas/__init__.py",
            "!/lambdas/common",
            f"!/lambdas/{name}",
            "!/catalog",
            "/catalog/*",
            "!/catalog/__init__.py",
            *(f"!/catalog/{module}.py" for module in CATALOG_MODULES),
            "__pycache__",
        ],
    )


class SlipwayFunction(Construct):
    """One Lambda that CodePipeline invokes.

    Attributes:
        function: The function.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        function_name: str,
        description: str,
        environment: Mapping[str, str],
        timeout: Duration,
        log_retention: logs.RetentionDays,
        memory_mib: int = 512,
    ) -> None:
        """Make the function.

        Args:
            scope: The parent.
            id_: The construct id.
            name: The folder under `lambdas/`.
            function_name: The physical name.
            description: One sentence for the console.
            environment: Its environment variables.
            timeout: The longest it may run.
            log_retention: How long its logs are kept.
            memory_mib: Memory in MiB, which also sets its share of a CPU.
        """
        super().__init__(scope, id_)
        log_group = logs.LogGroup(
            self, "Logs", retention=log_retention, removal_policy=RemovalPolicy.DESTROY
        )
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group.grant_write(role)
        statements.grant(role, answer_pipeline())
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=function_name,
            description=description,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            handler=f"lambdas.{name}.handler.handle",
            code=code_of(name),
            role=role,
            environment=dict(environment),
            timeout=timeout,
            memory_size=memory_mib,
            log_group=log_group,
        )

    def allow(self, *extra: iam.PolicyStatement) -> None:
        """Give the function's role further statements."""
        statements.grant(self.function, *extra)


def answer_pipeline() -> iam.PolicyStatement:
    """Allow telling CodePipeline how a job ended."""
    return statements.allow(
        ["codepipeline:PutJobSuccessResult", "codepipeline:PutJobFailureResult"],
        ["*"],  # a job has no ARN: IAM offers no resource for these two actions
    )
