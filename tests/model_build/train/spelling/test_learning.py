from itertools import cycle, islice

import pytest
import torch

from model_build.data.queries import Query
from model_build.train.spelling import architectures
from model_build.train.spelling.architectures import VECTOR_LENGTH, Shape
from model_build.train.spelling.batches import batches
from model_build.train.spelling.correct import Corrector
from model_build.train.spelling.loop import Schedule, Training
from model_build.train.spelling.optimizer import Rates
from model_build.train.spelling.recipe import assembled
from model_build.train.spelling.tokenizer import Writer, make_reader
from model_build.train.spelling.words import WordVectors

TOY = [
    Query("definately maby", "definitely maybe"),
    Query("teh beatles", "the beatles"),
    Query("recieve 4", "receive 4"),
    Query("the beatles", "the beatles"),
]
WORDS = [
    "the",
    "definitely",
    "maybe",
    "beatles",
    "receive",
    "recipe",
    "beetles",
    "then",
    "infinite",
]
SMALL = Shape(width=64, inner=128, heads=2, encoder_layers=1, decoder_layers=1)
RATES = Rates(position=2e-2)


def _learn(create, steps, checkpoint=None, upto=None, whole=0):
    torch.manual_seed(1)
    writer = Writer(WORDS)
    words = WordVectors(list(writer.ids), SMALL.width, VECTOR_LENGTH[create.__name__])
    model = create(4, SMALL)
    data = batches(cycle(TOY), make_reader(WORDS), writer, size=8, seed=1)
    shares = ((0, 0.1), (10, 1.0), (steps, 0.0))
    schedule = Schedule(shares, RATES, batch=8, others=4, whole=whole)
    if upto is not None:  # a run that is cut
        data = islice(data, upto)
    training = Training(model, words, schedule)
    training.run(data, checkpoint=checkpoint, every=10, report=lambda _: None)
    return training


@pytest.mark.parametrize("create", [architectures.t5, architectures.bart])
def test_a_new_model_learns_a_toy_set_by_heart(create):
    training = _learn(create, 140, whole=20)
    whole = assembled(create, SMALL, training.model, training.words)
    answers = Corrector(whole, make_reader(WORDS)).correct([query.typed for query in TOY])
    assert answers == [query.meant for query in TOY]


def test_a_run_that_was_cut_ends_with_the_weights_of_one_that_was_not(tmp_path):
    whole = _learn(architectures.bart, 30)
    checkpoint = tmp_path / "checkpoint.pt"
    _learn(architectures.bart, 30, checkpoint, upto=20)
    resumed = _learn(architectures.bart, 30, checkpoint)
    for part in ("model", "words"):
        for name, weight in getattr(whole, part).state_dict().items():
            assert torch.equal(weight, getattr(resumed, part).state_dict()[name]), name


def test_the_rates_go_in_straight_lines_from_knot_to_knot():
    schedule = Schedule(((0, 0.0), (100, 1.0), (200, 1.0), (300, 0.0)))
    assert schedule.steps == 300
    shares = [schedule.share(step) for step in (0, 25, 100, 150, 250, 299)]
    assert shares == pytest.approx([0, 0.25, 1, 1, 0.5, 0.01])
