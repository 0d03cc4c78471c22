import pytest
import torch

from catalog import digest
from catalog.spec import Limits
from model_build.sources.seq2seq import Seq2SeqSource
from model_build.sources.whole import made_of_letters, write_whole
from model_build.train.spelling import architectures
from model_build.train.spelling.architectures import Shape
from model_build.train.spelling.recipe import assembled, save
from model_build.train.spelling.tokenizer import Writer, make_reader
from model_build.train.spelling.words import WordVectors

WORDS = ["definitely", "maybe", "beatles"]
SMALL = Shape(width=32, inner=48, heads=2, encoder_layers=1, decoder_layers=1)
LIMITS = Limits(max_input_tokens=24, max_output_tokens=6)


@pytest.fixture(params=[architectures.t5, architectures.bart])
def kept(request, tmp_path):
    """A folder that keeps letter groups, and the model that it was made of."""
    torch.manual_seed(3)
    words = WordVectors(list(Writer(WORDS).ids), SMALL.width, 1.0)
    model = request.param(4, SMALL)
    for part in (*model.parameters(), *words.parameters()):
        part.data = part.data.half().float()
    whole = assembled(request.param, SMALL, model, words)
    save(model, words, make_reader(WORDS), tmp_path / "kept")
    return tmp_path / "kept", whole.float()


def test_a_source_has_the_vectors_that_its_folder_keeps_as_letters(kept):
    folder, whole = kept
    source = Seq2SeqSource(folder, LIMITS)
    for name, weight in whole.state_dict().items():
        assert torch.equal(source.module.state_dict()[name], weight), name
    assert made_of_letters(folder)
    assert not made_of_letters(source.folder)
    assert source.predict(["beatels"])


def test_equal_folders_give_equal_bytes(kept, tmp_path):
    folder, _ = kept
    write_whole(folder, tmp_path / "one")
    write_whole(folder, tmp_path / "two")
    assert digest.of_tree(tmp_path / "one") == digest.of_tree(tmp_path / "two")
