"""The two seq2seq architectures, small enough to be kept in the repository."""

from dataclasses import dataclass

import torch
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    GenerationConfig,
    PreTrainedModel,
    T5Config,
    T5ForConditionalGeneration,
)

from model_build.train.spelling.tokenizer import END, INPUT_LIMIT, PAD, SPECIAL, START

PAD_ID, START_ID, END_ID = (SPECIAL.index(token) for token in (PAD, START, END))
OUTPUT_LIMIT = 64
VECTOR_LENGTH = {"t5": 16.0, "bart": 1.5}
"""How long word vectors begin: T5 divides by the root of its width before it compares with them."""
RELATIVE_BUCKETS = 32
NEIGHBOUR_BIAS = 4.0
LONGEST_WAVE = 40.0
"""Over two pi, in positions."""


@dataclass(frozen=True)
class Shape:
    """The size of a model; equal for both architectures, so that they can be compared."""

    width: int = 256
    inner: int = 640
    heads: int = 8
    encoder_layers: int = 3
    decoder_layers: int = 1


def t5(vocabulary: int, shape: Shape) -> PreTrainedModel:
    """Returns a new T5-type model: relative positions, RMS norm before each block."""
    config = T5Config(  # type: ignore[no-untyped-call]
        vocab_size=vocabulary,
        d_model=shape.width,
        d_ff=shape.inner,
        d_kv=shape.width // shape.heads,
        num_heads=shape.heads,
        num_layers=shape.encoder_layers,
        num_decoder_layers=shape.decoder_layers,
        relative_attention_num_buckets=RELATIVE_BUCKETS,
        relative_attention_max_distance=64,
        feed_forward_proj="relu",
        dropout_rate=0.0,
        decoder_start_token_id=PAD_ID,
        **_token_ids(),
    )
    model = T5ForConditionalGeneration(config)
    _look_at_neighbours(model)
    return _with_generation(model)


def _look_at_neighbours(model: T5ForConditionalGeneration) -> None:
    """Starts most heads on one neighbouring position each; T5's own start knows no order at all.

    A step moves a bias by no more than the learning rate, so that from T5's start thousands of
    steps pass before the model tells "form" from "from".
    """
    half = RELATIVE_BUCKETS // 2  # T5 counts positions to the right from here
    both_sides = [1, 2, 3, half + 1, half + 2, half + 3]
    before = [1, 2, 3, 4]
    for stack, buckets in (("encoder", both_sides), ("decoder", before)):
        name = f"{stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
        bias = model.get_parameter(name)
        with torch.no_grad():
            for head, bucket in zip(range(bias.shape[1]), buckets, strict=False):
                bias[bucket, head] += NEIGHBOUR_BIAS
    with torch.no_grad():
        name = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
        bias = model.get_parameter(name)
        distance = torch.arange(half).float()
        for head, (near, far) in enumerate(((0, half), (half, 0)), start=len(both_sides)):
            if head < bias.shape[1]:  # towards the mark of the own word, or that of the next
                bias[near : near + half, head] -= 0.5 * distance
                bias[far : far + half, head] -= NEIGHBOUR_BIAS


def bart(vocabulary: int, shape: Shape) -> PreTrainedModel:
    """Returns a new BART-type model: learned positions, layer norm after each block."""
    config = BartConfig(  # type: ignore[no-untyped-call]
        vocab_size=vocabulary,
        d_model=shape.width,
        encoder_ffn_dim=shape.inner,
        decoder_ffn_dim=shape.inner,
        encoder_attention_heads=shape.heads,
        decoder_attention_heads=shape.heads,
        encoder_layers=shape.encoder_layers,
        decoder_layers=shape.decoder_layers,
        max_position_embeddings=max(INPUT_LIMIT, OUTPUT_LIMIT) + 2,
        activation_function="gelu",
        init_std=0.05,
        dropout=0.0,
        bos_token_id=START_ID,
        decoder_start_token_id=START_ID,
        forced_eos_token_id=None,
        **_token_ids(),
    )
    # CTranslate2's converter reads these from the configs of older BART models.
    config.normalize_before = False
    config.add_final_layer_norm = False
    config.normalize_embedding = True
    model = BartForConditionalGeneration(config)
    model.set_attn_implementation("eager")  # on CPUs PyTorch's fused attention learns slower
    _start_with_waves(model)
    return _with_generation(model)


def _start_with_waves(model: BartForConditionalGeneration) -> None:
    """Starts the positions on sine waves: how far apart two of them are can then be learned once.

    From BART's own random start it is learned for each pair of positions.
    """
    for stack in ("encoder", "decoder"):
        table = model.get_parameter(f"model.{stack}.embed_positions.weight")
        places, width = table.shape
        speeds = LONGEST_WAVE ** -torch.linspace(0, 1, width // 2)
        angles = torch.arange(places)[:, None] * speeds
        with torch.no_grad():
            table.copy_(torch.cat([angles.sin(), angles.cos()], dim=1) * (2 / width) ** 0.5)


def _token_ids() -> dict[str, int]:
    return {"pad_token_id": PAD_ID, "eos_token_id": END_ID}


def _with_generation(model: PreTrainedModel) -> PreTrainedModel:
    model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        decoder_start_token_id=model.config.decoder_start_token_id,
        max_length=OUTPUT_LIMIT,
        num_beams=1,
        do_sample=False,
        **_token_ids(),
    )
    return model
