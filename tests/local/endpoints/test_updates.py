"""Endpoints that move from one configuration to another, and hosts that go away."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from botocore.exceptions import ClientError

from local import ledger
from tests.local.endpoints.lab import (
    BUCKET,
    Lab,
    add_config,
    emulator,
    role,
    triton_archive,
)
from tests.local.endpoints.test_triton import ask


def put_archive(lab: Lab, prefix: str, name: str) -> None:
    """Put an archive that answers with `name` where a configuration looks for `echo.tar.gz`."""
    body = triton_archive(name, ballast_mib=1)
    lab.client("s3").put_object(Bucket=BUCKET, Key=f"{prefix}/echo.tar.gz", Body=body)


@pytest.fixture
def moving(lab, execution_role):
    """An endpoint that a test may update as it likes."""
    sagemaker = lab.client("sagemaker")
    config = add_config(lab, "triton", "search/", execution_role)
    sagemaker.create_endpoint(EndpointName="moving", EndpointConfigName=config)
    lab.wait("moving")
    yield config
    sagemaker.delete_endpoint(EndpointName="moving")


def test_an_update_switches_without_a_failed_call(lab, moving, execution_role):
    put_archive(lab, "next", "next")
    wanted = add_config(lab, "triton", "next/", execution_role)
    answers, done = [ask(lab, "moving", "echo.tar.gz", "x")], threading.Event()

    def keep_asking() -> None:
        while not done.is_set():
            answers.append(ask(lab, "moving", "echo.tar.gz", "x"))

    caller = threading.Thread(target=keep_asking)
    caller.start()
    lab.client("sagemaker").update_endpoint(EndpointName="moving", EndpointConfigName=wanted)
    found = lab.wait("moving")
    answers.append(ask(lab, "moving", "echo.tar.gz", "x"))
    done.set()
    caller.join()

    assert found["EndpointConfigName"] == wanted
    assert set(answers) == {"echo:X", "next:X"}


def test_a_call_in_flight_is_answered_by_the_fleet_that_leaves(
    lab, moving, execution_role, tmp_path
):
    put_archive(lab, "after", "after")
    wanted = add_config(lab, "triton", "after/", execution_role)
    finish = tmp_path / "finish"
    ask(lab, "moving", "echo.tar.gz", "x")  # the model is loaded

    with ThreadPoolExecutor(1) as caller:
        slow = caller.submit(ask, lab, "moving", "echo.tar.gz", f"await {finish}")
        lab.client("sagemaker").update_endpoint(EndpointName="moving", EndpointConfigName=wanted)
        lab.wait("moving")
        assert ask(lab, "moving", "echo.tar.gz", "x") == "after:X"
        finish.touch()
        answer = slow.result()

    assert answer.startswith("echo:AWAIT")


def test_a_failed_update_leaves_the_old_configuration_serving(lab, moving, execution_role):
    hopeless = add_config(lab, "torchserve", "nothing/", execution_role)

    lab.client("sagemaker").update_endpoint(EndpointName="moving", EndpointConfigName=hopeless)
    found = lab.wait("moving")

    assert found["EndpointConfigName"] == moving
    assert "s3://models/nothing/" in found["FailureReason"]
    assert ask(lab, "moving", "echo.tar.gz", "still") == "echo:STILL"


def test_an_alarm_turns_a_canary_back(lab, moving, execution_role):
    put_archive(lab, "canary", "new")
    wanted = add_config(lab, "triton", "canary/", execution_role)
    alarms = lab.client("cloudwatch")
    alarms.put_metric_alarm(
        AlarmName="errors", Namespace="N", MetricName="M", Statistic="Sum", Period=60,
        EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    half = {"Type": "CAPACITY_PERCENT", "Value": 50}
    routing = {"Type": "CANARY", "CanarySize": half, "WaitIntervalInSeconds": 3600}

    lab.client("sagemaker").update_endpoint(
        EndpointName="moving",
        EndpointConfigName=wanted,
        DeploymentConfig={
            "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing},
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
        },
    )
    answers = set()
    while answers < {"echo:X", "new:X"}:  # both fleets answer while the canary lasts
        answers.add(ask(lab, "moving", "echo.tar.gz", "x"))
    alarms.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")
    found = lab.wait("moving")

    assert found["EndpointConfigName"] == moving
    assert "alarm errors went into ALARM" in found["FailureReason"]
    assert {ask(lab, "moving", "echo.tar.gz", "x") for _ in range(8)} == {"echo:X"}


def test_weights_decide_which_variant_answers(lab, execution_role):
    sagemaker = lab.client("sagemaker")
    name = add_config(lab, "triton", "search/", execution_role)
    variants = [
        {"VariantName": variant, "ModelName": name, "InstanceType": "ml.m5.large",
         "InitialInstanceCount": 1, "InitialVariantWeight": 1.0}
        for variant in ("blue", "green")
    ]  # fmt: skip
    sagemaker.create_endpoint_config(EndpointConfigName="both", ProductionVariants=variants)
    sagemaker.create_endpoint(EndpointName="both", EndpointConfigName="both")
    lab.wait("both")
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="both",
        DesiredWeightsAndCapacities=[{"VariantName": "blue", "DesiredWeight": 0.0}],
    )
    lab.wait("both")

    runtime = lab.client("sagemaker-runtime")
    for _ in range(8):
        with pytest.raises(ClientError, match="nobody"):
            runtime.invoke_endpoint(EndpointName="both", TargetModel="nobody.tar.gz", Body=b"{}")

    assert lab.metrics("both", "Invocations")["Invocations"] == {"green"}
    sagemaker.delete_endpoint(EndpointName="both")


def processes_of(lab: Lab) -> list[psutil.Process]:
    """Return every living process that mentions the emulator's folder."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(lab.folder) in word for word in process.info["cmdline"] or [])
    ]


def test_hosts_die_with_the_emulator_and_come_back_with_it(tmp_path):
    with emulator(tmp_path) as first:
        first.client("s3").create_bucket(Bucket=BUCKET)
        first.client("s3").put_object(
            Bucket=BUCKET, Key="search/echo.tar.gz", Body=triton_archive("echo", ballast_mib=1)
        )
        config = add_config(first, "triton", "search/", role(first, "Execution", reads=""))
        first.client("sagemaker").create_endpoint(EndpointName="kept", EndpointConfigName=config)
        first.wait("kept")
        os.kill(first.pid, signal.SIGTERM)  # an orderly stop, which saves the records
        psutil.Process(first.pid).wait(20)
        assert not processes_of(first)
        assert not ledger.groups(tmp_path / "processes")

    with emulator(tmp_path) as second:
        second.wait("kept")
        assert ask(second, "kept", "echo.tar.gz", "again") == "echo:AGAIN"
        assert processes_of(second)
        assert [group.name.split("-")[0] for group in ledger.groups(tmp_path / "processes")] == [
            "kept"
        ]

        os.kill(second.pid, signal.SIGKILL)
        deadline = time.monotonic() + 5
        while processes_of(second) and time.monotonic() < deadline:
            time.sleep(0.05)

        assert not processes_of(second)
