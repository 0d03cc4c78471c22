import pytest

from model_build.sources.letters import MARK, PLACES
from model_build.train.spelling.tokenizer import Writer, make_reader

WORDS = ["definitely", "maybe", "a"]
FIRST, SECOND = PLACES[:2]


@pytest.fixture(scope="module")
def reader():
    return make_reader(WORDS)


def test_it_reads_single_characters_with_a_mark_before_each_word(reader):
    tokens = reader.encode("  Définately  maby").tokens
    assert tokens == [FIRST, *"definately", SECOND, *"maby", "</s>"]


def test_the_words_after_the_sixth_share_a_mark(reader):
    tokens = reader.encode("a b c d e f g h").tokens
    assert [token for token in tokens if not token.isalpha()] == [*PLACES, MARK, MARK, "</s>"]


def test_nobody_can_type_a_mark(reader):
    assert reader.encode(SECOND).tokens == [FIRST, "2", "</s>"]


def test_a_known_word_is_written_as_one_token_and_another_in_characters(reader):
    written = Writer(WORDS).write("definitely maybe 42")
    assert [reader.id_to_token(number) for number in written] == [
        "▁definitely", "▁maybe", MARK, "4", "2", "</s>",
    ]  # fmt: skip
    assert reader.decode(written) == "definitely maybe 42"
