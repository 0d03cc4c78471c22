from itertools import cycle, islice

import pytest
import torch

from model_build.data.queries import Query
from model_build.train.spelling import architectures
from model_build.train.spelling.architectures import Shape
from model_build.train.spelling.batches import batches
from model_build.train.spelling.correct import Corrector
from model_build.train.spelling.loop import Schedule, train
from model_build.train.spelling.optimizer import Rates
from model_build.train.spelling.tokenizer import make_reader, train_writer

TOY = [
    Query("definately maby", "definitely maybe"),
    Query("teh beatles", "the beatles"),
    Query("recieve", "receive"),
    Query("the beatles", "the beatles"),
]
SMALL = Shape(width=64, inner=128, heads=2, encoder_layers=1, decoder_layers=1)
RATES = Rates(embedding=1e-2)
WRITER = train_writer([word for query in TOY for word in query.meant.split()], 60)


def _learn(create, steps, checkpoint=None, upto=None):
    torch.manual_seed(1)
    model = create(WRITER.get_vocab_size(), SMALL)
    data = batches(cycle(TOY), make_reader(WRITER), WRITER, size=8, seed=1)
    schedule = Schedule(((0, 0.1), (10, 1.0), (steps, 0.0)), RATES, batch=8)
    if upto is not None:  # a run that is cut
        data = islice(data, upto)
    losses = []
    loss = train(model, data, schedule, checkpoint=checkpoint, every=10, report=losses.append)
    return model, loss


@pytest.mark.parametrize("create", [architectures.t5, architectures.bart])
def test_a_new_model_learns_a_toy_set_by_heart(create):
    model, loss = _learn(create, 100)
    assert loss < 1.5
    answers = Corrector(model, make_reader(WRITER)).correct([query.typed for query in TOY])
    assert answers == [query.meant for query in TOY]


def test_a_run_that_was_cut_ends_with_the_weights_of_one_that_was_not(tmp_path):
    whole, _ = _learn(architectures.bart, 30)
    checkpoint = tmp_path / "checkpoint.pt"
    _learn(architectures.bart, 30, checkpoint, upto=20)
    resumed, _ = _learn(architectures.bart, 30, checkpoint)
    for name, weight in whole.state_dict().items():
        assert torch.equal(weight, resumed.state_dict()[name]), name


def test_the_rates_go_in_straight_lines_from_knot_to_knot():
    schedule = Schedule(((0, 0.0), (100, 1.0), (200, 1.0), (300, 0.0)))
    assert schedule.steps == 300
    shares = [schedule.share(step) for step in (0, 25, 100, 150, 250, 299)]
    assert shares == pytest.approx([0, 0.25, 1, 1, 0.5, 0.01])
