"""The tokenizer of the spelling models: characters go in, whole words come out.

A misspelling would fall apart into arbitrary pieces, so the model reads single characters. What
it writes is spelled right, so each word of the vocabulary is one token; any other word is written
in characters. One `tokenizer.json` does both: its list of merges is empty.
"""

import string
from collections.abc import Sequence
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, normalizers, processors
from tokenizers.models import BPE
from transformers import PreTrainedTokenizerFast

from model_build.sources.letters import MARK, PLACES

PAD, START, END, UNKNOWN = "<pad>", "<s>", "</s>", "<unk>"
SPECIAL = (PAD, START, END, UNKNOWN)
CHARACTERS = tuple(MARK + string.ascii_lowercase + string.digits + "'-&.")
INPUT_LIMIT = 64


def tokens(words: Sequence[str]) -> list[str]:
    """Returns the vocabulary: special tokens, characters, marks, then each of `words`.

    The frequent words should come first: a compiler reads from the order which are worth comparing.
    """
    return [*SPECIAL, *CHARACTERS, *PLACES, *(MARK + word for word in words)]


class Writer:
    """Cuts right text into the tokens that a model should write (for training only)."""

    def __init__(self, words: Sequence[str]) -> None:
        """Number the tokens."""
        self.ids = {token: index for index, token in enumerate(tokens(words))}

    def write(self, text: str) -> list[int]:
        """Returns the ids of a text's words, then the end."""
        found = []
        for word in text.split():
            whole = self.ids.get(MARK + word)
            found += [self.ids[c] for c in MARK + word] if whole is None else [whole]
        return [*found, self.ids[END]]


def make_reader(words: Sequence[str]) -> Tokenizer:
    """Returns the shipped tokenizer: it reads characters and joins whatever a model may write."""
    vocabulary = {token: index for index, token in enumerate(tokens(words))}
    reader = Tokenizer(BPE(vocab=vocabulary, merges=[], unk_token=UNKNOWN))
    reader.normalizer = normalizers.Sequence(
        [
            normalizers.NFKD(),
            normalizers.StripAccents(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(r"\s+"), " "),
            normalizers.Strip(),
            normalizers.Replace(" ", MARK),
            normalizers.Prepend(MARK),
            *(normalizers.Replace(Regex(rf"\A[^{MARK}]*\K{MARK}"), place) for place in PLACES),
        ]
    )
    reader.add_special_tokens(list(SPECIAL))
    reader.post_processor = processors.TemplateProcessing(
        single=f"$A {END}", special_tokens=[(END, SPECIAL.index(END))]
    )
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
