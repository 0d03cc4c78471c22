"""Teaches where to look: the decoder's n-th word is about the n-th word that was typed.

A model finds this out by itself, but only after thousands of steps in which it learns nothing
about the second word of a query.
"""

import torch
from torch import Tensor

from model_build.sources.letters import MARK, PLACES, is_word
from model_build.train.spelling.architectures import END_ID, PAD_ID
from model_build.train.spelling.batches import IGNORED, Batch

GUIDED = 0.75
"""The share of heads that are taught; the others may look at what stands around the word."""
LEAST = 1e-3


class Alignment:
    """Knows from the tokens which word of a query each belongs to."""

    def __init__(self, tokens: list[str]) -> None:
        """Note which tokens begin a word that is read, or one that is written."""
        self._read = torch.tensor([token in PLACES or token == MARK for token in tokens]).long()
        self._written = torch.tensor([is_word(token) or token == MARK for token in tokens]).long()

    def loss(self, batch: Batch, attention: Tensor) -> Tensor:
        """Returns how little of the attention falls on the words that are being written.

        Args:
            batch: The queries.
            attention: Of decoder over encoder, (queries, heads, words, letters), rows sum to one.
        """
        read = self._read[batch.ids].cumsum(1)
        read[(batch.ids == END_ID) | (batch.ids == PAD_ID)] = 0
        labels = batch.labels.where(batch.labels != IGNORED, PAD_ID)
        written = self._written[labels].cumsum(1)
        same = written[:, :, None] == read[:, None, :]
        heads = round(GUIDED * attention.shape[1])
        share = (attention[:, :heads].float() * same[:, None]).sum(-1).transpose(1, 2)
        asked = (labels != PAD_ID) & (labels != END_ID)
        return -(share[asked] + LEAST).log().mean()
