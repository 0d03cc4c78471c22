"""From templates to an estimate: which resource types cost, and which are free."""

from collections.abc import Sequence

from catalog.prices import Prices
from ops.estimate import compute, delivery, standing
from ops.estimate.line import Estimate, Line
from ops.estimate.sheet import Sheet
from ops.estimate.standing import Pricer
from stacks.rules.template import Template

PRICED: dict[str, Pricer] = {
    "AWS::SageMaker::Endpoint": compute.endpoint,
    "AWS::ECS::Service": compute.service,
    "AWS::AutoScaling::AutoScalingGroup": compute.hosts,
    "AWS::StepFunctions::StateMachine": compute.state_machine,
    "AWS::EC2::NatGateway": standing.nat,
    "AWS::EC2::EIP": standing.public_address,
    "AWS::EC2::VPCEndpoint": standing.vpc_endpoint,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": standing.load_balancer,
    "AWS::KMS::Key": standing.key,
    "AWS::CloudWatch::Alarm": standing.alarm,
    "AWS::CloudWatch::CompositeAlarm": standing.composite,
    "AWS::CloudWatch::Dashboard": standing.dashboard,
    "AWS::Logs::MetricFilter": standing.metric,
    "AWS::Logs::LogGroup": standing.log_group,
    "AWS::S3::Bucket": standing.bucket,
    "AWS::ECR::Repository": standing.repository,
    "AWS::CodeBuild::Project": delivery.project,
    "AWS::CodePipeline::Pipeline": delivery.pipeline,
}
# Free in themselves, or priced with what they belong to.
FREE = (
    "AWS::ApplicationAutoScaling::", "AWS::IAM::", "AWS::SSM::Parameter",
    *(f"AWS::EC2::{name}" for name in (
        "VPC", "Subnet", "Route", "InternetGateway", "SecurityGroup", "LaunchTemplate", "FlowLog",
        "NetworkAcl", "EIPAssociation",
    )),
    "AWS::S3::BucketPolicy", "AWS::KMS::Alias", "AWS::ECS::", "AWS::SNS::", "AWS::Events::",
    "AWS::SageMaker::Model", "AWS::SageMaker::EndpointConfig",
    "AWS::SageMaker::DataQualityJobDefinition", "AWS::SageMaker::MonitoringSchedule",
    "AWS::ElasticLoadBalancingV2::", "AWS::Scheduler::", "AWS::Batch::",
    "AWS::CodePipeline::Webhook", "AWS::AutoScaling::", "AWS::CDK::Metadata", "Custom::",
    "AWS::CloudFormation::", "AWS::SQS::QueuePolicy", "AWS::Logs::",
    "AWS::CodeBuild::ReportGroup",
)  # fmt: skip
# Cents a month at this project's use; a rate would pretend to a precision that is not there.
CENTS = ("AWS::Lambda::", "AWS::SQS::Queue")


def estimate(
    templates: Sequence[Template], prices: Prices, pairs_per_second: dict[str, float] | None = None
) -> Estimate:
    """Return what the stacks cost a month.

    Args:
        templates: The synthesised stacks of one app.
        prices: The price table.
        pairs_per_second: Measured throughput of the duplicates artifact, by accelerator.

    Raises:
        ValueError: The table lacks a price; the message names the row to add.
    """
    sheet = Sheet(prices, pairs_per_second or {})
    lines: list[Line] = []
    unpriced: dict[str, int] = {}
    for template in templates:
        for resource in template.resources.values():
            pricer = PRICED.get(resource.kind)
            if pricer is not None:
                lines += pricer(resource, sheet)
            elif not resource.kind.startswith((*FREE, *CENTS)):
                unpriced[resource.kind] = unpriced.get(resource.kind, 0) + 1
    elsewhere = tuple(item.name for item in templates if item.region != prices.region)
    unpriced = dict(sorted(unpriced.items()))
    return Estimate(prices.date, prices.region, tuple(lines), unpriced, elsewhere)
