"""`python -m model_build.job`: a GPU build as a SageMaker Processing job, followed to its end.

For regions where CodeBuild has no A10G. The job runs the commands of the buildspec that CodeBuild
would run, in the same image; source, plan and reports travel through the artifact bucket.
"""

import argparse
import io
import os
import shlex
import sys
import tarfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PHASES = ("install", "pre_build", "build")
PASSED_ON = ("ACCELERATOR", "SLIPWAY_ARTIFACT_BUCKET", "SLIPWAY_SIGNING_KEY")
HOME = "/opt/ml/processing"
LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
POLL_S = 15.0
OPEN = ("InProgress", "Stopping")


class JobFailed(Exception):
    """The job did not end well; the message says how."""


@dataclass(frozen=True)
class Settings:
    """What the project's stack says of the jobs."""

    image: str
    role: str
    instance: str
    minutes: int
    bucket: str
    accelerator: str
    build: str

    @staticmethod
    def of(environment: Mapping[str, str]) -> "Settings":
        """Read the settings; a KeyError names the variable that is not set."""
        return Settings(
            image=environment["SLIPWAY_JOB_IMAGE"],
            role=environment["SLIPWAY_JOB_ROLE"],
            instance=environment["SLIPWAY_JOB_INSTANCE"],
            minutes=int(environment["SLIPWAY_JOB_MINUTES"]),
            bucket=environment["SLIPWAY_ARTIFACT_BUCKET"],
            accelerator=environment["ACCELERATOR"],
            build=environment["CODEBUILD_BUILD_ID"].rpartition(":")[2],
        )

    @property
    def name(self) -> str:
        """Return the job's name, which its permissions go by."""
        return f"slipway-compile-{self.accelerator}-{self.build}"[:63]

    @property
    def prefix(self) -> str:
        """Return where in the bucket the job's files lie."""
        return f"jobs/{self.name}"


def script(spec: Mapping[str, Any]) -> str:
    """Return a buildspec's commands as one script; `post_build` runs whatever happened before."""
    phases = spec["phases"]
    lines = ["set -e", f"mkdir -p /srv/slipway {HOME}/output"]
    lines += [f"tar -xzf {HOME}/input/source.tar.gz -C /srv/slipway", "cd /srv/slipway"]
    lines += [f"export CODEBUILD_SRC_DIR_Plan={HOME}/input", "finish() {", "  status=$?"]
    for command in phases.get("post_build", {}).get("commands", ()):
        lines.append(f"  {command} || status=1")
    lines += [f"  cp -r reports/. {HOME}/output/ || true", "  exit $status", "}"]
    lines.append("trap finish EXIT")
    lines += [command for phase in PHASES for command in phases.get(phase, {}).get("commands", ())]
    return "\n".join(lines) + "\n"


def request(settings: Settings, region: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters of CreateProcessingJob."""
    place = f"s3://{settings.bucket}/{settings.prefix}"
    passed = {key: environment[key] for key in PASSED_ON}
    passed |= {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    passed |= {"CODEBUILD_BUILD_ID": environment["CODEBUILD_BUILD_ID"]}
    revision = environment.get("CODEBUILD_RESOLVED_SOURCE_VERSION")
    if revision:
        passed["CODEBUILD_RESOLVED_SOURCE_VERSION"] = revision
    return {
        "ProcessingJobName": settings.name,
        "RoleArn": settings.role,
        "AppSpecification": {
            "ImageUri": settings.image,
            "ContainerEntrypoint": ["bash", f"{HOME}/input/build.sh"],
        },
        "Environment": passed,
        "ProcessingInputs": [
            {
                "InputName": "input",
                "S3Input": {
                    "S3Uri": f"{place}/input",
                    "LocalPath": f"{HOME}/input",
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                },
            }
        ],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "reports",
                    "S3Output": {
                        "S3Uri": f"{place}/output",
                        "LocalPath": f"{HOME}/output",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": settings.instance,
                "VolumeSizeInGB": 100,
            }
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 60 * settings.minutes},
    }


def archive(root: Path) -> bytes:
    """Return the source as a compressed archive, without hidden folders and byte code."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as packed:
        for path in sorted(root.iterdir()):
            if not path.name.startswith(".") and path.name != "node_modules":
                packed.add(path, path.name, filter=_source)
    return target.getvalue()


def _source(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "__pycache__" in entry.name else entry


def follow(sagemaker: Any, name: str, *, poll_s: float = POLL_S) -> None:
    """Wait for the end of a job.

    Raises:
        JobFailed: It failed or was stopped.
    """
    while True:
        job = sagemaker.describe_processing_job(ProcessingJobName=name)
        status = str(job["ProcessingJobStatus"])
        if status not in OPEN:
            break
        time.sleep(poll_s)
    if status != "Completed":
        why = job.get("FailureReason") or job.get("ExitMessage") or "SageMaker gives no reason"
        raise JobFailed(f"job {name} {status}: {why} (log: {LOG_GROUP}/{name})")


def main(arguments: list[str]) -> int:
    """Start a job and follow it; fetch its reports whether it ended well or not."""
    import boto3

    parser = argparse.ArgumentParser(prog="python -m model_build.job", description=__doc__)
    parser.add_argument("--commands", type=Path, required=True, help="the buildspec to run")
    parser.add_argument("--plan", type=Path, required=True)
    parser.add_argument("--reports", type=Path, required=True, help="where reports go")
    parsed = parser.parse_args(arguments)
    session = boto3.Session()
    settings = Settings.of(os.environ)
    s3: Any = session.client("s3")
    inputs = {
        "source.tar.gz": archive(Path.cwd()),
        "plan.json": parsed.plan.read_bytes(),
        "build.sh": script(yaml.safe_load(parsed.commands.read_text())).encode(),
    }
    for name, data in inputs.items():
        s3.put_object(Bucket=settings.bucket, Key=f"{settings.prefix}/input/{name}", Body=data)
    sagemaker: Any = session.client("sagemaker")
    sagemaker.create_processing_job(**request(settings, session.region_name, os.environ))
    print(f"job {settings.name} on {shlex.quote(settings.instance)}", flush=True)
    try:
        follow(sagemaker, settings.name)
    except JobFailed as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        _fetch_reports(s3, settings, parsed.reports)
    return 0


def _fetch_reports(s3: Any, settings: Settings, folder: Path) -> None:
    prefix = f"{settings.prefix}/output/"
    found = s3.list_objects_v2(Bucket=settings.bucket, Prefix=prefix).get("Contents", ())
    folder.mkdir(parents=True, exist_ok=True)
    for item in found:
        s3.download_file(settings.bucket, item["Key"], str(folder / Path(item["Key"]).name))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
