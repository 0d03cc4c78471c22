"""Two tasks on one frozen backbone: a shared adapter, an intent head and a duplicate head.

Both classifiers end in softmax(logits / temperature): what they answer are calibrated
probabilities, and a compiler sees the whole of it.
"""

import torch
from torch import Tensor, nn

from model_build.modules.minilm import WIDTH, MiniLmEmbedder

ADAPTER_WIDTH = 192
PAIR_WIDTH = 64


class SharedAdapter(nn.Module):
    """What both tasks learn together: 384 -> 192, GELU."""

    def __init__(self) -> None:
        super().__init__()
        self.project = nn.Linear(WIDTH, ADAPTER_WIDTH)

    def forward(self, embedding: Tensor) -> Tensor:
        """Returns (batch, 192). The input is scaled from unit length to unit variance first."""
        return nn.functional.gelu(self.project(embedding * WIDTH**0.5))


class IntentHead(nn.Module):
    """One logit per intent."""

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.classify = nn.Linear(ADAPTER_WIDTH, labels)

    def forward(self, adapted: Tensor) -> Tensor:
        """Returns (batch, labels) logits."""
        return self.classify(adapted)


class DuplicateHead(nn.Module):
    """Two logits, `different` and `duplicate`, from what two texts share and what they do not."""

    def __init__(self) -> None:
        super().__init__()
        self.compare = nn.Linear(2 * ADAPTER_WIDTH, PAIR_WIDTH)
        self.classify = nn.Linear(PAIR_WIDTH, 2)

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        """Returns (batch, 2) logits. Law: swapping left and right changes nothing."""
        features = torch.cat([(left - right).abs(), left * right], dim=1)
        return self.classify(nn.functional.gelu(self.compare(features)))


class IntentModel(nn.Module):
    """Query to intent probabilities."""

    def __init__(
        self, backbone: MiniLmEmbedder, adapter: SharedAdapter, head: IntentHead, temperature: float
    ) -> None:
        super().__init__()
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
        backbone: MiniLmEmbedder,
        adapter: SharedAdapter,
        head: DuplicateHead,
        temperature: float,
    ) -> None:
        super().__init__()
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
        left, right = self.adapter(self.backbone(ids, mask)).chunk(2)
        return torch.softmax(self.head(left, right) / self.temperature, dim=1)
