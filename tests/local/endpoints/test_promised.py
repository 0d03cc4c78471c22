"""An update that AWS turns back after the pointer has moved, and who notices."""

from datetime import UTC, datetime, timedelta

import pytest

from catalog import bucket, digest
from catalog.artifact import FileEntry
from catalog.release import Release
from catalog.signature import kms_sign, kms_verify
from lambdas.check_live import aws, handler
from lambdas.common import clients
from lambdas.common.live import look_at
from lambdas.common.promotion import verification
from model_build.key import Proof
from model_build.store import Store
from tests.lambdas.fakes import FakePipeline
from tests.local.cloud import heard, listen, wait_for
from tests.local.endpoints.lab import ACCOUNT, BUCKET, REGION, Lab, add_config, triton_archive
from tests.local.endpoints.test_triton import ask
from tests.model_build.fakes import manifest

ENDPOINT, POINTER = "slipway-dev-search", "/slipway/dev/release"


@pytest.fixture
def store(lab: Lab, monkeypatch) -> Store:
    """The signed documents of an environment whose bucket and endpoint are the lab's."""
    kms = lab.client("kms")
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    for name, value in {
        "SLIPWAY_ENVIRONMENT": "dev",
        "SLIPWAY_ENVIRONMENT_BUCKET": BUCKET,
        "SLIPWAY_SIGNING_KEY": key,
        "SLIPWAY_RELEASE_PARAMETER": POINTER,
        "SLIPWAY_PIPELINE": "slipway-models",
    }.items():
        monkeypatch.setenv(name, value)
    stand_ins = {"codepipeline": FakePipeline()}
    monkeypatch.setattr(clients, "client", lambda name: stand_ins.get(name) or lab.client(name))
    monkeypatch.setattr(handler, "PAUSE_SECONDS", 0.0)
    return Store(BUCKET, lab.client("s3"), kms_verify(kms, key), kms_sign(kms, key))


def publish(lab: Lab, store: Store, folder, word: str) -> str:
    """Put a release of one model that answers with a word; return the release."""
    path = folder / "echo.tar.gz"
    path.write_bytes(triton_archive(word, ballast_mib=1))
    entry = FileEntry(path.name, digest.of_file(path), path.stat().st_size)
    image = "slipway/triton:0123456789abcdef"
    made = manifest(entry, digest.of_document(word), model="echo", runtime_image=image)
    artifact = store.publish(made, path, Proof(digest.of_document(word), "sha256:aa", {}))
    release = store.put_release(Release({"echo": {"cpu": artifact}}, word))
    live = bucket.live_prefix("search", release, "cpu")
    lab.client("s3").put_object(Bucket=BUCKET, Key=f"{live}echo.tar.gz", Body=path.read_bytes())
    return release


def promise(lab: Lab, release: str) -> None:
    """Do what verify and point do for what the endpoint serves now."""
    seen = look_at("dev", "endpoint", "search").digest()
    key = verification(release, seen)
    lab.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"{}")
    lab.client("ssm").put_parameter(Name=POINTER, Value=release, Type="String", Overwrite=True)


def test_a_silent_rollback_after_the_pointer_has_moved_is_noticed(
    lab, execution_role, store, tmp_path
):
    sagemaker, alarms = lab.client("sagemaker"), lab.client("cloudwatch")
    old, new = (publish(lab, store, tmp_path, word) for word in ("old", "new"))
    before, after = (
        add_config(lab, "triton", bucket.live_prefix("search", release, "cpu"), execution_role)
        for release in (old, new)
    )
    prefix = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/slipway-dev-"
    pattern = {"source": ["aws.sagemaker"], "resources": [{"prefix": prefix}]}
    queue = listen(lab, "at-rest", pattern)
    sagemaker.create_endpoint(EndpointName=ENDPOINT, EndpointConfigName=before)
    lab.wait(ENDPOINT)
    promise(lab, old)
    assert handler.handle({}, None) == {"checked": [ENDPOINT], "wrong": []}

    alarms.put_metric_alarm(
        AlarmName="late", Namespace="N", MetricName="M", Statistic="Sum", Period=60,
        EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    sagemaker.update_endpoint(
        EndpointName=ENDPOINT,
        EndpointConfigName=after,
        DeploymentConfig={
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
                "TerminationWaitInSeconds": 3600,
            },
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "late"}]},
        },
    )
    wait_for(lambda: ask(lab, ENDPOINT, "echo.tar.gz", "x") == "new:X")  # its old fleet still bakes
    lab.client("ssm").put_parameter(Name=POINTER, Value=new, Type="String", Overwrite=True)
    alarms.set_alarm_state(AlarmName="late", StateValue="ALARM", StateReason="test")
    assert lab.wait(ENDPOINT)["EndpointConfigName"] == before

    (told,) = [item for item in heard(lab, queue, 2) if item["EndpointConfigName"] == before][1:]
    assert told["EndpointStatus"] == "IN_SERVICE"
    (wrong,) = handler.handle({}, None)["wrong"]
    assert f"its config {before} loads s3://{BUCKET}/live/search/{old}/cpu/" in wrong
    assert f"this release lies under s3://{BUCKET}/live/search/{new}/cpu/" in wrong
    assert unpromised(lab) == 1.0

    sagemaker.update_endpoint(EndpointName=ENDPOINT, EndpointConfigName=after)
    lab.wait(ENDPOINT)
    promise(lab, new)
    assert handler.handle({}, None)["wrong"] == []
    sagemaker.delete_endpoint(EndpointName=ENDPOINT)


def unpromised(lab: Lab) -> float:
    """Return the last value of the metric."""
    now = datetime.now(UTC)
    (point,) = lab.client("cloudwatch").get_metric_statistics(
        Namespace=aws.NAMESPACE, MetricName="Unpromised",
        Dimensions=[{"Name": "Environment", "Value": "dev"}, {"Name": "Target", "Value": ENDPOINT}],
        StartTime=now - timedelta(hours=1), EndTime=now + timedelta(minutes=1), Period=7200,
        Statistics=["Maximum"],
    )["Datapoints"]  # fmt: skip
    return float(point["Maximum"])
