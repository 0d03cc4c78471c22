"""A processing job is processes: sharded by key, under its role, waited for by a state machine."""

import datetime
import json

import pytest

from catalog.images import image_tag
from local.paths import ROOT
from tests.local.cloud import Cloud, read_template, wait_for

BUCKET = "jobs"
# each machine writes one object that names the shards it was given
LIST = "; ".join(
    (
        "import boto3, os, pathlib",
        "names = sorted(p.name for p in pathlib.Path(os.environ['INPUT']).iterdir())",
        "put = boto3.client('s3').put_object",
        "put(Bucket=os.environ['BUCKET'], Key='out/' + names[0], Body=' '.join(names).encode())",
    )
)
FAIL = "raise SystemExit('the pairs are spoiled')"
STEAL = "import boto3; boto3.client('s3').get_object(Bucket='jobs', Key='secret')"


def _deploy(cloud: Cloud, code: str) -> str:
    image = f"000000000000.dkr.ecr.us-east-1.amazonaws.com/slipway/intent:{_tag()}"
    escaped = json.dumps(code)[1:-1]
    stack = cloud.deploy(
        "jobs",
        read_template("job_stack.yaml"),
        Image=image,
        Code=escaped,
        Bucket=BUCKET,
    )
    assert stack["StackStatus"].endswith("_COMPLETE"), cloud.reasons("jobs")
    return stack["Outputs"][0]["OutputValue"]


def _tag() -> str:
    return image_tag("intent", ROOT)


def _run(cloud: Cloud, machine: str) -> dict:
    states = cloud.client("stepfunctions")
    started = states.start_execution(stateMachineArn=machine)["executionArn"]

    def ended() -> dict | None:
        found = states.describe_execution(executionArn=started)
        return None if found["status"] == "RUNNING" else found

    return wait_for(ended)


@pytest.fixture(scope="module")
def jobs(local_cloud: Cloud) -> Cloud:
    s3 = local_cloud.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    for name in ("a", "b", "c"):
        s3.put_object(Bucket=BUCKET, Key=f"in/{name}", Body=b"pairs")
    s3.put_object(Bucket=BUCKET, Key="secret", Body=b"nobody's business")
    yield local_cloud
    local_cloud.delete("jobs")


def test_a_state_machine_runs_a_job_whose_machines_share_the_keys(jobs: Cloud):
    machine = _deploy(jobs, LIST)

    execution = _run(jobs, machine)

    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    assert json.loads(execution["output"])["ProcessingJobStatus"] == "Completed"
    s3 = jobs.client("s3")
    shares = [
        s3.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read().decode()
        for entry in s3.list_objects_v2(Bucket=BUCKET, Prefix="out/")["Contents"]
    ]
    assert sorted(shares) == ["a c", "b"]


def test_a_machine_that_fails_fails_job_and_execution_with_its_last_words(jobs: Cloud):
    machine = _deploy(jobs, FAIL)

    execution = _run(jobs, machine)

    cause = json.loads(execution["cause"])
    assert (execution["status"], execution["error"]) == ("FAILED", "States.TaskFailed")
    assert cause["ProcessingJobStatus"] == "Failed"
    assert "the pairs are spoiled" in cause["ExitMessage"]
    wait_for(lambda: _failures(jobs, machine))


def _failures(cloud: Cloud, machine: str) -> float:
    """Return how many failed runs CloudWatch knows of, which an alarm watches."""
    now = datetime.datetime.now(datetime.UTC)
    found = cloud.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/States",
        MetricName="ExecutionsFailed",
        Dimensions=[{"Name": "StateMachineArn", "Value": machine}],
        StartTime=now - datetime.timedelta(minutes=5),
        EndTime=now + datetime.timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )
    return sum(point["Sum"] for point in found["Datapoints"])


def test_a_job_may_do_what_its_role_allows_and_no_more(jobs: Cloud):
    machine = _deploy(jobs, STEAL)

    execution = _run(jobs, machine)

    assert "AccessDenied" in json.loads(execution["cause"])["ExitMessage"]


def test_a_schedule_starts_the_job(jobs: Cloud):
    states, scheduler = jobs.client("stepfunctions"), jobs.client("scheduler")
    machine = _deploy(jobs, LIST)
    deployed = scheduler.get_schedule(Name="scores")

    # the deployed one waits for the night: another with its target is due at once
    scheduler.create_schedule(
        Name="now",
        ScheduleExpression="at(2020-01-01T00:00:00)",
        **{key: deployed[key] for key in ("FlexibleTimeWindow", "Target")},
    )

    def by_schedule() -> list[str]:
        found = states.list_executions(stateMachineArn=machine)["executions"]
        inputs = [states.describe_execution(executionArn=e["executionArn"])["input"] for e in found]
        return [text for text in inputs if "schedule" in text]

    assert wait_for(by_schedule)
    scheduler.delete_schedule(Name="now")


# fails the first time, as a machine that is taken away; then each member writes its own object
MEMBER = "; ".join(
    (
        "import boto3, os, sys",
        "number, attempt = (os.environ['AWS_BATCH_JOB_' + n] for n in ('ARRAY_INDEX', 'ATTEMPT'))",
        "attempt == '1' and sys.exit(143)",
        "put = boto3.client('s3').put_object",
        "put(Bucket='array', Key='out/' + number, Body=attempt.encode())",
    )
)


def test_each_member_of_an_array_job_has_its_number_and_further_attempts(local_cloud: Cloud):
    s3 = local_cloud.client("s3")
    s3.create_bucket(Bucket="array")
    image = f"slipway/intent:{_tag()}"
    stack = local_cloud.deploy("array", read_template("batch_stack.yaml"), Image=image, Code=MEMBER)
    assert stack["StackStatus"] == "CREATE_COMPLETE", local_cloud.reasons("array")

    execution = _run(local_cloud, stack["Outputs"][0]["OutputValue"])

    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    written = {
        entry["Key"]: s3.get_object(Bucket="array", Key=entry["Key"])["Body"].read()
        for entry in s3.list_objects_v2(Bucket="array")["Contents"]
    }
    assert written == {"out/0": b"2", "out/1": b"2"}
    local_cloud.delete("array")
    assert not local_cloud.client("batch").describe_job_queues()["jobQueues"]
