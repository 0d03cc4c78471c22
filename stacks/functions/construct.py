"""Slipway's Lambda functions: their code, log group and role in one piece."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import Duration, IgnoreMode
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks import statements
from stacks.acknowledge import acknowledge
from stacks.retention import log_group

ROOT = Path(__file__).resolve().parents[2]
# What the Lambdas use of `catalog`: modules that need the standard library alone.
CATALOG_MODULES = (
    "artifact", "audit", "bucket", "chip", "digest", "envelope", "gpu", "release", "signature",
)  # fmt: skip


@dataclass(frozen=True)
class Inside:
    """A place in a network for a function: its interfaces are in `subnets` of `vpc`."""

    vpc: ec2.IVpc
    subnets: ec2.SubnetSelection


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
    """One Lambda that CodePipeline or EventBridge invokes.

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
        key: kms.IKey,
        inside: Inside | None = None,
        memory_mib: int = 512,
        unhandled: sns.ITopic | None = None,
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
            key: What encrypts its logs and its environment variables.
            inside: Where it runs, if it must reach what is in a network.
            memory_mib: Memory in MiB, which also sets its share of a CPU.
            unhandled: Where events go that it failed on three times; a function without one is
                invoked by CodePipeline, which it answers.
        """
        super().__init__(scope, id_)
        written = log_group(self, "Logs", retention=log_retention, key=key)
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        written.grant_write(self.role)
        if unhandled is None:
            statements.grant(self.role, answer_pipeline())
        if inside is not None:
            statements.grant(self.role, *use_interfaces())
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=function_name,
            description=description,
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            handler=f"lambdas.{name}.handler.handle",
            code=code_of(name),
            # CDK would add a policy of AWS's that allows more than `use_interfaces`
            role=self.role.without_policy_updates() if inside else self.role,
            environment=dict(environment),
            environment_encryption=key,
            timeout=timeout,
            memory_size=memory_mib,
            log_group=written,
            dead_letter_topic=unhandled,
            vpc=inside.vpc if inside else None,
            vpc_subnets=inside.subnets if inside else None,
            security_groups=[self._group(inside.vpc)] if inside else None,
        )
        self._acknowledge(inside, asked_by_pipeline=unhandled is None)

    def allow(self, *extra: iam.PolicyStatement) -> None:
        """Give the function's role further statements."""
        statements.grant(self.role, *extra)

    def _group(self, vpc: ec2.IVpc) -> ec2.SecurityGroup:
        # To anywhere, since S3's gateway has public addresses; the subnets have no way further out.
        return ec2.SecurityGroup(self, "Group", vpc=vpc, description=self.node.path)

    def _acknowledge(self, inside: Inside | None, *, asked_by_pipeline: bool) -> None:
        if asked_by_pipeline:
            acknowledge(
                self.function,
                "CodePipeline invokes it, waits for its answer, shows what failed: nothing is lost",
                "NIST.800.53.R5-LambdaDLQ",
            )
        acknowledge(
            self.function,
            "It is called a few times a day at most; a reserve would be taken from the account.",
            "NIST.800.53.R5-LambdaConcurrency",
        )
        if inside is None:
            acknowledge(
                self.function,
                "It asks AWS's APIs alone, the tooling's among them: nothing of a network is near.",
                "NIST.800.53.R5-LambdaInsideVPC",
            )


def answer_pipeline() -> iam.PolicyStatement:
    """Allow telling CodePipeline how a job ended."""
    return statements.allow(
        ["codepipeline:PutJobSuccessResult", "codepipeline:PutJobFailureResult"],
        ["*"],
        because="A job has no ARN: IAM offers no resource for these two actions.",
    )


def use_interfaces() -> list[iam.PolicyStatement]:
    """Allow Lambda to put a function's network interfaces into subnets, and to clear them away."""
    return [
        statements.allow(
            [
                "ec2:CreateNetworkInterface",
                "ec2:DeleteNetworkInterface",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSubnets",
            ],
            ["*"],
            because="Lambda itself makes the interfaces before they have a name, and demands this.",
        )
    ]
