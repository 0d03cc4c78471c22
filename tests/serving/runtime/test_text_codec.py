import pytest

from serving.runtime.text_codec import runs_on


@pytest.mark.parametrize(
    ("asked", "answer", "circles"),
    [
        ("cruzing", "cruz cruz cruz cruz", True),
        ("alot off", "a lot of", False),  # a word may fall in two
        ("", "the", False),
        ("a b", "", False),
    ],
)
def test_an_answer_of_over_one_word_more_than_was_asked_runs_on(asked, answer, circles):
    assert runs_on(asked, answer) is circles
