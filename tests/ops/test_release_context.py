import json

import pytest

from catalog import digest
from catalog.artifact import FileEntry
from catalog.release import Release, ReleaseContext
from catalog.signature import kms_sign, kms_verify
from model_build.key import Proof
from model_build.store import Store
from ops.release_context import main
from tests.model_build.fakes import manifest


@pytest.fixture
def store(cloud, monkeypatch):
    kms, s3 = cloud.client("kms"), cloud.client("s3")
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    s3.create_bucket(Bucket="releases")
    for name, value in {
        "SLIPWAY_ARTIFACT_BUCKET": "releases",
        "SLIPWAY_SIGNING_KEY": key,
        "AWS_ENDPOINT_URL": cloud.endpoint_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    return Store("releases", s3, kms_verify(kms, key), kms_sign(kms, key))


def test_the_file_holds_the_release_and_its_manifests_as_signed(store, tmp_path, capsys):
    archive = tmp_path / "speller.tar.gz"
    archive.write_bytes(b"engine")
    made = manifest(FileEntry(archive.name, digest.of_file(archive), 6))
    artifact = store.publish(made, archive, Proof("b" * 64, "sha256:aa", {}))
    release = store.put_release(Release({"speller": {"cpu": artifact}}, "commit"))
    out = tmp_path / "release.json"

    code = main(["--environment", "dev", "--release", release, "--out", str(out)])

    assert code == 0
    context = ReleaseContext.from_json(json.loads(out.read_text()))
    assert (context.hex, context.manifests) == (release, {"speller": {"cpu": made}})

    missing = main(["--environment", "dev", "--release", "0" * 64, "--out", str(out)])

    assert missing == 1
    assert f"releases/{'0' * 64}.json: not there" in capsys.readouterr().err
