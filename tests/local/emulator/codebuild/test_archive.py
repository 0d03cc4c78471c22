import zipfile

import pytest

from local.emulator.codebuild.archive import pack, unpack
from local.emulator.codebuild.buildspec import BuildspecError, Output


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    (folder / "out" / "deep").mkdir(parents=True)
    (folder / "out" / "plan.json").write_text("{}")
    (folder / "out" / "deep" / "run.sh").write_text("true")
    (folder / "out" / "deep" / "run.sh").chmod(0o755)
    return folder


def test_packing_and_unpacking_keeps_paths_bytes_and_modes(tmp_path, source):
    archive = tmp_path / "a.zip"

    assert pack(Output(("**/*",), base="out"), source, archive) == 2
    unpack(archive, tmp_path / "again")

    assert (tmp_path / "again" / "plan.json").read_text() == "{}"
    assert (tmp_path / "again" / "deep" / "run.sh").stat().st_mode & 0o777 == 0o755


def test_discarded_paths_leave_names_alone(tmp_path, source):
    archive = tmp_path / "a.zip"

    pack(Output(("out/**/*.sh",), discard_paths=True), source, archive)

    assert zipfile.ZipFile(archive).namelist() == ["run.sh"]


def test_an_artifact_without_files_is_an_error(tmp_path, source):
    with pytest.raises(BuildspecError, match="no matching artifact paths"):
        pack(Output(("missing.json",)), source, tmp_path / "a.zip")
