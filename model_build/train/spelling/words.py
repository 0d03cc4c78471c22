"""The word vectors while they are learned: of a step's words alone, so that steps stay cheap."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch import Tensor, nn

from model_build.sources.letters import is_word, letter_features, word_vectors


class _SparseTimesDense(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, dense: Tensor, sparse: csr_matrix) -> Tensor:
        """Returns the product; scipy's is several times as fast as torch's on a CPU."""
        context.sparse = sparse
        return torch.from_numpy(sparse @ dense.detach().numpy())

    @staticmethod
    def backward(context: Any, slope: Tensor) -> tuple[Tensor, None]:
        """Returns the slope with respect to the dense matrix."""
        return torch.from_numpy(context.sparse.T @ slope.numpy()), None


class WordVectors(nn.Module):
    """The vectors of all tokens as `model_build.sources.letters` defines them."""

    def __init__(self, tokens: list[str], width: int, length: float) -> None:
        """Start from random letter groups and equally common words.

        Args:
            tokens: The vocabulary.
            width: Of the vectors.
            length: About how long a new vector is. The parameters make vectors of length one, so
                that they learn at the same rate whatever length an architecture asks for.
        """
        super().__init__()
        self.features = letter_features(tokens)
        self.length = length
        self.groups = nn.Parameter(torch.randn(self.features.shape[1], width) / width**0.5)
        self.commonness = nn.Parameter(torch.zeros(len(tokens)))
        self.direction = nn.Parameter(torch.randn(width) / width**0.5)
        self.always = torch.tensor([i for i, token in enumerate(tokens) if not is_word(token)])
        self.tokens, self.size = tokens, len(tokens)
        self._by_alphabet = torch.tensor(sorted(range(self.size), key=tokens.__getitem__))
        self._place = torch.empty_like(self._by_alphabet)
        self._place[self._by_alphabet] = torch.arange(self.size)

    def forward(self, ids: Tensor) -> Tensor:
        """Returns the vectors of some tokens, [ids, width]."""
        letters: Tensor = _SparseTimesDense.apply(self.groups, self.features[ids.numpy()])  # type: ignore[no-untyped-call]
        return self.length * (letters + self.commonness[ids, None] * self.direction)

    def kept(self) -> dict[str, Tensor]:
        """Returns what is kept of the vectors, as 16-bit floats."""
        return {
            "letters.groups": (self.length * self.groups).detach().half(),
            "letters.commonness": self.commonness.detach().half(),
            "letters.direction": (self.length * self.direction).detach().half(),
        }

    def start_from(self, kept: Mapping[str, Tensor]) -> None:
        """Takes over what another model kept of the same vocabulary, as vectors of length one."""
        groups, commonness, direction = (kept[name].float() for name in self.kept())
        length = float(self._made_of(groups, commonness, direction).norm(dim=1).mean())
        with torch.no_grad():
            self.groups.copy_(groups / length)
            self.commonness.copy_(commonness)
            self.direction.copy_(direction / length)

    def whole(self) -> Tensor:
        """Returns the vectors of all tokens, without slopes, as they are after saving."""
        return self._made_of(*(part.float() for part in self.kept().values()))

    def _made_of(self, groups: Tensor, commonness: Tensor, direction: Tensor) -> Tensor:
        """Returns the vectors that other parameters would make."""
        parts = (part.numpy() for part in (groups, commonness, direction))
        return torch.from_numpy(word_vectors(self.features, *parts))

    def choose(
        self, wanted: Tensor, others: int, draw: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        """Returns what a step chooses among: `wanted`, words near them by alphabet, and any.

        Args:
            wanted: The ids that are right somewhere in the batch.
            others: How many words to draw from the whole vocabulary.
            draw: The source of chance.

        Returns:
            Ids in rising order; and what to add to the logit of each, so that the words that were
            drawn stand for all that were not.
        """
        places = self._place[wanted]
        near = torch.cat([places + shift for shift in (-2, -1, 1, 2)]).clamp(0, self.size - 1)
        sure = torch.cat([self.always, wanted, self._by_alphabet[near]])
        far = torch.from_numpy(draw.integers(0, self.size, others))
        chosen = torch.unique(torch.cat([sure, far]))
        stands_for = math.log(max(1.0, self.size / others))
        return chosen, (~torch.isin(chosen, sure)).float() * stands_for
