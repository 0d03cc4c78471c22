import pytest

from model_build.golden_index import CODE, LOCKS, GoldenIndex


@pytest.fixture
def root(tmp_path):
    for folder in CODE:
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "words.py").write_text("WORDS = 1")
    for lock in LOCKS:
        (tmp_path / lock).parent.mkdir(exist_ok=True)
        (tmp_path / lock).write_text("codespell==2.4.3")
    return tmp_path


@pytest.fixture
def index(store, root):
    made = []

    def make(name):
        made.append(name)
        return f"sha256:{len(made)}"

    return lambda: GoldenIndex(store.bucket, root, make), made


def test_a_golden_set_is_made_once_for_all_plans_from_the_same_sources(index):
    new, made = index

    assert new()("words") == new()("words") == "sha256:1"
    assert made == ["words"]


@pytest.mark.parametrize("path", [*(f"{folder}/words.py" for folder in CODE), *LOCKS])
def test_any_change_of_its_sources_makes_it_anew(index, root, path):
    new, made = index
    new()("words")

    (root / path).write_text("changed")

    assert new()("words") == "sha256:2"
    assert made == ["words", "words"]


def test_new_weights_do_not_make_golden_sets_anew(index, root):
    new, made = index
    new()("words")

    (root / "model_build/train/weights").mkdir()
    (root / "model_build/train/weights/config.json").write_text("{}")

    assert new()("words") == "sha256:1"
    assert made == ["words"]
