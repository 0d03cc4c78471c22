"""What keeps the emulator small, and what must not be lost by it."""

import os
import subprocess

from local import server
from local.paths import CLOUD_PYTHON, ROOT

PART_BYTES = 24_000_000
IDLE = """
from ministack.core.lambda_runtime import Worker, _workers
from local.emulator.memory import end_idle_functions

busy, fresh, idle = (Worker(name, {"Runtime": "python3.11"}, b"") for name in ("b", "f", "i"))
busy.in_use, busy.last_used, idle.last_used = True, 0, 0
_workers.update({"one": [busy, idle], "two": [fresh], "three": [idle]})
end_idle_functions()
assert _workers == {"one": [busy], "two": [fresh]}, _workers
"""


def _memory_mb(cloud):
    return server.memory_mb(server.find(cloud.place))


def test_large_objects_in_versioned_buckets_do_not_stay_in_memory(local_cloud):
    s3 = local_cloud.client("s3")
    for bucket in ("large", "copies"):
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first, second = os.urandom(PART_BYTES), os.urandom(PART_BYTES)
    before = _memory_mb(local_cloud)

    version = s3.put_object(Bucket="large", Key="one", Body=first)["VersionId"]
    s3.put_object(Bucket="large", Key="one", Body=second)
    for copy in range(6):
        s3.copy_object(Bucket="copies", Key=str(copy), CopySource="large/one")

    assert _memory_mb(local_cloud) - before < 3 * PART_BYTES / 1e6
    assert s3.get_object(Bucket="large", Key="one", VersionId=version)["Body"].read() == first
    assert s3.get_object(Bucket="copies", Key="5")["Body"].read() == second
    s3.delete_object(Bucket="copies", Key="5")
    marked = s3.list_object_versions(Bucket="copies", Prefix="5")
    s3.delete_object(Bucket="copies", Key="5", VersionId=marked["DeleteMarkers"][0]["VersionId"])
    assert s3.get_object(Bucket="copies", Key="5")["Body"].read() == second


def test_idle_functions_are_ended_and_busy_ones_are_left():
    found = subprocess.run(
        [CLOUD_PYTHON, "-c", IDLE],
        check=False,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )

    assert found.returncode == 0, found.stderr
