import tarfile
from pathlib import Path

import pytest

from catalog import digest
from serving.intent.settings import Settings, WrongSetting
from serving.runtime.archive import BadArtifact, fetch


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "model.json").write_text("{}")
    path = tmp_path / "intent.tar.gz"
    with tarfile.open(path, "w:gz") as opened:
        opened.add(tmp_path / "model.json", "model.json")
    return path


def test_an_archive_is_fetched_from_s3(archive, tmp_path, cloud, monkeypatch):
    for name, value in {
        "AWS_ENDPOINT_URL": cloud.endpoint_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="intent-archives")
    s3.upload_file(str(archive), "intent-archives", "content/one")

    made = fetch("s3://intent-archives/content/one", digest.of_file(archive), tmp_path)

    assert (made / "model.json").read_text() == "{}"
    with pytest.raises(BadArtifact, match="s3://intent-archives/nothing: cannot be downloaded"):
        fetch("s3://intent-archives/nothing", "0" * 64, tmp_path)


def test_a_wrong_digest_leaves_nothing_behind(archive: Path, tmp_path: Path):
    folder = tmp_path / "work"
    folder.mkdir()

    with pytest.raises(BadArtifact, match=r"the release says 0{64}; not unpacked"):
        fetch(str(archive), "0" * 64, folder)

    assert list(folder.iterdir()) == []


def test_an_archive_that_reaches_outside_is_refused(tmp_path: Path):
    path = tmp_path / "evil.tar.gz"
    with tarfile.open(path, "w:gz") as opened:
        opened.addfile(tarfile.TarInfo("../outside"))

    with pytest.raises(BadArtifact, match="cannot be unpacked"):
        fetch(str(path), digest.of_file(path), tmp_path)


def test_what_is_no_archive_is_refused(tmp_path: Path):
    path = tmp_path / "text"
    path.write_text("hello")

    with pytest.raises(BadArtifact, match="cannot be unpacked"):
        fetch(str(path), digest.of_file(path), tmp_path)


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(BadArtifact, match="nothing: cannot be read"):
        fetch(str(tmp_path / "nothing"), "0" * 64, tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"SLIPWAY_ARTIFACT": ""}, "SLIPWAY_ARTIFACT is not set"),
        ({"SLIPWAY_ARTIFACT_SHA256": "abc"}, "SLIPWAY_ARTIFACT_SHA256 is 'abc'"),
        ({"SLIPWAY_PORT": "http"}, "SLIPWAY_PORT is 'http'"),
        ({"SLIPWAY_QUEUE_LIMIT": "0"}, "SLIPWAY_QUEUE_LIMIT is '0'"),
        ({"SLIPWAY_QUEUE_BUDGET_MS": "nan"}, "SLIPWAY_QUEUE_BUDGET_MS is 'nan'"),
    ],
)
def test_a_wrong_variable_is_named_with_its_value(change: dict[str, str], message: str):
    variables = {"SLIPWAY_ARTIFACT": "s3://a/b", "SLIPWAY_ARTIFACT_SHA256": "0" * 64}

    with pytest.raises(WrongSetting, match=message):
        Settings.read(variables | change)
