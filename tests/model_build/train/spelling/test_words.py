import numpy as np
import torch

from model_build.sources.letters import MARK
from model_build.train.spelling.words import WordVectors

TOKENS = [
    "</s>",
    "a",
    "b",
    MARK,
    *(MARK + word for word in ("the", "then", "they", "zebra", "zoo")),
]


def _vectors():
    torch.manual_seed(1)
    words = WordVectors(TOKENS, 8, length=2.0)
    words.commonness.data = torch.rand(len(TOKENS))
    return words


def test_some_vectors_are_those_of_all():
    words = _vectors()
    some = torch.tensor([1, 4, 7])
    assert torch.allclose(words(some), words.whole()[some], atol=1e-2)  # kept as 16-bit floats


def test_a_step_on_one_word_teaches_those_that_share_its_letters_alone():
    words = _vectors()
    before = words.whole()
    words(torch.tensor([TOKENS.index(MARK + "then")])).sum().backward()
    words.groups.data -= words.groups.grad
    moved = (words.whole() - before).abs().sum(1)
    assert moved[TOKENS.index(MARK + "they")] > moved[TOKENS.index(MARK + "zebra")] > 0
    assert moved[TOKENS.index("</s>")] == 0


def test_a_step_chooses_among_what_is_right_what_is_near_and_what_is_drawn():
    words = _vectors()
    wanted = torch.tensor([TOKENS.index(MARK + "then")])
    chosen, stands_for = words.choose(wanted, 1, np.random.default_rng(3))
    assert set(range(4)) | {TOKENS.index(MARK + w) for w in ("the", "then", "they")} <= set(
        chosen.tolist()
    )
    assert chosen.tolist() == sorted(chosen.tolist())
    assert stands_for[chosen == wanted].item() == 0
