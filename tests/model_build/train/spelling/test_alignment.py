import torch

from model_build.train.spelling.alignment import Alignment
from model_build.train.spelling.batches import IGNORED, Batch
from model_build.train.spelling.tokenizer import Writer, make_reader

WORDS = ["the", "beatles"]


def _batch(typed, meant):
    reader, writer = make_reader(WORDS), Writer(WORDS)
    ids, labels = torch.tensor([reader.encode(typed).ids]), torch.tensor([writer.write(meant)])
    return Batch(ids, torch.ones_like(ids), torch.cat([labels, torch.tensor([[IGNORED]])], dim=1))


def test_looking_at_the_word_that_is_written_costs_least():
    batch = _batch("teh betles", "the beatles")
    letters, steps = batch.ids.shape[1], batch.labels.shape[1]
    first, second = slice(0, 4), slice(4, letters - 1)  # a mark begins each word
    alignment = Alignment(list(Writer(WORDS).ids))

    def cost(*looked_at):
        attention = torch.zeros(1, 4, steps, letters)
        for step, place in enumerate(looked_at):
            attention[:, :, step, place] = 1 / len(range(letters)[place])
        return alignment.loss(batch, attention).item()

    assert cost(first, second) < 0.01
    assert cost(first, first) > cost(first, slice(0, letters)) > cost(first, second)


def test_a_number_is_one_word_though_it_is_written_in_digits():
    batch = _batch("teh 42", "the 42")
    letters = batch.ids.shape[1]
    attention = torch.zeros(1, 4, batch.labels.shape[1], letters)
    attention[:, :, 0, 0] = 1
    attention[:, :, 1:4, 4] = 1  # the mark before the number
    assert Alignment(list(Writer(WORDS).ids)).loss(batch, attention).item() < 0.01
