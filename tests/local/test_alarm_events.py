"""What follows an alarm in the local cloud: events, OpsItems; and what its metrics say."""

import datetime
import json
import time

import pytest

from tests.local.cloud import Cloud, wait_for

SPACE = "Tests/Alarms"


def datum(cloud: Cloud, name: str, *values: float) -> None:
    data = [{"MetricName": name, "Values": list(values)}]
    cloud.client("cloudwatch").put_metric_data(Namespace=SPACE, MetricData=data)


def test_a_rule_hears_of_an_alarm_that_begins_to_ring(local_cloud: Cloud):
    events, sqs = local_cloud.client("events"), local_cloud.client("sqs")
    queue = sqs.create_queue(QueueName="rings")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    pattern = {
        "source": ["aws.cloudwatch"],
        "detail": {"alarmName": [{"prefix": "rings-"}], "state": {"value": ["ALARM"]}},
    }
    events.put_rule(Name="rings", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="rings", Targets=[{"Id": "queue", "Arn": arn["QueueArn"]}])
    local_cloud.client("cloudwatch").put_metric_alarm(
        AlarmName="rings-loud",
        AlarmDescription="Loud. docs/runbooks/x.md#loud",
        Namespace=SPACE,
        MetricName="Noise",
        Statistic="Maximum",
        Period=10,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )

    datum(local_cloud, "Noise", 5)

    (message,) = wait_for(lambda: sqs.receive_message(QueueUrl=queue).get("Messages"))
    event = json.loads(message["Body"])
    assert event["detail-type"] == "CloudWatch Alarm State Change"
    assert event["detail"]["alarmName"] == "rings-loud"
    assert event["detail"]["previousState"]["value"] in ("OK", "INSUFFICIENT_DATA")
    assert event["detail"]["configuration"]["description"].endswith("x.md#loud")


def test_one_ops_item_is_open_for_a_cause(local_cloud: Cloud):
    ssm = local_cloud.client("ssm")
    dedup = {"/aws/dedup": {"Value": '{"dedupString":"one"}', "Type": "SearchableString"}}
    item = {"Title": "t", "Description": "d", "Source": "tests", "OperationalData": dedup}

    made = ssm.create_ops_item(**item)["OpsItemId"]
    with pytest.raises(ssm.exceptions.OpsItemAlreadyExistsException):
        ssm.create_ops_item(**item)
    ssm.update_ops_item(OpsItemId=made, Status="Resolved")

    assert ssm.create_ops_item(**item)["OpsItemId"] != made
    mine = [{"Key": "Source", "Values": ["tests"], "Operator": "Equal"}]
    found = ssm.describe_ops_items(OpsItemFilters=mine)["OpsItemSummaries"]
    assert {entry["Status"] for entry in found} == {"Open", "Resolved"}


def test_metric_math_has_data(local_cloud: Cloud):
    datum(local_cloud, "Calls", *[1.0] * 8)
    datum(local_cloud, "Errors", 1.0, 1.0)

    def metric(name: str) -> dict[str, object]:
        stat = {"Metric": {"Namespace": SPACE, "MetricName": name}, "Period": 60, "Stat": "Sum"}
        return {"Id": name.lower(), "MetricStat": stat, "ReturnData": False}

    now = datetime.datetime.fromtimestamp(time.time(), datetime.UTC)
    answer = local_cloud.client("cloudwatch").get_metric_data(
        MetricDataQueries=[
            {"Id": "share", "Expression": "errors / calls"},
            metric("Calls"),
            metric("Errors"),
        ],
        StartTime=now - datetime.timedelta(minutes=5),
        EndTime=now + datetime.timedelta(minutes=1),
    )

    (share,) = answer["MetricDataResults"]
    assert (share["Id"], share["Values"]) == ("share", [0.25])
