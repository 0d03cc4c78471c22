import os
import subprocess
from pathlib import Path

import pytest
import yaml

from model_build.job import JobFailed, Settings, follow, request, script

ROOT = Path(__file__).resolve().parents[2]
VARIABLES = {
    "SLIPWAY_JOB_IMAGE": "1.dkr/slipway/triton@sha256:aa",
    "SLIPWAY_JOB_ROLE": "arn:aws:iam::1:role/job",
    "SLIPWAY_JOB_INSTANCE": "ml.g5.xlarge",
    "SLIPWAY_JOB_MINUTES": "90",
    "SLIPWAY_ARTIFACT_BUCKET": "bucket",
    "SLIPWAY_SIGNING_KEY": "key",
    "ACCELERATOR": "g5",
    "CODEBUILD_BUILD_ID": "slipway-compile-g5:11111111-2222-3333-4444-555555555555",
}


def test_a_job_runs_the_commands_of_the_gpu_build_in_its_image_on_its_hardware():
    asked = request(Settings.of(VARIABLES), "us-east-2", VARIABLES)

    assert asked["AppSpecification"]["ImageUri"] == "1.dkr/slipway/triton@sha256:aa"
    assert asked["ProcessingResources"]["ClusterConfig"]["InstanceType"] == "ml.g5.xlarge"
    assert asked["StoppingCondition"] == {"MaxRuntimeInSeconds": 5400}
    assert asked["ProcessingJobName"].startswith("slipway-compile-g5-1111")
    assert len(asked["ProcessingJobName"]) <= 63
    assert asked["Environment"]["ACCELERATOR"] == "g5"
    spec = yaml.safe_load((ROOT / "stacks/build/specs/compile-gpu.yml").read_text())
    lines = script(spec).splitlines()
    for phase in spec["phases"].values():
        for command in phase["commands"]:
            assert any(command in line for line in lines)


@pytest.mark.parametrize(("last", "status"), [("true", 0), ("exit 3", 3)])
def test_the_report_is_written_whatever_happened_and_the_status_is_kept(tmp_path, last, status):
    spec = {
        "phases": {
            "build": {"commands": ["mkdir -p reports", last]},
            "post_build": {"commands": ["echo made > reports/gates.xml"]},
        }
    }
    text = script(spec).replace("/opt/ml/processing", str(tmp_path / "ml"))
    text = text.replace("/srv/slipway", str(tmp_path / "source"))
    (tmp_path / "ml/input").mkdir(parents=True)
    (tmp_path / "empty").mkdir()
    archive = tmp_path / "ml/input/source.tar.gz"
    subprocess.run(["tar", "-czf", archive, "-C", tmp_path, "empty"], check=True)

    done = subprocess.run(["bash", "-c", text], env=dict(os.environ), check=False)

    assert done.returncode == status
    assert (tmp_path / "ml/output/gates.xml").read_text() == "made\n"


def test_a_job_that_fails_says_why_and_where_its_log_is():
    class SageMaker:
        answers = iter(["InProgress", "Failed"])

        def describe_processing_job(self, **_):
            return {"ProcessingJobStatus": next(self.answers), "FailureReason": "no capacity"}

    with pytest.raises(JobFailed, match=r"job name Failed: no capacity \(log: /aws/sagemaker"):
        follow(SageMaker(), "name", poll_s=0)
