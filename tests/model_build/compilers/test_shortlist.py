from model_build.compilers.shortlist import ALWAYS, AT_MOST, write_shortlist
from model_build.sources.letters import MARK, PLACES

FREQUENT = [f"{MARK}w{'x' * (n // 26)}{chr(97 + n % 26)}" for n in range(ALWAYS)]
TOKENS = [
    "</s>",
    *"abcdefghijklmnopqrstuvwxyz",
    MARK,
    *PLACES,
    *FREQUENT,
    "▁there",
    "▁their",
    "▁zebra",
]


def _candidates(path, source):
    """What CTranslate2 compares for a source: the answers to every run of its tokens."""
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    table = {key: set(words.split()) for key, words in lines}
    found = set(table[""])
    for length in range(1, 5):
        for start in range(len(source) - length + 1):
            found |= table.get(" ".join(source[start : start + length]), set())
    return found


def test_a_query_is_compared_with_the_words_that_share_its_letters(tmp_path):
    path = tmp_path / "vmap.txt"
    assert write_shortlist(TOKENS, path)
    found = _candidates(path, [PLACES[0], *"thier", PLACES[1], *"xyxyx", "</s>"])
    assert {"▁there", "▁their", *FREQUENT, "</s>", "a", MARK} <= found
    assert "▁zebra" not in found


def test_the_ends_of_words_count_wherever_they_stand(tmp_path):
    write_shortlist(TOKENS, tmp_path / "vmap.txt")
    for before, after in ((PLACES[0], "</s>"), (PLACES[3], PLACES[4]), (MARK, MARK)):
        assert "▁zebra" in _candidates(tmp_path / "vmap.txt", [before, *"zzza", after])
        assert "▁zebra" in _candidates(tmp_path / "vmap.txt", [before, *"xxra", after])


def test_a_group_that_many_words_have_names_the_frequent_ones(tmp_path):
    words = [f"▁cat{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(AT_MOST + 5)]
    write_shortlist([*TOKENS, *words], tmp_path / "vmap.txt")
    found = _candidates(tmp_path / "vmap.txt", [PLACES[0], *"cat", "</s>"])
    assert set(words[:AT_MOST]) <= found
    assert words[-1] not in found


def test_a_model_that_reads_no_letters_gets_none(tmp_path):
    assert not write_shortlist(["</s>", "▁the", "▁a"], tmp_path / "vmap.txt")
    assert not (tmp_path / "vmap.txt").exists()
