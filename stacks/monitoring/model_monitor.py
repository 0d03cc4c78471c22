"""SageMaker Model Monitor, for accounts that used it before AWS closed it: definition and schedule.

It knows endpoints of a single model alone. Records are flattened by `serving/drift/preprocess.py`;
baselines are those that every artifact is promoted with, in Model Monitor's own format.
"""

from collections.abc import Sequence
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from catalog import bucket
from catalog.artifact import Manifest
from catalog.environment import Environment
from stacks import statements
from stacks.accounts import Place
from stacks.fit import Misfit
from stacks.monitoring.served import ServedModel

# The accounts that AWS keeps the analyzer in.
ANALYZERS = {
    "us-east-1": "156813124566", "us-east-2": "777275614652", "us-west-1": "890145073186",
    "us-west-2": "159807026194", "eu-west-1": "468650794304", "eu-central-1": "048819808253",
}  # fmt: skip
LOCAL = "/opt/ml/processing"
SCRIPT = Path(__file__).resolve().parents[2] / "serving/drift/preprocess.py"
REPORTS = "drift/model-monitor"
SECONDS = 1800
_Job = sagemaker.CfnDataQualityJobDefinition
_Schedule = sagemaker.CfnMonitoringSchedule


def single_models(models: Sequence[ServedModel]) -> list[ServedModel]:
    """Return the models that have their endpoint to themselves.

    Raises:
        Misfit: An endpoint hosts several: Model Monitor cannot tell them apart.
    """
    endpoints = [item for item in models if item.kind == "endpoint"]
    for item in endpoints:
        others = [other.model for other in endpoints if other.target == item.target]
        if len(others) > 1:
            raise Misfit(
                f"endpoint {item.target}: hosts {', '.join(others)}, and Model Monitor knows"
                " endpoints of a single model alone: set monitoring.engine to 'drift'"
            )
    return endpoints


def watch_by_model_monitor(
    scope: Construct,
    served: ServedModel,
    *,
    environment: Environment,
    store: s3.IBucket,
    role: iam.IRole,
    script: assets.Asset,
) -> sagemaker.CfnMonitoringSchedule:
    """Make the job definition and the schedule of one model's endpoint.

    Args:
        scope: The parent.
        served: The model.
        environment: Region, schedule, machine.
        store: The environment's bucket.
        role: What the analyzer may do.
        script: What flattens records before the analyzer reads them.

    Raises:
        Misfit: The region's analyzer is not known, or the artifact has no baseline.
    """
    if environment.region not in ANALYZERS:
        known = ", ".join(ANALYZERS)
        raise Misfit(f"region {environment.region}: no analyzer is known there, only in {known}")
    image = (
        f"{ANALYZERS[environment.region]}.dkr.ecr.{environment.region}.amazonaws.com"
        "/sagemaker-model-monitor-analyzer"
    )
    statistics, constraints = (
        store.s3_url_for_object(_baseline(served.manifest, name))
        for name in ("statistics", "constraints")
    )
    cluster = _Job.ClusterConfigProperty(
        instance_count=1, instance_type=environment.monitoring.instance, volume_size_in_gb=10
    )
    definition = _Job(
        scope,
        f"DataQuality-{served.model}",
        data_quality_app_specification=_Job.DataQualityAppSpecificationProperty(
            image_uri=image, record_preprocessor_source_uri=script.s3_object_url
        ),
        data_quality_baseline_config=_Job.DataQualityBaselineConfigProperty(
            statistics_resource=_Job.StatisticsResourceProperty(s3_uri=statistics),
            constraints_resource=_Job.ConstraintsResourceProperty(s3_uri=constraints),
        ),
        data_quality_job_input=_Job.DataQualityJobInputProperty(
            endpoint_input=_Job.EndpointInputProperty(
                endpoint_name=served.target, local_path=f"{LOCAL}/input"
            )
        ),
        data_quality_job_output_config=_Job.MonitoringOutputConfigProperty(
            monitoring_outputs=[
                _Job.MonitoringOutputProperty(
                    s3_output=_Job.S3OutputProperty(
                        local_path=f"{LOCAL}/output",
                        s3_uri=store.s3_url_for_object(f"{REPORTS}/{served.model}"),
                    )
                )
            ]
        ),
        job_resources=_Job.MonitoringResourcesProperty(cluster_config=cluster),
        role_arn=role.role_arn,
        stopping_condition=_Job.StoppingConditionProperty(max_runtime_in_seconds=SECONDS),
    )
    # SageMaker names it; the name is what follows the slash of its ARN
    name = cdk.Fn.select(1, cdk.Fn.split("/", definition.attr_job_definition_arn))
    schedule = _Schedule.ScheduleConfigProperty(schedule_expression=environment.monitoring.schedule)
    return _Schedule(
        scope,
        f"Schedule-{served.model}",
        monitoring_schedule_name=f"{served.target}-{served.model}",
        monitoring_schedule_config=_Schedule.MonitoringScheduleConfigProperty(
            monitoring_job_definition_name=name,
            monitoring_type="DataQuality",
            schedule_config=schedule,
        ),
    )


def analyzer_role(
    scope: Construct, *, store: s3.IBucket, script: assets.Asset, place: Place
) -> iam.Role:
    """Make the role of the analyzer: it reads captures, baselines and its script, and reports.

    Args:
        scope: The parent.
        store: The environment's bucket.
        script: What flattens records.
        place: Where it runs.
    """
    role = iam.Role(
        scope,
        "AnalyzerRole",
        assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"),
        description="SageMaker Model Monitor looks at captures",
    )
    logs = place.arn("logs", "log-group:/aws/sagemaker/ProcessingJobs")
    statements.grant(
        role,
        *statements.read_objects(store, "capture/*", "content/*"),
        *statements.write_objects(store, f"{REPORTS}/*"),
        statements.allow(["s3:GetObject"], [script.bucket.arn_for_objects(script.s3_object_key)]),
        statements.allow(
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            [logs, f"{logs}:*"],
            because="SageMaker names the streams of each machine.",
        ),
        statements.allow(
            ["cloudwatch:PutMetricData"],
            ["*"],
            {"StringLike": {"cloudwatch:namespace": ["aws/sagemaker/*", "/aws/sagemaker/*"]}},
            because="Metrics have no ARN; a condition bounds the namespace.",
        ),
    )
    return role


def _baseline(manifest: Manifest, name: str) -> str:
    for entry in manifest.baseline:
        if entry.path == f"baseline/{name}.json":
            return bucket.content(entry.sha256)
    raise Misfit(
        f"model {manifest.model}: its artifact has no baseline ({name}.json): build it again"
    )
