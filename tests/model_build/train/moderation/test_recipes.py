import json

import pytest
import torch
from tokenizers import Tokenizer

from model_build.data import ads, images
from model_build.modules import build_module
from model_build.train.calibration import best_temperature
from model_build.train.moderation import image, text
from model_build.train.recipes import RECIPES


def test_the_quick_text_recipe_learns_more_than_a_guess(tmp_path):
    RECIPES["moderation-text"].run(tmp_path, quick=True)

    module = build_module("ad-text-cnn", tmp_path)
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    ids, mask, labels = text.tensors(tokenizer, ads.ad_texts("golden", 20))
    with torch.inference_mode():
        right = module(ids, mask).argmax(dim=1) == labels
    assert right.float().mean() > 0.5


def test_the_quick_image_recipe_learns_more_than_a_guess(tmp_path):
    RECIPES["moderation-image"].run(tmp_path, quick=True)

    module = build_module("ad-image-cnn", tmp_path)
    pixels, labels = image.tensors(images.banners("train", 120, seed=8))
    with torch.inference_mode():
        right = module(pixels.float() / 255).argmax(dim=1) == labels
    assert right.float().mean() > 0.5
    assert json.loads((tmp_path / "config.json").read_text())["labels"][0] == "clean"


def test_calibration_finds_the_temperature_that_logits_were_sharpened_by():
    torch.manual_seed(4)
    honest = torch.randn(20000, 3)
    labels = torch.distributions.Categorical(logits=honest).sample()

    assert best_temperature(honest * 2.5, labels) == pytest.approx(2.5, rel=0.08)
