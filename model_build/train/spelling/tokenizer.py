"""The tokenizer of the spelling models: characters go in, characters or pieces of words come out.

A misspelling would fall apart into arbitrary pieces, so the model reads single characters. What
it writes is spelled right, so it can be written in pieces, which takes half the steps. One
`tokenizer.json` does both: its vocabulary holds the pieces, its list of merges is empty.
"""

import string
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, normalizers, processors, trainers
from tokenizers.models import BPE
from transformers import PreTrainedTokenizerFast

PAD, START, END, UNKNOWN = "<pad>", "<s>", "</s>", "<unk>"
SPECIAL = (PAD, START, END, UNKNOWN)
MARK = "\u2581"
"""Stands for a space, and begins each word that is written."""

CHARACTERS = tuple(MARK + string.ascii_lowercase + string.digits + "'-&.")
LONGEST_PIECE = 8
INPUT_LIMIT = 64


def _normalizer(mark_start: bool) -> normalizers.Sequence:
    steps = [
        normalizers.NFKD(),
        normalizers.StripAccents(),
        normalizers.Lowercase(),
        normalizers.Replace(Regex(r"\s+"), " "),
        normalizers.Strip(),
        normalizers.Replace(" ", MARK),
    ]
    return normalizers.Sequence([*steps, normalizers.Prepend(MARK)] if mark_start else steps)


def train_writer(words: Iterable[str], pieces: int) -> Tokenizer:
    """Returns a tokenizer that cuts right text into at most `pieces` pieces (for training only)."""
    writer = Tokenizer(BPE(unk_token=UNKNOWN))
    trainer = trainers.BpeTrainer(
        vocab_size=pieces,
        special_tokens=list(SPECIAL),
        initial_alphabet=list(CHARACTERS),
        limit_alphabet=len(CHARACTERS),
        max_token_length=LONGEST_PIECE,
        show_progress=False,
    )
    writer.train_from_iterator((MARK + word for word in words), trainer)
    writer.post_processor = processors.TemplateProcessing(
        single=f"$A {END}", special_tokens=[(END, SPECIAL.index(END))]
    )
    return writer


def make_reader(writer: Tokenizer, *, mark_start: bool = False) -> Tokenizer:
    """Returns the shipped tokenizer: it reads characters and joins whatever `writer` may write.

    With `mark_start` the first word begins with a mark too: a model that knows no absolute
    positions finds the beginning by it.
    """
    reader = Tokenizer(BPE(vocab=writer.get_vocab(), merges=[], unk_token=UNKNOWN))
    reader.normalizer = _normalizer(mark_start)
    reader.add_special_tokens(list(SPECIAL))
    reader.post_processor = writer.post_processor
    reader.decoder = decoders.Sequence(
        [decoders.Replace(MARK, " "), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    reader.enable_truncation(INPUT_LIMIT)
    return reader


def save(reader: Tokenizer, folder: Path) -> None:
    """Writes tokenizer.json and what `AutoTokenizer.from_pretrained` wants beside it."""
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=reader,
        pad_token=PAD,
        bos_token=START,
        eos_token=END,
        unk_token=UNKNOWN,
        model_max_length=INPUT_LIMIT,
        model_input_names=["input_ids", "attention_mask"],
        clean_up_tokenization_spaces=False,
    ).save_pretrained(folder)
    reader.save(str(folder / "tokenizer.json"))
