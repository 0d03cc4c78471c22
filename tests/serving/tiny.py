"""Small models with random weights in compiled model directories, made without torch."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from catalog import digest
from serving.runtime import Description
from serving.runtime.tensors import PIXELS, SIDES

WORDS = (
    *("blue", "suede", "shoes", "wireless", "mouse", "jazz", "piano", "find"),
    *("me", "a", "warm", "up", "é", "definately", "maby"),
)
WIDTH = 16


def tokenizer() -> Tokenizer:
    """Words to ids, BERT's special tokens around a text."""
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS]
    made = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, "[UNK]"))
    made.add_special_tokens(names[:4])
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)]
    )
    return made


def encoder(folder: Path, name: str, task: str, labels: tuple[str, ...] = ()) -> Path:
    """A masked sum of random word vectors: an embedding, or probabilities through a random head.

    A pair is classified by the difference of its sums.
    """
    sides = SIDES if task == "pair-classification" else ("",)
    arrays = {"table": _random(len(WORDS) + 4, WIDTH), "last": [2], "middle": [1]}
    nodes = [node for side in sides for node in _summed(side)]
    if len(sides) > 1:
        nodes.append(helper.make_node("Sub", [f"{side}summed" for side in sides], ["summed"]))
    if labels:
        arrays["head"] = _random(WIDTH, len(labels))
        nodes.append(helper.make_node("MatMul", ["summed", "head"], ["scores"]))
        nodes.append(helper.make_node("Softmax", ["scores"], ["probabilities"], axis=-1))
    else:
        nodes.append(helper.make_node("LpNormalization", ["summed"], ["embedding"], axis=-1, p=2))
    inputs = [side + part for side in sides for part in ("input_ids", "attention_mask")]
    output = "probabilities" if labels else "embedding"
    _save(folder, nodes, arrays, inputs, (output, TensorProto.FLOAT))
    return _describe(folder, name, task, inputs, output, labels=labels)


def halves(folder: Path, name: str, labels: tuple[str, ...]) -> Path:
    """The pair classifier of `encoder` in two graphs: texts to sums, two sums to probabilities."""
    table, head = _random(len(WORDS) + 4, WIDTH), _random(WIDTH, len(labels))
    texts = [*_summed(""), helper.make_node("Identity", ["summed"], ["vector"])]
    arrays = {"table": table, "last": [2], "middle": [1]}
    ids = ["input_ids", "attention_mask"]
    _save(folder / "texts", texts, arrays, ids, ("vector", TensorProto.FLOAT))
    pairs = [
        helper.make_node("Sub", [f"{side}vector" for side in SIDES], ["summed"]),
        helper.make_node("MatMul", ["summed", "head"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=-1),
    ]
    vectors = [
        helper.make_tensor_value_info(f"{side}vector", TensorProto.FLOAT, ["n", WIDTH])
        for side in SIDES
    ]
    _save(folder / "pairs", pairs, {"head": head}, vectors, ("probabilities", TensorProto.FLOAT))
    inputs = [side + part for side in SIDES for part in ids]
    files = ("texts/model.onnx", "pairs/model.onnx")
    return _describe(
        folder, name, "pair-classification", inputs, "probabilities", labels=labels, graphs=files
    )


def _summed(side: str) -> list[onnx.NodeProto]:
    return [
        helper.make_node("Gather", ["table", f"{side}input_ids"], [f"{side}vectors"]),
        helper.make_node("Cast", [f"{side}attention_mask"], [f"{side}mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", [f"{side}mask", "last"], [f"{side}weights"]),
        helper.make_node("Mul", [f"{side}vectors", f"{side}weights"], [f"{side}kept"]),
        helper.make_node("ReduceSum", [f"{side}kept", "middle"], [f"{side}summed"], keepdims=0),
    ]


def echo(folder: Path, name: str) -> Path:
    """A seq2seq whose output ids are the next words of the vocabulary."""
    inputs = ["input_ids", "attention_mask"]
    following = [0, 1, 2, 3, *range(5, len(WORDS) + 4), 4]
    nodes = [
        helper.make_node("Gather", ["following", "input_ids"], ["moved"]),
        helper.make_node("Mul", ["moved", "attention_mask"], ["output_ids"]),
    ]
    _save(folder, nodes, {"following": following}, inputs, ("output_ids", TensorProto.INT64))
    return _describe(folder, name, "seq2seq", inputs, "output_ids", max_output_tokens=16)


def image_classifier(folder: Path, name: str, labels: tuple[str, ...], size: int) -> Path:
    """A random head on the mean colour."""
    nodes = [
        helper.make_node("ReduceMean", [PIXELS], ["colour"], axes=[2, 3], keepdims=0),
        helper.make_node("MatMul", ["colour", "head"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=-1),
    ]
    folder.mkdir(parents=True)
    pixels = helper.make_tensor_value_info(PIXELS, TensorProto.FLOAT, ["n", 3, size, size])
    _save(folder, nodes, {"head": _random(3, len(labels))}, [pixels], ("probabilities", 1))
    task, output = "image-classification", "probabilities"
    return _describe(folder, name, task, [PIXELS], output, labels=labels, image_size=size)


def _random(*shape: int) -> np.ndarray:
    return np.random.default_rng(7).normal(size=shape).astype(np.float32)


def _save(folder: Path, nodes: list, arrays: dict, inputs: list, output: tuple[str, int]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    fed = [
        item
        if not isinstance(item, str)
        else helper.make_tensor_value_info(item, TensorProto.INT64, ["n", "length"])
        for item in inputs
    ]
    constants = [numpy_helper.from_array(np.asarray(value), key) for key, value in arrays.items()]
    made = helper.make_tensor_value_info(output[0], output[1], None)
    graph = helper.make_graph(nodes, "tiny", fed, [made], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    onnx.save(model, str(folder / "model.onnx"))


def _describe(
    folder: Path,
    name: str,
    task: str,
    inputs: list[str],
    output: str,
    graphs: tuple[str, ...] = ("model.onnx",),
    **extra: object,
) -> Path:
    files = [*graphs]
    if task != "image-classification":
        tokenizer().save(str(folder / "tokenizer.json"))
        files.append("tokenizer.json")
        extra.setdefault("max_input_tokens", 16)
    description = Description(
        name=name, task=task, family="tiny", engine="onnxruntime", precision="fp32",
        inputs=tuple(inputs), output=output,
        files={file: digest.of_file(folder / file) for file in files}, **extra,  # type: ignore[arg-type]
    )  # fmt: skip
    (folder / "model.json").write_text(description.to_json())
    assert json.loads(description.to_json())["name"] == name
    return folder
