"""Words and word vectors that the text moderation model starts from.

Its templates are few, so what a word means comes from MiniLM (Apache-2.0): the vectors of the
common words in its vocabulary, reduced to the model's width. Training does not move them: a word
that no template used keeps its place beside those that mean the same.
"""

import importlib.resources
from functools import cache

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers
from torch import Tensor

from model_build.data.profanity import profane_words
from model_build.modules.ad_text import WIDTH
from model_build.modules.minilm import minilm_dir

PAD, UNKNOWN = "[PAD]", "[UNK]"
COMMON = 6000
PIECE = 2
_VECTORS = "embeddings.word_embeddings.weight"


@cache
def common_words(count: int) -> tuple[str, ...]:
    """Returns the most common English words by symspellpy's (MIT) list, none of them profane."""
    listed = importlib.resources.files("symspellpy") / "frequency_dictionary_en_82_765.txt"
    words = [line.split(" ")[0] for line in listed.read_text(encoding="utf-8").splitlines()]
    profane = set(profane_words(400))
    return tuple(word for word in words if word not in profane)[:count]


def make_tokenizer(texts: list[str]) -> Tokenizer:
    """Returns a lower-casing word-piece tokenizer: MiniLM's, cut to common words and to `texts`.

    A vocabulary is a word list and this one lies in the repository, so it holds no profane word:
    those are spelled in pieces of one or two letters, like every rare word.
    """
    full = Tokenizer.from_file(str(minilm_dir() / "tokenizer.json"))
    vocabulary = full.get_vocab()
    profane = set(profane_words(400))
    used = {piece for text in texts for piece in full.encode(text, add_special_tokens=False).tokens}
    used |= set(common_words(COMMON))
    pieces = {p for p in vocabulary if len(p.removeprefix("##")) <= PIECE and p.isascii()}
    kept = {p for p in (used | pieces) & vocabulary.keys() if p.removeprefix("##") not in profane}
    kept = {p for p in kept if not p.startswith("[")}
    ordered = [PAD, UNKNOWN, *sorted(kept, key=lambda piece: vocabulary[piece])]
    ids = {piece: index for index, piece in enumerate(ordered)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token=UNKNOWN, max_input_chars_per_word=40))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def word_vectors(tokenizer: Tokenizer) -> Tensor:
    """Returns float (vocabulary, WIDTH): MiniLM's vectors on their principal axes."""
    vocabulary = Tokenizer.from_file(str(minilm_dir() / "tokenizer.json")).get_vocab()
    rows = [vocabulary[tokenizer.id_to_token(i)] for i in range(tokenizer.get_vocab_size())]
    vectors = load_file(minilm_dir() / "model.safetensors")[_VECTORS][rows]
    centred = vectors - vectors.mean(dim=0)
    _, _, axes = torch.linalg.svd(centred, full_matrices=False)
    reduced = centred @ axes[:WIDTH].T
    scaled: Tensor = reduced / reduced.std()
    return scaled
