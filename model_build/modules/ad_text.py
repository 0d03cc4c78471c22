"""The text moderation model: a small convolutional classifier over byte-pair tokens."""

import torch
from torch import Tensor, nn

WIDTH = 64
FILTERS = 64
SPANS = (1, 2, 3, 4)


class AdTextCnn(nn.Module):
    """Token ids to policy probabilities: embed, convolve over 1 to 4 tokens, keep the strongest."""

    def __init__(self, vocabulary: int, labels: int, temperature: float = 1.0) -> None:
        super().__init__()
        self.temperature = temperature
        self.embed = nn.Embedding(vocabulary, WIDTH)
        self.spans = nn.ModuleList(
            nn.Conv1d(WIDTH, FILTERS, span, padding=span - 1, bias=False) for span in SPANS
        )
        self.drop = nn.Dropout(0.4)
        self.classify = nn.Linear(FILTERS * len(SPANS), labels)

    def logits(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Returns (batch, labels). Law: padding changes nothing.

        Padded tokens are embedded as zeros, and without a bias a window of zeros gives 0, which
        is also the least that any window gives after ReLU.
        """
        mask = attention_mask.unsqueeze(-1).to(torch.float32)
        embedded = (self.embed(input_ids) * mask).transpose(1, 2)
        found = [torch.relu(conv(embedded)).amax(dim=2) for conv in self.spans]
        answer: Tensor = self.classify(self.drop(torch.cat(found, dim=1)))
        return answer

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Returns float32 (batch, labels) probabilities."""
        return torch.softmax(self.logits(input_ids, attention_mask) / self.temperature, dim=1)
