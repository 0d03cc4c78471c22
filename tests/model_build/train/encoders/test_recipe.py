import json

import numpy as np
import pytest
import torch

from model_build.data import intents
from model_build.modules.heads import SharedAdapter
from model_build.train.encoders.features import IntentFeatures, TitleFeatures
from model_build.train.encoders.multitask import Standardiser, train_heads
from model_build.train.recipes import RECIPES


@pytest.fixture(autouse=True)
def _one_thread():
    """Two threads on a busy machine wait for each other more than they compute."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def _toy(items: int = 240) -> tuple[IntentFeatures, TitleFeatures]:
    """Features in which the first 4 numbers say the intent and the next 8 the product."""
    torch.manual_seed(1)
    features = 0.3 * torch.randn(items, 768)
    labels = torch.arange(items) % 4
    features[torch.arange(items), labels] += 3
    products = torch.arange(items) % 8
    features[torch.arange(items), 4 + products] += 3
    pairs = torch.randint(items, (4000, 2))
    pairs[::2, 1] = (pairs[::2, 0] + 8) % items
    same = (products[pairs[:, 0]] == products[pairs[:, 1]]).to(torch.int64)
    return IntentFeatures(features, labels), TitleFeatures(features, pairs, same)


def test_one_run_teaches_both_heads_and_is_reproducible():
    queries, titles = _toy()
    off_topic = torch.randn(20, 768)

    heads, again = (
        train_heads(queries, titles, off_topic, labels=4, epochs=6, seed=3) for _ in range(2)
    )

    with torch.inference_mode():
        adapted = heads.adapter(queries.features)
        intents_right = heads.intent(adapted).argmax(dim=1) == queries.labels
        left, right = (adapted[titles.pairs[:, side]] for side in (0, 1))
        pairs_right = heads.duplicate(left, right).argmax(dim=1) == titles.labels
    assert intents_right.float().mean() > 0.95
    assert pairs_right.float().mean() > 0.9
    assert torch.equal(heads.adapter.project.weight, again.adapter.project.weight)


def test_folding_the_standardiser_in_changes_no_answer():
    torch.manual_seed(2)
    features, adapter = 5 + 3 * torch.randn(50, 768), SharedAdapter()
    standard = Standardiser(features)

    with torch.no_grad():
        before = adapter(standard(features))
        standard.fold_into(adapter)
        after = adapter(features)

    assert np.allclose(before.numpy(), after.numpy(), atol=1e-4)


def test_the_quick_recipe_writes_both_heads_with_their_labels(tmp_path, monkeypatch):
    from model_build.train.encoders import recipe

    sizes = {"per_label": 3, "off_topic": 10, "families": 10, "pair_count": 600, "epochs": 2}
    monkeypatch.setattr(recipe, "QUICK", recipe.Size(**sizes))

    RECIPES["encoders"].run(tmp_path, quick=True)

    told = {
        name: json.loads((tmp_path / name / "config.json").read_text())
        for name in ("intent-teacher", "duplicates")
    }
    assert told["intent-teacher"]["labels"] == list(intents.LABEL_NAMES)
    assert 0 < told["intent-teacher"]["unknown_below"] < 1
    assert all(config["temperature"] > 0 for config in told.values())
