"""The architectures that are measured, as to size, with random weights; and what they are asked."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    BertConfig,
    BertModel,
    T5Config,
    T5ForConditionalGeneration,
)

INPUT_TOKENS, OUTPUT_TOKENS, ENCODER_TOKENS = 11, 9, 16
IDS = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
SEED = 0
T5_SMALL = {"d_model": 512, "d_kv": 64, "d_ff": 2048, "num_layers": 6, "num_heads": 8}
T5_BASE = {"d_model": 768, "d_kv": 64, "d_ff": 3072, "num_layers": 12, "num_heads": 12}
BART_BASE = {
    "d_model": 768, "encoder_layers": 6, "decoder_layers": 6, "encoder_ffn_dim": 3072,
    "decoder_ffn_dim": 3072, "encoder_attention_heads": 12, "decoder_attention_heads": 12,
}  # fmt: skip
MINILM = {
    "hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12,
    "intermediate_size": 1536,
}  # fmt: skip
TINY = {
    "t5": {"d_model": 32, "d_kv": 8, "d_ff": 48, "num_layers": 2, "num_heads": 4},
    "bart": {
        "d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_ffn_dim": 48,
        "decoder_ffn_dim": 48, "encoder_attention_heads": 4, "decoder_attention_heads": 4,
    },
    "bert": {**MINILM, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4},
}  # fmt: skip
MODELS = {
    "t5-small": ("t5", T5_SMALL, 32128),
    "t5-base": ("t5", T5_BASE, 32128),
    "bart-base": ("bart", BART_BASE, 50265),
    "minilm": ("bert", MINILM, 30522),
}


@dataclass(frozen=True)
class Shape:
    """One architecture: its kind (`t5`, `bart`, `bert`), module and vocabulary."""

    name: str
    kind: str
    module: Any
    vocabulary: int

    @property
    def generates(self) -> bool:
        """Say whether it writes tokens."""
        return self.kind != "bert"

    def batch(self, size: int) -> dict[str, Any]:
        """Return ids and mask, the same for equal sizes."""
        length = INPUT_TOKENS if self.generates else ENCODER_TOKENS
        ids = np.random.default_rng(SEED).integers(4, self.vocabulary, (size, length))
        return {"input_ids": ids.astype(np.int64), "attention_mask": np.ones_like(ids)}


def build(name: str, *, tiny: bool = False) -> Shape:
    """Return an architecture on the CPU; its answers have exactly `OUTPUT_TOKENS` tokens."""
    kind, sizes, vocabulary = MODELS[name]
    if tiny:
        sizes, vocabulary = TINY[kind], 64
    torch.manual_seed(SEED)
    untyped: Any = {"t5": T5Config, "bart": BartConfig, "bert": BertConfig}[kind]
    if kind == "bert":
        config = untyped(vocab_size=vocabulary, attn_implementation="eager", **sizes)
        bert: Any = BertModel
        return Shape(name, kind, bert(config, add_pooling_layer=False).eval(), vocabulary)
    config = untyped(
        vocab_size=vocabulary, decoder_start_token_id=0, tie_word_embeddings=False, **sizes, **IDS
    )
    maker: Any = T5ForConditionalGeneration if kind == "t5" else BartForConditionalGeneration
    module = maker(config).eval()
    wanted = module.generation_config
    wanted.forced_eos_token_id = None
    # A token that no model has: every system writes as many tokens as it may.
    wanted.eos_token_id = vocabulary
    wanted.max_new_tokens, wanted.max_length, wanted.do_sample = OUTPUT_TOKENS, None, False
    return Shape(name, kind, module, vocabulary)
