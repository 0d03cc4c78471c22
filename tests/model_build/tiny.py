"""Small source models with random weights, not tied: their answers are not all one token."""

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

from catalog.goals import Goal
from catalog.spec import Gates, Limits, Load, ModelSpec, Serve, Source, Target, TargetOptions
from model_build.golden import GoldenSet
from model_build.golden.digest import golden_set

SPECIAL = ("<pad>", "<s>", "</s>", "<unk>")
LETTERS = " abcdefghijklmnopqrstuvwxyz"
VOCABULARY = len(SPECIAL) + len(LETTERS)
SIZES = {"width": 32, "inner": 48, "heads": 4, "layers": 2}


def seq2seq_folder(family: str, folder: Path, seed: int = 3) -> Path:
    """A `save_pretrained` folder of a T5 or BART type that reads and writes letters."""
    torch.manual_seed(seed)
    model = _t5() if family == "t5" else _bart()
    model.save_pretrained(folder)
    tokenizer = _letters()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
    ).save_pretrained(folder)
    return folder


def row(name: str, task: str, family: str, *, labels=(), goals=None, golden="tiny", **target):
    """A catalog row around a model that is not in the catalog."""
    text = task != "image-classification"
    limits = {"max_input_tokens": 24} if text else {"image_size": 32}
    if task == "seq2seq":
        limits["max_output_tokens"] = 10
    return ModelSpec(
        name=name,
        description="tiny",
        task=task,
        family=family,
        stands_for="nothing",
        source=Source(weights="w", sha256="0" * 64, recipe="tiny"),
        labels=labels,
        limits=Limits(**limits),
        targets=(
            Target(
                accelerator="cpu",
                instance="ml.c7i.xlarge",
                precision=target.pop("precision", "auto"),
                options=TargetOptions(**target),
            ),
        ),
        serve=Serve(kind="endpoint", name="search"),
        gates=Gates(
            golden=golden,
            load=Load(seconds=0.1),
            metrics={
                key: Goal(**words)
                for key, words in (goals or {"p99_ms": {"threshold": 1e4}}).items()
            },
        ),
        examples=("abc",),
    )


def golden(task: str, inputs, expected, documents=()) -> GoldenSet:
    """A golden set made of what a test says."""
    return golden_set("tiny", task, inputs, expected, licence="MIT", documents=documents)


def _letters() -> Tokenizer:
    names = [*SPECIAL, *LETTERS]
    made = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, "<unk>"))
    made.add_special_tokens(list(SPECIAL))
    made.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    made.post_processor = processors.TemplateProcessing("$A </s>", None, [("</s>", 2)])
    made.decoder = decoders.Fuse()
    return made


def _t5() -> T5ForConditionalGeneration:
    return T5ForConditionalGeneration(
        T5Config(
            vocab_size=VOCABULARY,
            d_model=SIZES["width"],
            d_kv=SIZES["width"] // SIZES["heads"],
            d_ff=SIZES["inner"],
            num_layers=SIZES["layers"],
            num_heads=SIZES["heads"],
            tie_word_embeddings=False,
            pad_token_id=0,
            decoder_start_token_id=0,
            eos_token_id=2,
            initializer_factor=2.0,
        )
    ).eval()


def _bart() -> BartForConditionalGeneration:
    config = BartConfig(
        vocab_size=VOCABULARY,
        d_model=SIZES["width"],
        encoder_layers=SIZES["layers"],
        decoder_layers=SIZES["layers"],
        encoder_ffn_dim=SIZES["inner"],
        decoder_ffn_dim=SIZES["inner"],
        encoder_attention_heads=SIZES["heads"],
        decoder_attention_heads=SIZES["heads"],
        max_position_embeddings=64,
        init_std=0.3,
        pad_token_id=0,
        bos_token_id=1,
        decoder_start_token_id=1,
        eos_token_id=2,
        forced_eos_token_id=None,
    )
    config.normalize_before = False
    config.normalize_embedding = True
    config.add_final_layer_norm = False
    model = BartForConditionalGeneration(config).eval()
    with torch.no_grad():
        # BART ties its embeddings; strong positions keep it from repeating one letter
        model.model.decoder.embed_positions.weight.mul_(4)
    return model
