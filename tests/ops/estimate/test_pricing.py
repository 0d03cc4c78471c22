"""Prices of hand-made resources, so that each figure can be followed."""

from typing import Any

import pytest

from catalog.load import load_prices
from catalog.prices import PriceChanges, Rate
from ops.estimate.line import Amount, Estimate, Line
from ops.estimate.pricing import estimate
from stacks.rules.template import Template, together

PRICES = load_prices()
HOURS = 730


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def priced(stack: str = "slipway-prod-search", **resources: Any) -> Estimate:
    template = Template(stack, "us-east-1", {"Resources": resources})
    return estimate(together([template]), PRICES)


def only(found: Estimate) -> Line:
    (line,) = found.lines
    return line


def endpoint(count: int = 2) -> dict[str, Any]:
    variant = {"VariantName": "main", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": count}
    return {
        "Config": resource("SageMaker::EndpointConfig", ProductionVariants=[variant]),
        "Endpoint": resource(
            "SageMaker::Endpoint",
            EndpointName="slipway-prod-search",
            EndpointConfigName={"Fn::GetAtt": ["Config", "EndpointConfigName"]},
        ),
    }


def scaled(low: int, high: int, id_: str, **more: Any) -> dict[str, Any]:
    return resource(
        "ApplicationAutoScaling::ScalableTarget",
        ResourceId=id_,
        MinCapacity=low,
        MaxCapacity=high,
        **more,
    )


def test_a_fixed_fleet_costs_its_instances_every_hour():
    line = only(priced(**endpoint(count=2)))

    assert line.usd == Amount.of(2 * PRICES.usd_per_hour("ml.g5.xlarge") * HOURS)
    assert line.environment == "prod"
    assert line.basis == PRICES.price("ml.g5.xlarge").basis
    assert line.assumes == ""


def test_a_scaled_fleet_costs_between_its_bounds_whatever_it_starts_with():
    target = scaled(4, 12, "endpoint/slipway-prod-search/variant/main")
    line = only(priced(**endpoint(count=12), Target=target))

    hourly = PRICES.usd_per_hour("ml.g5.xlarge") * HOURS
    assert line.usd.low == pytest.approx(4 * hourly)
    assert line.usd.high == pytest.approx(12 * hourly)
    share = PRICES.assumption("load").value
    assert line.usd.expected == pytest.approx((4 + share * 8) * hourly)
    assert "load" in line.assumes


def test_off_hours_lower_both_bounds():
    actions = [
        {
            "Schedule": "cron(0 22 * * ? *)",
            "ScalableTargetAction": {"MinCapacity": 2, "MaxCapacity": 6},
        },
        {
            "Schedule": "cron(0 10 * * ? *)",
            "ScalableTargetAction": {"MinCapacity": 4, "MaxCapacity": 12},
        },
    ]
    target = scaled(4, 12, "endpoint/slipway-prod-search/variant/main", ScheduledActions=actions)
    line = only(priced(**endpoint(), Target=target))

    hourly = PRICES.usd_per_hour("ml.g5.xlarge") * HOURS
    assert (line.usd.low, line.usd.high) == pytest.approx((3 * hourly, 9 * hourly))


def test_the_scaling_of_another_variant_does_not_count():
    target = scaled(4, 12, "endpoint/slipway-prod-ads/variant/main")
    line = only(priced(**endpoint(count=2), Target=target))

    assert line.usd.low == line.usd.high


def service(compatibility: str) -> dict[str, Any]:
    return {
        "Task": resource(
            "ECS::TaskDefinition",
            RequiresCompatibilities=[compatibility],
            Cpu="1024",
            Memory="2048",
        ),
        "Service": resource(
            "ECS::Service",
            ServiceName="slipway-prod-intent",
            TaskDefinition={"Ref": "Task"},
            DesiredCount=3,
        ),
    }


def test_a_fargate_task_costs_its_cores_and_memory():
    line = only(priced(**service("FARGATE")))

    one = PRICES.rate("fargate.vcpu").usd + 2 * PRICES.rate("fargate.gib").usd
    assert line.usd.expected == pytest.approx(3 * one * HOURS)


def test_tasks_on_hosts_cost_their_hosts():
    disks = [{"Ebs": {"VolumeSize": 50}}]
    launch = {"InstanceType": "inf1.xlarge", "BlockDeviceMappings": disks}
    found = priced(
        **service("EC2"),
        Launch=resource("EC2::LaunchTemplate", LaunchTemplateData=launch),
        Group=resource(
            "AutoScaling::AutoScalingGroup",
            MinSize="1",
            MaxSize="6",
            LaunchTemplate={"LaunchTemplateId": {"Ref": "Launch"}},
        ),
    )

    hosts, disk = found.lines
    hourly = PRICES.usd_per_hour("inf1.xlarge")
    assert hosts.usd.low == hosts.usd.high == pytest.approx(3 * hourly * HOURS)
    assert disk.usd.expected == pytest.approx(3 * 50 * PRICES.rate("ebs.gb").usd)


def test_a_scheduled_job_costs_its_runs():
    definition = (
        '{"States": {"Score": {"Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",'
        '"Parameters": {"ProcessingResources": {"ClusterConfig":'
        ' {"InstanceType": "ml.g5.xlarge", "InstanceCount": 2}}}}}}'
    )
    machine = resource("StepFunctions::StateMachine", DefinitionString=definition)
    schedule = resource(
        "Scheduler::Schedule",
        ScheduleExpression="cron(0 3 * * ? *)",
        Target={"Arn": {"Fn::GetAtt": ["Machine", "Arn"]}},
    )
    scheduled = only(priced(Machine=machine, Schedule=schedule))
    by_hand = only(priced(Machine=machine))

    pairs = PRICES.assumption("batch.pairs").value / PRICES.assumption("batch.rate").value / 3600
    hours = pairs + 2 * PRICES.assumption("batch.start").value / 60
    expected = 365 / 12 * hours * PRICES.usd_per_hour("ml.g5.xlarge")
    assert scheduled.usd.expected == pytest.approx(expected)
    assert by_hand.usd.high == 0
    assert by_hand.what.startswith(f"by hand, {expected / (365 / 12):.2f} USD a run")


def test_an_interface_endpoint_costs_by_zone_and_a_gateway_nothing():
    interface = resource("EC2::VPCEndpoint", VpcEndpointType="Interface", SubnetIds=["a", "b", "c"])
    gateway = resource("EC2::VPCEndpoint", VpcEndpointType="Gateway")
    line = only(priced(Interface=interface, Gateway=gateway))

    traffic = PRICES.assumption("traffic").value * PRICES.rate("endpoint.gb").usd
    each = HOURS * PRICES.rate("endpoint.hour").usd + traffic
    assert line.usd.expected == pytest.approx(3 * each)


def test_alarms_cost_by_metric_and_fast_ones_more():
    def stat(period: int) -> dict[str, Any]:
        return {"MetricStat": {"Period": period}}

    plain = only(priced(Alarm=resource("CloudWatch::Alarm", Period=60)))
    two = only(priced(Alarm=resource("CloudWatch::Alarm", Metrics=[stat(60), stat(60)])))
    fast = only(priced(Alarm=resource("CloudWatch::Alarm", Metrics=[stat(10)])))

    alarm = PRICES.rate("alarm").usd
    assert [line.usd.expected for line in (plain, two, fast)] == [
        alarm, 2 * alarm, PRICES.rate("alarm.fast").usd
    ]  # fmt: skip


def test_a_compile_costs_what_its_accelerator_takes():
    def project(name: str, kind: str, size: str) -> Line:
        environment = {"Type": kind, "ComputeType": size}
        return only(
            priced(Project=resource("CodeBuild::Project", Name=name, Environment=environment))
        )

    gpu = project("slipway-compile-g5", "LINUX_GPU_CONTAINER", "BUILD_GENERAL1_SMALL")
    cpu = project("slipway-compile-cpu", "LINUX_CONTAINER", "BUILD_GENERAL1_LARGE")

    compiles = PRICES.assumption("pushes").value * PRICES.assumption("compiles").value
    minutes = compiles * PRICES.assumption("compile.g5").value
    assert gpu.usd.expected == pytest.approx(minutes * PRICES.rate("build.gpu-small").usd)
    assert gpu.usd.expected > cpu.usd.expected > 0


def test_approvals_are_free():
    def action(category: str) -> dict[str, Any]:
        return {"ActionTypeId": {"Owner": "AWS", "Category": category}}

    stages = [{"Actions": [action("Source")]}, {"Actions": [action("Approval"), action("Build")]}]
    line = only(priced(Pipeline=resource("CodePipeline::Pipeline", Stages=stages)))

    assert line.what == "2 actions a push"


def test_what_has_no_price_is_listed_and_not_counted():
    found = priced(
        Table=resource("DynamoDB::Table"),
        Machine=resource("EC2::Instance"),
        Role=resource("IAM::Role"),
        Group=resource("EC2::SecurityGroupIngress"),
    )

    assert found.lines == ()
    assert found.unpriced == {"AWS::DynamoDB::Table": 1, "AWS::EC2::Instance": 1}


def test_stacks_of_another_region_are_told_apart():
    template = Template("slipway-prod-base", "eu-west-1", {"Resources": {}})

    assert estimate(together([template]), PRICES).elsewhere == ("slipway-prod-base",)


def test_an_instance_without_a_price_says_which_row_to_add():
    with pytest.raises(ValueError, match=r"no price for instance 'ml\.p9\.xlarge': add a row"):
        PRICES.usd_per_hour("ml.p9.xlarge")


def test_an_override_takes_the_place_of_rows_and_keeps_the_others():
    contract = Rate(usd=0.02, per="hour", basis="our contract")
    changed = PRICES.changed(PriceChanges(date="2027-01-01", rates={"nat.hour": contract}))

    assert changed.rate("nat.hour").basis == "our contract"
    assert changed.date == "2027-01-01"
    assert changed.rate("alb.hour") == PRICES.rate("alb.hour")
