"""The recipes `spelling-t5` and `spelling-bart`."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import PreTrainedModel

from model_build.data.queries import TrainingQueries
from model_build.data.vocabulary import vocabulary
from model_build.train.spelling import architectures, tokenizer
from model_build.train.spelling.architectures import Shape
from model_build.train.spelling.batches import batches
from model_build.train.spelling.loop import Schedule
from model_build.train.spelling.loop import train as run
from model_build.train.spelling.optimizer import Rates

CHECKPOINTS = Path(".slipway/training")
QUICK_SHARES = ((0, 0.01), (10, 1.0), (120, 0.0))


@dataclass(frozen=True)
class Settings:
    """Everything that decides the trained weights, besides the code and the packages' data.

    Attributes:
        create: Makes the untrained model from vocabulary size and shape.
        schedule: See `Schedule`.
        hard: Steps on mostly misspelled queries; those after them leave more queries as they are.
        pieces: The size of the vocabulary that the model writes with.
        mark_start: Whether the tokenizer marks the beginning of a query.
        shape: See `Shape`.
        seed: Of the first weights and of the data.
    """

    create: Callable[[int, Shape], PreTrainedModel]
    schedule: Schedule
    hard: int
    pieces: int = 1000
    mark_start: bool = False
    shape: Shape = field(default_factory=Shape)
    seed: int = 20


SETTINGS = {
    "spelling-t5": Settings(
        architectures.t5,
        Schedule(((0, 0.01), (360, 1.0), (3400, 0.0)), Rates(embedding=1e-2, position=2e-2)),
        hard=2560,
        mark_start=True,  # T5 has no absolute positions: words are found by their marks
    ),
    "spelling-bart": Settings(
        architectures.bart,
        Schedule(
            ((0, 0.01), (360, 1.0), (1750, 0.7968), (3800, 0.0), (3840, 0.5), (4700, 0.0)),
        ),
        hard=3840,
    ),
}


def train(name: str, out: Path, *, quick: bool = False) -> None:
    """Trains the model `name` on one thread and writes it to `out`.

    A run that was cut goes on from its checkpoint under .slipway/training; the checkpoint is
    removed at the end.
    """
    settings = SETTINGS[name]
    if quick:
        schedule = replace(settings.schedule, shares=QUICK_SHARES)
        settings = replace(settings, schedule=schedule)
    torch.set_num_threads(1)
    torch.manual_seed(settings.seed)
    writer = tokenizer.train_writer(list(vocabulary()), settings.pieces)
    reader = tokenizer.make_reader(writer, mark_start=settings.mark_start)
    model = settings.create(reader.get_vocab_size(), settings.shape)
    _say(f"{name}: {model.num_parameters() / 1e6:.2f} M parameters")
    batch = settings.schedule.batch
    stream = TrainingQueries().stream(settings.seed, hard=settings.hard * batch)
    data = batches(stream, reader, writer, batch, settings.seed)
    checkpoint = None if quick else CHECKPOINTS / name / "checkpoint.pt"
    run(model, data, settings.schedule, checkpoint=checkpoint, report=_say)
    save(model, reader, out)
    if checkpoint is not None:
        checkpoint.unlink(missing_ok=True)


def save(model: PreTrainedModel, reader: Tokenizer, out: Path) -> None:
    """Writes what `from_pretrained` loads, the weights as 16-bit floats."""
    out.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(out, safe_serialization=True)  # type: ignore[no-untyped-call]
    tokenizer.save(reader, out)
    for file in out.iterdir():
        file.chmod(0o644)  # safetensors writes for the owner alone


def _say(line: str) -> None:
    print(line, flush=True)
