"""The recipes `spelling-t5` and `spelling-bart`."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import PreTrainedModel

from model_build.data.misspellings import misspellings
from model_build.data.queries import Query, TrainingQueries, held_out_queries
from model_build.data.vocabulary import vocabulary
from model_build.train.recipes import WEIGHTS
from model_build.train.spelling import architectures, tokenizer
from model_build.train.spelling.architectures import VECTOR_LENGTH, Shape
from model_build.train.spelling.batches import batches
from model_build.train.spelling.correct import Corrector, exact
from model_build.train.spelling.loop import Schedule, Training
from model_build.train.spelling.optimizer import Rates
from model_build.train.spelling.words import WordVectors

CHECKPOINTS = Path(".slipway/training")
Create = Callable[[int, Shape], PreTrainedModel]
QUICK_SHARES = ((0, 0.01), (10, 1.0), (120, 0.0))
NO_WORDS = len(tokenizer.SPECIAL)
"""The vocabulary of a model in training, whose embeddings are not used."""


@dataclass(frozen=True)
class Settings:
    """Everything that decides the trained weights, besides the code and the packages' data.

    Attributes:
        create: Makes the untrained model from vocabulary size and shape.
        schedule: See `Schedule`.
        hard: Steps on mostly misspelled queries; those after them leave more queries as they are.
        shape: See `Shape`.
        seed: Of the first weights and of the data.
        words_of: The recipe whose shipped word vectors it starts from.
    """

    create: Create
    schedule: Schedule
    hard: int
    shape: Shape = field(default_factory=Shape)
    seed: int = 20
    words_of: str | None = None


SETTINGS = {
    "spelling-t5": Settings(
        architectures.t5,
        Schedule(((0, 0.01), (60, 1.0), (1200, 0.0)), Rates(position=2e-2), whole=700),
        hard=500,
        words_of="spelling-bart",
    ),
    "spelling-bart": Settings(
        architectures.bart,
        Schedule(((0, 0.01), (100, 1.0), (750, 0.7), (1050, 0.49), (1500, 0.0)), whole=200),
        hard=1000,
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
    known = list(vocabulary())
    reader, writer = tokenizer.make_reader(known), tokenizer.Writer(known)
    model = settings.create(NO_WORDS, settings.shape)
    words = WordVectors(list(writer.ids), settings.shape.width, VECTOR_LENGTH[name[9:]])
    if settings.words_of is not None:
        words.start_from(load_file(WEIGHTS / settings.words_of / "model.safetensors"))
    count = model.num_parameters() + sum(part.numel() for part in words.parameters())
    _say(f"{name}: {count / 1e6:.2f} M parameters")
    schedule = settings.schedule
    stream = TrainingQueries().stream(settings.seed, hard=settings.hard * schedule.batch)
    data = batches(stream, reader, writer, schedule.batch, settings.seed)
    checkpoint = None if quick else CHECKPOINTS / name / "checkpoint.pt"

    def look() -> str:
        whole = assembled(settings.create, settings.shape, model, words)
        return _validate(whole, reader)

    Training(model, words, schedule).run(data, checkpoint=checkpoint, report=_say, look=look)
    save(model, words, reader, out)
    if checkpoint is not None:
        checkpoint.unlink(missing_ok=True)


def assembled(
    create: Create, shape: Shape, model: PreTrainedModel, words: WordVectors
) -> PreTrainedModel:
    """Returns a plain model with all word vectors in its embeddings."""
    whole = create(words.size, shape)
    inner = {k: v for k, v in model.state_dict().items() if not _of_vocabulary(k)}
    whole.load_state_dict(inner, strict=False)
    whole.get_input_embeddings().weight.data.copy_(words.whole())  # type: ignore[operator]
    return whole


def _of_vocabulary(name: str) -> bool:
    return any(part in name for part in ("shared", "embed_tokens", "lm_head", "final_logits_bias"))


@cache
def _validation() -> tuple[tuple[Query, ...], ...]:
    """Returns what schedules are chosen by: held-out words, misspelled queries, right queries."""
    typos = misspellings("validation")
    words = tuple(Query(one.typo, one.word) for one in typos[:: len(typos) // 200])
    queries = held_out_queries("validation", misspelled=150, clean=100, seed=5)
    return words, tuple(queries[:150]), tuple(queries[150:])


def _validate(model: PreTrainedModel, reader: Tokenizer) -> str:
    corrector = Corrector(model, reader)
    shares = [f"{exact(corrector, some):.3f}" for some in _validation()]
    reader.no_padding()  # as training wants it
    return "validation: words {}, queries {}, clean {}".format(*shares)


def save(model: PreTrainedModel, words: WordVectors, reader: Tokenizer, out: Path) -> None:
    """Writes the model with 16-bit weights; `model_build.sources.letters` makes it whole again."""
    out.mkdir(parents=True, exist_ok=True)
    model.config.vocab_size = words.size
    model.config.save_pretrained(out)
    assert model.generation_config is not None, "set when it was created"
    model.generation_config.save_pretrained(out)
    inner = {k: v.half() for k, v in model.state_dict().items() if not _of_vocabulary(k)}
    save_file({**inner, **words.kept()}, out / "model.safetensors", metadata={"format": "pt"})
    tokenizer.save(reader, out)
    for file in out.iterdir():
        file.chmod(0o644)  # safetensors writes for the owner alone


def _say(line: str) -> None:
    print(line, flush=True)
