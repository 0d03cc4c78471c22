"""The image moderation model: a small convolutional classifier of 96 x 96 banners."""

from itertools import pairwise

import torch
from torch import Tensor, nn

CHANNELS = (16, 32, 64, 96)
IMAGE_SIZE = 96


def _block(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


class AdImageCnn(nn.Module):
    """Pixels to policy probabilities: four strided convolutions, mean and maximum over the picture.

    The maximum finds one small button; the mean measures how much of the picture is text.
    """

    def __init__(self, labels: int, temperature: float = 1.0) -> None:
        super().__init__()
        self.temperature = temperature
        widths = (3, *CHANNELS)
        self.blocks = nn.Sequential(*(_block(a, b) for a, b in pairwise(widths)))
        self.drop = nn.Dropout(0.3)
        self.classify = nn.Linear(2 * CHANNELS[-1], labels)

    def logits(self, pixels: Tensor) -> Tensor:
        """Returns (batch, labels)."""
        seen = self.blocks(pixels * 2.0 - 1.0)
        pooled = torch.cat([seen.mean(dim=(2, 3)), seen.amax(dim=(2, 3))], dim=1)
        answer: Tensor = self.classify(self.drop(pooled))
        return answer

    def forward(self, pixels: Tensor) -> Tensor:
        """Returns float32 (batch, labels) probabilities from (batch, 3, 96, 96) RGB in 0..1."""
        return torch.softmax(self.logits(pixels) / self.temperature, dim=1)
