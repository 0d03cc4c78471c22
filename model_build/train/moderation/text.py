"""`python -m model_build.train moderation-text`: remakes the text moderation model."""

import random
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from model_build.data.ad_templates import AD_LABELS
from model_build.data.ads import AdText, ad_texts
from model_build.modules.ad_text import AdTextCnn
from model_build.modules.weights import save
from model_build.train.moderation.fit import calibrate, fit
from model_build.train.moderation.words import (
    PAD,
    UNKNOWN,
    common_words,
    make_tokenizer,
    word_vectors,
)

SEED = 7
MAX_TOKENS = 64
PLAIN, PLAIN_WORDS = 2, 25_000
"""Ads of any words in any order, per clean ad, and how many words they know.

What gives no offence is clean; most of the words are rare enough to be spelled in pieces, so that
pieces alone do not look like an insult.
"""
DROPPED = 0.1
"""Share of tokens hidden in training, so that no single word of a template decides."""


def tensors(tokenizer: Tokenizer, ads: list[AdText]) -> tuple[Tensor, Tensor, Tensor]:
    """Returns ids and mask, int64 (ads, tokens), and label indices, int64 (ads,)."""
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding(pad_id=tokenizer.token_to_id(PAD), pad_token=PAD)
    encoded = tokenizer.encode_batch([ad.text for ad in ads])
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return (
        torch.tensor([e.ids for e in encoded]),
        torch.tensor([e.attention_mask for e in encoded]),
        torch.tensor([AD_LABELS.index(ad.label) for ad in ads]),
    )


def plain_ads(count: int) -> list[AdText]:
    """Returns clean "ads" of 3 to 12 words, since no list of clean templates is complete."""
    rng, words = random.Random(SEED), common_words(PLAIN_WORDS)
    texts = (" ".join(rng.sample(words, rng.randrange(3, 13))) for _ in range(count))
    return [AdText(text, "clean", "any words") for text in texts]


def train(name: str, out: Path, *, quick: bool = False) -> None:
    """Trains the classifier and writes it with its tokenizer into `out`.

    Args:
        name: The recipe's name.
        out: The folder of weights.
        quick: An eighth of the data, for a test.
    """
    del name
    per_label, epochs = (150, 8) if quick else (1600, 12)
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    ads = ad_texts("train", per_label)
    tokenizer = make_tokenizer([ad.text for ad in ads if ad.label != "profanity"])
    ids, mask, labels = tensors(tokenizer, ads + plain_ads(PLAIN * per_label))
    unknown = tokenizer.token_to_id(UNKNOWN)

    def batch(indices: Tensor) -> tuple[Tensor, Tensor]:
        hidden = torch.rand(len(indices), ids.shape[1]) < DROPPED
        return ids[indices].masked_fill(hidden, unknown), mask[indices]

    module = AdTextCnn(tokenizer.get_vocab_size(), len(AD_LABELS))
    module.embed.weight = torch.nn.Parameter(word_vectors(tokenizer), requires_grad=False)
    fit(module, module.logits, batch, labels, epochs=epochs)
    held_ids, held_mask, held_labels = tensors(tokenizer, ad_texts("validation", per_label // 4))
    config = {
        "labels": list(AD_LABELS),
        "max_tokens": MAX_TOKENS,
        "temperature": calibrate(module.logits, (held_ids, held_mask), held_labels),
        "vocabulary": tokenizer.get_vocab_size(),
    }
    save(module, config, out)
    tokenizer.save(str(out / "tokenizer.json"))
