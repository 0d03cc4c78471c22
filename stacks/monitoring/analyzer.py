"""What Model Monitor's analyzer runs as, and the script that flattens records for it."""

from dataclasses import dataclass
from pathlib import Path

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from stacks import statements
from stacks.accounts import Place
from stacks.batch import policy

SCRIPT = Path(__file__).resolve().parents[2] / "serving/drift/preprocess.py"
REPORTS = "drift/model-monitor"


@dataclass(frozen=True)
class Analyzer:
    """The role of the analyzer, and where its script lies in S3."""

    role: iam.IRole
    script: str


def analyzer(scope: Construct, *, store: s3.IBucket, key: kms.IKey, place: Place) -> Analyzer:
    """Make role and script: it reads captures, baselines and its script, and reports.

    Args:
        scope: The base, which makes the roles of all jobs.
        store: The environment's bucket.
        key: What encrypts its machine's disk.
        place: Where it runs.
    """
    script = assets.Asset(scope, "Preprocess", path=str(SCRIPT))
    role = iam.Role(
        scope,
        "AnalyzerRole",
        assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"),
        description="SageMaker Model Monitor looks at captures",
    )
    statements.grant(
        role,
        *statements.read_objects(store, "capture/*", "content/*"),
        *statements.write_objects(store, f"{REPORTS}/*"),
        statements.allow(["kms:CreateGrant", "kms:DescribeKey"], [key.key_arn]),
        policy.enter_network(),
        statements.allow(["s3:GetObject"], [script.bucket.arn_for_objects(script.s3_object_key)]),
        policy.write_logs(place),
        statements.allow(
            ["cloudwatch:PutMetricData"],
            ["*"],
            {"StringLike": {"cloudwatch:namespace": ["aws/sagemaker/*", "/aws/sagemaker/*"]}},
            because="Metrics have no ARN; a condition bounds the namespace.",
        ),
    )
    return Analyzer(role, script.s3_object_url)
