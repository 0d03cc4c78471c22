import io
import subprocess
import sys

import pytest
from PIL import Image

from model_build import golden
from model_build.data.ad_templates import AD_LABELS
from model_build.data.images import IMAGE_LABELS
from model_build.data.intents import LABEL_NAMES
from model_build.data.products import PAIR_LABELS
from model_build.golden.digest import golden_set

ANSWERS = {
    "intent-utterances": LABEL_NAMES,
    "duplicate-pairs": PAIR_LABELS,
    "ad-texts": AD_LABELS,
    "ad-images": IMAGE_LABELS,
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_golden_set_asks_a_few_hundred_questions_with_every_label_as_an_answer(name):
    loaded = golden.load(name)

    assert 200 <= len(loaded.inputs) <= 500
    assert set(loaded.expected) == set(ANSWERS[name])


def test_every_embedding_query_has_one_document_and_no_document_is_there_twice():
    loaded = golden.load("embedding-pairs")

    assert 200 <= len(loaded.inputs) <= 500
    assert len(set(loaded.documents)) == len(loaded.documents)
    assert len(set(loaded.expected)) == len(loaded.expected)
    assert all(
        query != loaded.documents[index]
        for query, index in zip(loaded.inputs, loaded.expected, strict=True)
    )


def test_golden_sets_are_the_same_in_another_process():
    names = ["embedding-pairs", *ANSWERS]
    program = f"from model_build import golden\nfor n in {names}: print(golden.load(n).digest)"

    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()

    assert told == [golden.load(name).digest for name in names]


def test_golden_banners_are_pngs():
    first = golden.load("ad-images").inputs[0]

    assert Image.open(io.BytesIO(first)).format == "PNG"


def test_an_unknown_golden_set_is_named_with_those_that_exist():
    with pytest.raises(
        golden.UnknownGoldenSet, match=r"unknown set 'intents'; use one of .*ad-images"
    ):
        golden.load("intents")


def test_a_golden_set_with_a_missing_answer_is_refused():
    with pytest.raises(ValueError, match="2 inputs for 1 expected"):
        golden_set("broken", "classification", ["a", "b"], ["x"], licence="MIT")
