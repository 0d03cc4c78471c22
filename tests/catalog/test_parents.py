from pathlib import Path

import pytest
import yaml

from catalog.load import ROOT, CatalogError, load_models, read
from catalog.spec import ModelSpec

EXAMPLE = ROOT.parent / "examples" / "aws"
NAMES = ("moderation-image", "moderation-text")


@pytest.fixture
def rows() -> dict:
    return {name: yaml.safe_load((EXAMPLE / f"models/{name}.yaml").read_text()) for name in NAMES}


def loaded(folder: Path, rows: dict) -> dict[str, ModelSpec]:
    (folder / "models").mkdir()
    for name, content in rows.items():
        (folder / "models" / f"{name}.yaml").write_text(yaml.safe_dump(content))
    return load_models(folder)


def test_rows_that_name_one_parent_know_each_other():
    for spec in load_models(EXAMPLE).values():
        assert tuple(part.name for part in spec.parts) == NAMES
        assert spec.parent == "moderation"


def test_a_row_without_a_parent_has_no_parts():
    assert all(spec.parts == () for spec in load_models().values())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"parent": None}, "parent: 'moderation': no other row names it"),
        (
            {"targets": [{"accelerator": "cpu", "instance": "ml.c7i.xlarge"}]},
            "moderation-text: targets: differ from those of moderation-image, and 'moderation' is"
            " compiled once for all its rows: give them the same targets",
        ),
    ],
)
def test_rows_that_cannot_be_wrapped_together_are_refused(tmp_path, rows, changes, message):
    rows["moderation-text"] |= changes

    with pytest.raises(CatalogError) as caught:
        loaded(tmp_path, rows)

    assert message in str(caught.value)


def test_a_parent_has_a_name_of_its_own(tmp_path, rows):
    alone = rows["moderation-text"] | {"name": "moderation", "parent": None}

    with pytest.raises(CatalogError, match="parent: 'moderation': is a row's name"):
        loaded(tmp_path, rows | {"moderation": alone})


def test_images_of_two_sizes_do_not_go_into_one_parent(tmp_path, rows):
    larger = rows["moderation-image"] | {"name": "larger", "limits": {"image_size": 128}}

    with pytest.raises(CatalogError, match=r"moderation-image: limits.image_size: 96: larger has"):
        loaded(tmp_path, rows | {"larger": larger})


def test_only_classifiers_of_the_ads_endpoint_have_a_parent(tmp_path):
    content = yaml.safe_load((ROOT / "models" / "embedding.yaml").read_text())
    path = tmp_path / "embedding.yaml"
    path.write_text(yaml.safe_dump(content | {"parent": "both"}))

    with pytest.raises(CatalogError, match="parent 'both': wraps classifiers of the endpoint ads"):
        read(path, ModelSpec)


def test_a_row_that_was_read_alone_says_that_it_has_fellows(rows):
    alone = ModelSpec.model_validate(rows["moderation-text"])

    with pytest.raises(LookupError, match="read the whole catalog"):
        _ = alone.parts
