"""Small encoders with random weights: a text, a pair and an image classifier, and an embedder."""

from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from torch import nn
from transformers import BertConfig, BertModel

from catalog.spec import Limits
from model_build.compilers.probes import probes
from model_build.sources.encoder import EncoderSource

WIDTH = 32
TOKENS = 24
SIZE = 32


def tokenizer(folder: Path) -> Path:
    """The words of the probes, BERT's special tokens around a text."""
    words = sorted({word for text in probes("embedding") for word in text.lower().split()})
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words]
    made = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, "[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)]
    )
    made.save(str(folder / "tokenizer.json"))
    return folder / "tokenizer.json"


class Embedder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        config = BertConfig(
            vocab_size=300,
            hidden_size=WIDTH,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=64,
            attn_implementation="eager",
            initializer_range=0.2,
        )
        self.bert = BertModel(config, add_pooling_layer=False)

    def forward(self, input_ids, attention_mask):
        hidden = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        return nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1)


class Classifier(nn.Module):
    def __init__(self, labels: int) -> None:
        super().__init__()
        self.embed, self.head = Embedder(), nn.Linear(WIDTH, labels)
        self.register_buffer("centre", torch.zeros(WIDTH))

    def forward(self, input_ids, attention_mask):
        moved = self.embed(input_ids, attention_mask) - self.centre
        return torch.softmax(20 * self.head(moved), dim=1)


class PairClassifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed, self.head = Embedder(), nn.Linear(WIDTH, 2)

    def forward(self, left_input_ids, left_attention_mask, right_input_ids, right_attention_mask):
        ids = torch.cat([left_input_ids, right_input_ids])
        mask = torch.cat([left_attention_mask, right_attention_mask])
        return self.compare(*self.vectors(ids, mask).chunk(2))

    def vectors(self, input_ids, attention_mask):
        return self.embed(input_ids, attention_mask)

    def compare(self, left, right):
        return torch.softmax(8 * self.head((left - right).abs()), dim=1)


class ImageClassifier(nn.Module):
    def __init__(self, labels: int) -> None:
        super().__init__()
        self.conv, self.head = nn.Conv2d(3, 8, 3, stride=2), nn.Linear(8, labels)

    def forward(self, pixels):
        return torch.softmax(40 * self.head(torch.relu(self.conv(pixels)).mean((2, 3))), dim=1)


def source(task: str, folder: Path, labels: int = 3, seed: int = 5) -> EncoderSource:
    """A source of a task with random weights."""
    torch.manual_seed(seed)
    if task == "image-classification":
        return EncoderSource(ImageClassifier(labels), None, Limits(image_size=SIZE))
    modules = {
        "embedding": Embedder,
        "classification": lambda: Classifier(labels),
        "pair-classification": PairClassifier,
    }
    made = EncoderSource(modules[task](), tokenizer(folder), Limits(max_input_tokens=TOKENS))
    if task == "classification":
        # Random BERTs send all texts one way; from their centre they go every way.
        with torch.no_grad():
            texts = made.tensors(probes(task))
            made.module.centre.copy_(made.module.embed(**texts).mean(dim=0))
            made.module.head.bias.zero_()
    return made
