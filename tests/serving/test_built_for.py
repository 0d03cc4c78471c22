from pathlib import Path

import pytest

from serving import built_for


def test_an_archive_for_another_image_is_refused_with_both_tags(tmp_path, monkeypatch):
    (tmp_path / built_for.FILE_NAME).write_text("aaaa\n")
    monkeypatch.setenv(built_for.VARIABLE, "bbbb")

    with pytest.raises(built_for.WrongImage, match=r"made for image tag aaaa, this server is bbbb"):
        built_for.check(tmp_path)


def test_an_archive_that_names_no_image_is_refused(tmp_path: Path, monkeypatch):
    monkeypatch.setenv(built_for.VARIABLE, "bbbb")

    with pytest.raises(built_for.WrongImage, match="made for image tag no image"):
        built_for.check(tmp_path)


@pytest.mark.parametrize("tag", ["aaaa", ""])
def test_the_right_image_and_a_server_started_by_hand_load_it(tag, tmp_path, monkeypatch):
    (tmp_path / built_for.FILE_NAME).write_text("aaaa\n")
    monkeypatch.setenv(built_for.VARIABLE, tag)

    built_for.check(tmp_path)
