"""SageMaker Model Monitor, for accounts that used it before AWS closed it: definition and schedule.

It knows endpoints of a single model alone. Records are flattened by `serving/drift/preprocess.py`.

No baselining job of AWS's runs: every artifact brings `statistics.json` and `constraints.json` in
Model Monitor's own format, made at build of the answers that its gates judged, signed and promoted
with it. A baselining job would suggest both anew from whatever file somebody gives it, after the
promotion, and the release would not say what it is held against.
"""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from constructs import Construct

from catalog import bucket
from catalog.artifact import Manifest
from catalog.environment import Environment
from stacks.fit import Misfit
from stacks.functions.construct import Inside
from stacks.monitoring.analyzer import REPORTS, Analyzer
from stacks.monitoring.served import ServedModel

# The accounts that AWS keeps the analyzer in.
ANALYZERS = {
    "us-east-1": "156813124566", "us-east-2": "777275614652", "us-west-1": "890145073186",
    "us-west-2": "159807026194", "eu-west-1": "468650794304", "eu-central-1": "048819808253",
}  # fmt: skip
LOCAL = "/opt/ml/processing"
SECONDS = 1800
JOBS = "model-monitoring-"  # how SageMaker names the processing jobs of schedules
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
    analyzer: Analyzer,
    inside: Inside,
    key: kms.IKey,
) -> sagemaker.CfnMonitoringSchedule:
    """Make the job definition and the schedule of one model's endpoint.

    Args:
        scope: The parent.
        served: The model.
        environment: Region, schedule, machine.
        store: The environment's bucket.
        analyzer: What it may do, and the script that flattens records for it.
        inside: The network that the analyzer runs in.
        key: What encrypts its disk and its reports.

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
        instance_count=1,
        instance_type=environment.monitoring.instance,
        volume_size_in_gb=10,
        volume_kms_key_id=key.key_arn,
    )
    group = ec2.SecurityGroup(
        scope,
        f"AnalyzerGroup-{served.model}",
        vpc=inside.vpc,
        description="Model Monitor: S3 and CloudWatch over TLS, nothing in",
        allow_all_outbound=False,
    )
    group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.HTTPS, "S3 by its gateway, CloudWatch")
    network = _Job.VpcConfigProperty(
        security_group_ids=[group.security_group_id],
        subnets=inside.vpc.select_subnets(
            subnet_group_name=inside.subnets.subnet_group_name
        ).subnet_ids,
    )
    definition = _Job(
        scope,
        f"DataQuality-{served.model}",
        data_quality_app_specification=_Job.DataQualityAppSpecificationProperty(
            image_uri=image, record_preprocessor_source_uri=analyzer.script
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
            kms_key_id=key.key_arn,
            monitoring_outputs=[
                _Job.MonitoringOutputProperty(
                    s3_output=_Job.S3OutputProperty(
                        local_path=f"{LOCAL}/output",
                        s3_uri=store.s3_url_for_object(f"{REPORTS}/{served.model}"),
                    )
                )
            ],
        ),
        network_config=_Job.NetworkConfigProperty(
            enable_inter_container_traffic_encryption=True, vpc_config=network
        ),
        job_resources=_Job.MonitoringResourcesProperty(cluster_config=cluster),
        role_arn=analyzer.role.role_arn,
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


def tell_of_violations(scope: Construct, topic: sns.ITopic) -> events.Rule:
    """Tell people of a run that found its constraints broken: it says so in its exit message.

    Args:
        scope: The parent.
        topic: Who hears of it.
    """
    return events.Rule(
        scope,
        "Violations",
        description="Model Monitor found records that break the baseline's constraints",
        event_pattern=events.EventPattern(
            source=["aws.sagemaker"],
            detail_type=["SageMaker Processing Job State Change"],
            detail={
                "ProcessingJobName": events.Match.prefix(JOBS),
                "ExitMessage": events.Match.prefix("CompletedWithViolations"),
            },
        ),
        targets=[targets.SnsTopic(topic)],
    )


def _baseline(manifest: Manifest, name: str) -> str:
    for entry in manifest.baseline:
        if entry.path == f"baseline/{name}.json":
            return bucket.content(entry.sha256)
    raise Misfit(
        f"model {manifest.model}: its artifact has no baseline ({name}.json): build it again"
    )
