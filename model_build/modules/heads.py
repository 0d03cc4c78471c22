"""Two tasks on one frozen backbone: a shared adapter, an intent head and a duplicate head.

Both classifiers end in softmax(logits / temperature): what they answer are calibrated
probabilities, and a compiler sees the whole of it.
"""

import torch
from torch import Tensor, nn

from model_build.modules.minilm import MiniLmFeatures

ADAPTER_WIDTH = 128
PAIR_WIDTH = 64


class SharedAdapter(nn.Module):
    """What both tasks learn together: 768 -> 128, GELU."""

    def __init__(self) -> None:
        super().__init__()
        self.project = nn.Linear(MiniLmFeatures.width, ADAPTER_WIDTH)

    def forward(self, features: Tensor) -> Tensor:
        """Returns (batch, 128)."""
        return nn.functional.gelu(self.project(features))


class IntentHead(nn.Module):
    """One logit per intent."""

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.classify = nn.Linear(ADAPTER_WIDTH, labels)

    def forward(self, adapted: Tensor) -> Tensor:
        """Returns (batch, labels) logits."""
        logits: Tensor = self.classify(adapted)
        return logits


class DuplicateHead(nn.Module):
    """Two logits, `different` and `duplicate`, from where two texts differ and where they agree."""

    def __init__(self) -> None:
        super().__init__()
        self.compare = nn.Linear(2 * ADAPTER_WIDTH, PAIR_WIDTH)
        self.classify = nn.Linear(PAIR_WIDTH, 2)

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        """Returns (batch, 2) logits. Law: swapping left and right changes nothing."""
        compared = torch.cat([(left - right).abs(), left * right], dim=1)
        logits: Tensor = self.classify(nn.functional.gelu(self.compare(compared)))
        return logits


class IntentModel(nn.Module):
    """Query to intent probabilities."""

    def __init__(
        self, backbone: MiniLmFeatures, adapter: SharedAdapter, head: IntentHead, temperature: float
    ) -> None:
        super().__init__()
        self.tokenizer_path = backbone.tokenizer_path
        self.backbone, self.adapter, self.head = backbone, adapter, head
        self.temperature = temperature

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Returns float32 (batch, labels) probabilities."""
        logits = self.head(self.adapter(self.backbone(input_ids, attention_mask)))
        return torch.softmax(logits / self.temperature, dim=1)


class DuplicateModel(nn.Module):
    """Pair of titles to the probabilities of `different` and `duplicate`."""

    def __init__(
        self,
        backbone: MiniLmFeatures,
        adapter: SharedAdapter,
        head: DuplicateHead,
        temperature: float,
    ) -> None:
        super().__init__()
        self.tokenizer_path = backbone.tokenizer_path
        self.backbone, self.adapter, self.head = backbone, adapter, head
        self.temperature = temperature

    def forward(
        self,
        left_input_ids: Tensor,
        left_attention_mask: Tensor,
        right_input_ids: Tensor,
        right_attention_mask: Tensor,
    ) -> Tensor:
        """Returns float32 (batch, 2) probabilities.

        Both sides must be padded to one length: they go through the backbone as one batch, which
        keeps one copy of it in the exported graph.
        """
        ids = torch.cat([left_input_ids, right_input_ids])
        mask = torch.cat([left_attention_mask, right_attention_mask])
        left, right = self.vectors(ids, mask).chunk(2)
        return self.compare(left, right)

    def vectors(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Returns (batch, 128), what is compared of each text."""
        adapted: Tensor = self.adapter(self.backbone(input_ids, attention_mask))
        return adapted

    def compare(self, left: Tensor, right: Tensor) -> Tensor:
        """Returns the probabilities (batch, 2) of pairs of such vectors."""
        return torch.softmax(self.head(left, right) / self.temperature, dim=1)
