"""T5-small and BART-base as to size, with random weights: what their speed depends on.

T5's weights are not tied, so that its answers are not one token again and again.
"""

import string
from itertools import islice, product
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

SPECIAL = ("<pad>", "<s>", "</s>", "<unk>")
IDS = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
SEED = 0


def t5_small(folder: Path) -> Path:
    """Save a model of T5-small's shape: 6 + 6 layers of 512, a vocabulary of 32 128."""
    untyped: Any = T5Config  # transformers leaves its constructors untyped
    config = untyped(
        vocab_size=32128,
        d_model=512,
        d_kv=64,
        d_ff=2048,
        num_layers=6,
        num_heads=8,
        tie_word_embeddings=False,
        decoder_start_token_id=0,
        **IDS,
    )
    torch.manual_seed(SEED)
    return _save(T5ForConditionalGeneration(config), folder)


def bart_base(folder: Path) -> Path:
    """Save a model of BART-base's shape: 6 + 6 layers of 768, a vocabulary of 50 265."""
    untyped: Any = BartConfig
    config = untyped(
        vocab_size=50265,
        d_model=768,
        encoder_layers=6,
        decoder_layers=6,
        encoder_ffn_dim=3072,
        decoder_ffn_dim=3072,
        encoder_attention_heads=12,
        decoder_attention_heads=12,
        decoder_start_token_id=2,
        forced_eos_token_id=None,
        **IDS,
    )
    config.normalize_before = False  # CTranslate2's converter reads these three
    config.normalize_embedding = True
    config.add_final_layer_norm = False
    torch.manual_seed(SEED)
    model = BartForConditionalGeneration(config)
    with torch.no_grad():
        # BART ties its embeddings; strong positions keep it from repeating one token
        model.model.decoder.embed_positions.weight.mul_(20)
    return _save(model, folder)


def words(count: int) -> list[str]:
    """Return distinct made-up words, each one token of these models."""
    made = ("".join(letters) for letters in product(string.ascii_lowercase, repeat=4))
    return list(islice(made, 5000, 5000 + count * 97, 97))


def _save(model: PreTrainedModel, folder: Path) -> Path:
    size: int = model.config.vocab_size
    made = ("".join(letters) for letters in product(string.ascii_lowercase, repeat=4))
    names = [*SPECIAL, *islice(made, size - len(SPECIAL))]
    tokenizer = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, "<unk>"))
    tokenizer.add_special_tokens(list(SPECIAL))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing("$A </s>", None, [("</s>", 2)])
    fast: Any = PreTrainedTokenizerFast
    fast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",  # noqa: S106 - no password
        bos_token="<s>",  # noqa: S106
        eos_token="</s>",  # noqa: S106
        unk_token="<unk>",  # noqa: S106
    ).save_pretrained(folder)
    model.train(False).save_pretrained(folder)
    return folder
