import numpy as np
import pytest

from model_build.sources.letters import MARK, is_word, letter_features, word_vectors

TOKENS = ["<pad>", "a", MARK, *(MARK + word for word in ("there", "their", "theirs", "zebra", "a"))]


def test_a_word_is_more_than_its_mark():
    assert [is_word(token) for token in TOKENS] == [False] * 3 + [True] * 5


def test_words_are_as_alike_as_the_letters_that_they_share():
    features = letter_features(TOKENS)
    alike = (features @ features.T).toarray()
    assert np.diag(alike) == pytest.approx(np.ones(len(TOKENS)))
    their, theirs, zebra = (TOKENS.index(MARK + word) for word in ("their", "theirs", "zebra"))
    assert alike[their, theirs] > alike[their, TOKENS.index(MARK + "there")] > alike[their, zebra]
    assert (alike[:3, 3:] == 0).all()  # what is no word has no letters


def test_the_order_of_the_tokens_changes_no_vector():
    draw = np.random.default_rng(1)
    features = letter_features(TOKENS)
    groups = draw.standard_normal((features.shape[1], 4)).astype(np.float32)
    common, direction = np.arange(len(TOKENS), dtype=np.float32), np.ones(4, np.float32)
    vectors = word_vectors(features, groups, common, direction)
    turned = word_vectors(letter_features(TOKENS[::-1]), groups, common[::-1], direction)
    assert np.allclose(vectors, turned[::-1], atol=1e-6)
