import pytest

from model_build.train.spelling.tokenizer import MARK, make_reader, train_writer

WORDS = ["definitely", "maybe", "definition", "infinite", "finite"] * 5


@pytest.fixture(scope="module")
def writer():
    return train_writer(WORDS, 70)


def test_it_reads_single_characters(writer):
    tokens = make_reader(writer).encode("  Définately  maby").tokens
    assert tokens == [*"definately", MARK, *"maby", "</s>"]


def test_it_can_mark_the_start_of_a_query(writer):
    reader = make_reader(writer, mark_start=True)
    assert reader.encode(" maby ").tokens == [MARK, *"maby", "</s>"]


def test_it_joins_the_pieces_that_a_model_writes(writer):
    coded = writer.encode(f"{MARK}definitely{MARK}maybe")
    assert len(coded.ids) < len("definitely maybe")
    assert make_reader(writer).decode(coded.ids) == "definitely maybe"


def test_training_it_twice_gives_the_same_pieces(writer):
    assert train_writer(WORDS, 70).to_str() == writer.to_str()
