from pathlib import Path

import pytest

from catalog.images import RUNTIMES
from model_build.images.gate import read_accepted


def test_every_accepted_vulnerability_names_images_a_reason_and_a_day():
    for item in read_accepted():
        assert set(item.images) <= set(RUNTIMES)
        assert item.until.year < 2030


def test_an_acceptance_without_a_reason_is_refused(tmp_path: Path):
    file = tmp_path / "accepted.toml"
    file.write_text(
        '[[accepted]]\nid = "CVE-1"\nimages = ["intent"]\nreason = "ok"\nuntil = 2027-01-01\n'
    )

    with pytest.raises(ValueError, match="CVE-1: say in the reason"):
        read_accepted(file)


def test_an_acceptance_without_a_day_is_refused(tmp_path: Path):
    file = tmp_path / "accepted.toml"
    file.write_text('[[accepted]]\nid = "CVE-1"\nimages = []\nreason = "does no harm here"\n')

    with pytest.raises(ValueError, match="add 'until'"):
        read_accepted(file)
