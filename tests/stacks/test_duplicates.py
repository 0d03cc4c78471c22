import json
from pathlib import Path
from typing import Any

import pytest

from catalog.images import image_tag
from stacks.duplicates import _offered
from stacks.fit import Misfit
from tests.stacks.conftest import Template, as_list
from tests.stacks.release import TAG, release_of, sample_release
from tests.stacks.sized import (
    AMI,
    base_of,
    batch_manifest,
    batch_role,
    duplicates_template,
    service_manifest,
)

PROCESSING = {"platform": "processing", "instance": "ml.c7i.xlarge", "shards": 2}
ARRAY = {
    "platform": "batch",
    "instance": "inf1.6xlarge",
    "ami": AMI,
    "shards": 4,
    "schedule": "cron(0 3 * * ? *)",
}


@pytest.fixture(scope="module")
def processing(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return duplicates_template(tmp_path_factory.mktemp("processing"), PROCESSING)


@pytest.fixture(scope="module")
def array(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return duplicates_template(tmp_path_factory.mktemp("array"), ARRAY)


def _task(template: Template) -> dict[str, Any]:
    """Return the one state, its references spelled out as text."""
    machine = template.only("AWS::StepFunctions::StateMachine").properties
    parts = machine["DefinitionString"]["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else _name(part) for part in parts)
    return json.loads(text)["States"]["Score"]


def _name(reference: dict[str, Any]) -> str:
    return json.dumps(reference).replace('"', "'")


def test_each_machine_of_a_processing_job_gets_its_own_shards(processing: Template):
    task = _task(processing)

    (pairs,) = task["Parameters"]["ProcessingInputs"]
    assert task["Resource"] == "arn:aws:states:::sagemaker:createProcessingJob.sync"
    assert pairs["S3Input"]["S3DataDistributionType"] == "ShardedByS3Key"
    assert pairs["S3Input"]["S3Uri"].endswith("/batch/duplicates/input/")
    assert task["Parameters"]["ProcessingResources"]["ClusterConfig"]["InstanceCount"] == 2


def test_a_processing_job_runs_the_artifact_of_the_release(processing: Template):
    manifest = batch_manifest("ml.c7i.xlarge")
    parameters = _task(processing)["Parameters"]

    variables = parameters["Environment"]
    assert variables["SLIPWAY_ARTIFACT_SHA256"] == manifest.archive.sha256
    assert variables["SLIPWAY_OUTPUT"].endswith(f"/batch/duplicates/output/{manifest.digest()}/")
    assert parameters["AppSpecification"]["ImageUri"].endswith(f"/slipway/batch:{TAG}")


def test_the_model_that_serves_on_an_endpoint_is_scored_by_the_image_of_the_batch(
    templates: dict[str, Template],
):
    serving = next(item for item in sample_release().all if item.model == "duplicates")
    parameters = _task(templates["slipway-prod-duplicates"])["Parameters"]

    image = f"/slipway/batch:{image_tag('batch', Path(__file__).resolve().parents[2])}"
    assert serving.runtime != "batch"
    assert parameters["AppSpecification"]["ImageUri"].endswith(image)
    assert parameters["Environment"]["SLIPWAY_ARTIFACT_SHA256"] == serving.archive.sha256


def test_a_release_without_the_model_is_refused():
    with pytest.raises(Misfit, match="no model duplicates"):
        _offered(release_of(service_manifest("ml.c7i.xlarge")))


def test_a_member_of_an_array_job_owns_a_whole_inferentia_host(array: Template):
    definition = array.only("AWS::Batch::JobDefinition").properties
    container = definition["ContainerProperties"]
    variables = {item["Name"]: item["Value"] for item in container["Environment"]}

    devices = [device["HostPath"] for device in container["LinuxParameters"]["Devices"]]
    assert devices == [f"/dev/neuron{number}" for number in range(4)]
    assert variables["SLIPWAY_WORKERS"] == "16"  # one process on each NeuronCore
    assert variables["NEURON_RT_NUM_CORES"] == "1"
    assert variables["SLIPWAY_ARRAY_SIZE"] == "4"
    assert container["ReadonlyRootFilesystem"] is True
    assert definition["RetryStrategy"]["Attempts"] == 3
    assert _task(array)["Parameters"]["ArrayProperties"] == {"Size": 4}


def test_hosts_of_an_array_job_boot_from_the_pinned_image_and_go_when_idle(array: Template):
    resources = array.only("AWS::Batch::ComputeEnvironment").properties["ComputeResources"]

    assert resources["Ec2Configuration"] == [{"ImageIdOverride": AMI, "ImageType": "ECS_AL2023"}]
    assert resources["InstanceTypes"] == ["inf1.6xlarge"]
    assert (resources["MinvCpus"], resources["MaxvCpus"]) == (0, 4 * 24)


def test_hosts_have_encrypted_disks_and_the_new_metadata_service_alone(array: Template):
    data = array.only("AWS::EC2::LaunchTemplate").properties["LaunchTemplateData"]

    assert data["MetadataOptions"]["HttpTokens"] == "required"
    assert all(disk["Ebs"]["Encrypted"] for disk in data["BlockDeviceMappings"])


def test_an_array_of_one_is_a_plain_job(tmp_path: Path):
    template = duplicates_template(tmp_path, ARRAY | {"shards": 1})

    assert "ArrayProperties" not in _task(template)["Parameters"]


def test_a_schedule_starts_the_same_state_machine_as_an_operator(
    array: Template, processing: Template
):
    schedule = array.only("AWS::Scheduler::Schedule").properties
    machine = array.only("AWS::StepFunctions::StateMachine")

    assert schedule["ScheduleExpression"] == "cron(0 3 * * ? *)"
    assert schedule["Target"]["Arn"] == {"Ref": machine.logical_id}
    assert processing.of_type("AWS::Scheduler::Schedule") == []


@pytest.mark.parametrize("size", [PROCESSING, ARRAY])
def test_the_job_reads_pairs_and_writes_scores_and_nothing_else(size: dict, tmp_path: Path):
    duplicates_template(tmp_path, size)
    base = base_of(tmp_path)
    statements = base.statements_of(batch_role(base))
    actions = {action for item in statements for action in as_list(item["Action"])}
    written = [
        json.dumps(resource)
        for item in statements
        if "s3:PutObject" in as_list(item["Action"])
        for resource in as_list(item["Resource"])
    ]

    assert [resource.endswith('/batch/duplicates/output/*"]]}') for resource in written] == [True]
    assert not {item for item in actions if item.startswith(("s3:Delete", "iam:", "sagemaker:"))}


def test_a_run_that_ends_badly_rings_and_is_an_event(processing: Template):
    alarm = processing.only("AWS::CloudWatch::Alarm").properties
    rule = processing.only("AWS::Events::Rule").properties

    assert alarm["Threshold"] == 0
    assert alarm["TreatMissingData"] == "notBreaching"
    assert rule["EventPattern"]["detail"]["status"] == ["FAILED", "TIMED_OUT", "ABORTED"]
