"""`python -m model_build.train moderation-image`: remakes the image moderation model."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from model_build.data.images import IMAGE_LABELS, Banner, banners
from model_build.modules.ad_image import IMAGE_SIZE, AdImageCnn
from model_build.modules.weights import save
from model_build.train.moderation.fit import calibrate, fit
from serving.runtime.image_codec import decode

SEED = 7


def tensors(ads: list[Banner]) -> tuple[Tensor, Tensor]:
    """Returns uint8 pixels (ads, 3, 96, 96), as the serving runtime decodes them, and labels."""
    pixels = np.stack([np.rint(decode(ad.png, IMAGE_SIZE) * 255).astype(np.uint8) for ad in ads])
    return torch.from_numpy(pixels), torch.tensor([IMAGE_LABELS.index(ad.label) for ad in ads])


def train(name: str, out: Path, *, quick: bool = False) -> None:
    """Trains the classifier and writes it into `out`.

    Args:
        name: The recipe's name.
        out: The folder of weights.
        quick: A tenth of the data, for a test.
    """
    del name
    count, epochs = (360, 9) if quick else (3600, 7)
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    pixels, labels = tensors(banners("train", count))

    def batch(indices: Tensor) -> tuple[Tensor]:
        picked = pixels[indices].float() / 255
        brightness = 0.8 + 0.4 * torch.rand(len(indices), 1, 1, 1)
        return ((picked * brightness).clamp(0, 1),)

    module = AdImageCnn(len(IMAGE_LABELS))
    fit(module, module.logits, batch, labels, epochs=epochs)
    held_pixels, held_labels = tensors(banners("validation", max(count // 10, 90)))
    temperature = calibrate(module.logits, (held_pixels.float() / 255,), held_labels)
    config = {"image_size": IMAGE_SIZE, "labels": list(IMAGE_LABELS), "temperature": temperature}
    save(module, config, out)
