"""Records that a model server wrote to files come to lie in S3, as far as its role may write."""

import json
from urllib.parse import quote

from local.endpoints.captures import FOLDER, captured_here
from tests.local.cloud import Cloud, wait_for

KEY = "capture/slipway-dev-search/main/2026/11/22/05/one.jsonl"


def test_a_server_writes_below_its_role_and_bucket_and_soon():
    given = {"SLIPWAY_CAPTURE": "s3://bucket/capture", "OTHER": "1"}

    found = captured_here(given, "arn:aws:iam::000000000000:role/r")

    assert found["SLIPWAY_CAPTURE"].startswith("file:///")
    assert found["SLIPWAY_CAPTURE"].endswith("%3Arole%2Fr/bucket/capture")
    assert found["OTHER"] == "1"
    assert float(found["SLIPWAY_CAPTURE_SECONDS"]) < 60
    assert captured_here({"OTHER": "1"}, "role") == {"OTHER": "1"}


def test_records_are_moved_under_the_role_of_the_model(local_cloud: Cloud):
    s3, iam = local_cloud.client("s3"), local_cloud.client("iam")
    s3.create_bucket(Bucket="records")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    trust["Principal"] = {"Service": "sagemaker.amazonaws.com"}
    role = iam.create_role(
        RoleName="records", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]})
    )["Role"]["Arn"]
    may = {"Effect": "Allow", "Action": "s3:PutObject"}
    may["Resource"] = "arn:aws:s3:::records/capture/slipway-dev-search/*"
    iam.put_role_policy(
        RoleName="records", PolicyName="write", PolicyDocument=json.dumps({"Statement": [may]})
    )
    folder = local_cloud.place.root / FOLDER / quote(role, safe="") / "records"
    for key in (KEY, "capture/elsewhere/two.jsonl"):
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}\n")

    wait_for(lambda: not list(folder.rglob("*.jsonl")))

    found = s3.list_objects_v2(Bucket="records")["Contents"]
    assert [item["Key"] for item in found] == [KEY]
