"""Everything the heads learn from, passed through the frozen backbone once."""

from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from model_build.data import intents, products
from model_build.data.split import Part
from model_build.modules.minilm import MiniLmFeatures

BATCH = 32


@dataclass(frozen=True)
class IntentFeatures:
    """Queries as features.

    Attributes:
        features: Float (queries, 768).
        labels: Int64 (queries,), indices into `LABEL_NAMES`.
    """

    features: Tensor
    labels: Tensor


@dataclass(frozen=True)
class TitleFeatures:
    """Titles as features, with pairs of them.

    Attributes:
        features: Float (titles, 768).
        pairs: Int64 (pairs, 2), indices of titles.
        labels: Int64 (pairs,), 1 where both name one product.
    """

    features: Tensor
    pairs: Tensor
    labels: Tensor


def encode(backbone: MiniLmFeatures, texts: list[str], max_tokens: int) -> Tensor:
    """Returns float (texts, 768); batches are of like length, the order is that of `texts`."""
    tokenizer = Tokenizer.from_file(str(backbone.tokenizer_path))
    tokenizer.enable_truncation(max_tokens)
    tokenizer.enable_padding()
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    result = torch.empty(len(texts), backbone.width)
    with torch.inference_mode():
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            encoded = tokenizer.encode_batch([texts[index] for index in batch])
            ids = torch.tensor([e.ids for e in encoded])
            mask = torch.tensor([e.attention_mask for e in encoded])
            result[batch] = backbone(ids, mask)
    return result.clone()


def intent_features(
    backbone: MiniLmFeatures, utterances: list[intents.Utterance], max_tokens: int
) -> IntentFeatures:
    """Encodes labelled queries."""
    labels = [intents.LABEL_NAMES.index(utterance.label) for utterance in utterances]
    features = encode(backbone, [utterance.text for utterance in utterances], max_tokens)
    return IntentFeatures(features, torch.tensor(labels))


def title_features(
    backbone: MiniLmFeatures, part: Part, families: int, pair_count: int, max_tokens: int
) -> TitleFeatures:
    """Encodes the titles of one part and pairs them: half duplicates, most others look-alikes."""
    titles = products.titles(part, families)
    rng = np.random.default_rng(7)
    # `titles` gives six in a row to each family: three products, two titles of each.
    first = rng.integers(0, len(titles), pair_count)
    same = first ^ 1
    alike = first - first % 6 + (first % 6 + rng.integers(2, 5, pair_count)) % 6
    other = rng.integers(0, len(titles), pair_count)
    draw = rng.random(pair_count)
    second = np.where(draw < 0.5, same, np.where(draw < 0.9, alike, other))
    labels = [titles[a].product == titles[b].product for a, b in zip(first, second, strict=True)]
    return TitleFeatures(
        encode(backbone, [title.text for title in titles], max_tokens),
        torch.from_numpy(np.stack([first, second], axis=1)),
        torch.tensor(labels, dtype=torch.int64),
    )
