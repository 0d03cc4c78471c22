"""PyTorch to ONNX, fused and quantised.

The legacy exporter is used on purpose: ONNX Runtime's optimizer fuses attention in its graphs and
in none of the newer exporter's. All steps give equal bytes for equal weights and versions.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import onnx
import torch
from onnx import helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.optimizer import optimize_model

from serving.runtime.tensors import PIXELS

OPSET = 17


def export(
    module: torch.nn.Module, tensors: dict[str, torch.Tensor], output: str, path: Path
) -> None:
    """Trace a module over example tensors, with batch and length left free."""
    free = {0: "batch"} if PIXELS in tensors else {0: "batch", 1: "length"}
    export_free(
        module, tensors, (output,), {**dict.fromkeys(tensors, free), output: {0: "batch"}}, path
    )


def export_free(
    module: torch.nn.Module,
    tensors: dict[str, torch.Tensor],
    outputs: tuple[str, ...],
    free: dict[str, dict[int, str]],
    path: Path,
) -> None:
    """Trace a module over example tensors; `free` names the axes of tensors that may vary."""
    with quiet():
        torch.onnx.export(
            module,
            tuple(tensors.values()),
            str(path),
            input_names=list(tensors),
            output_names=list(outputs),
            dynamic_axes=free,
            opset_version=OPSET,
            dynamo=False,
        )


def fuse_bert(path: Path, out: Path) -> None:
    """Fuse attention, GELU and layer norms of a BERT; its sizes are read off the graph.

    Sums before a layer norm stay out of it: on CPUs, ONNX Runtime's fused kernel takes up to seven
    times as long as the sums and the norm, a quarter of a whole INT8 model's time.
    """
    with quiet():
        model = optimize_model(str(path), model_type="bert", opt_level=0)
        _split_skips(model.model.graph)
        model.save_model_to_file(str(out))


def _split_skips(graph: onnx.GraphProto) -> None:
    nodes = []
    for node in graph.node:
        if node.op_type != "SkipLayerNormalization":
            nodes.append(node)
            continue
        added, skipped, scale, shift, *bias = node.input
        for number, other in enumerate([*bias, skipped]):
            total = f"{node.name}_sum{number}"
            nodes.append(helper.make_node("Add", [added, other], [total], name=total))
            added = total
        epsilon = next(item.f for item in node.attribute if item.name == "epsilon")
        nodes.append(
            helper.make_node(
                "LayerNormalization",
                [added, scale, shift],
                list(node.output[:1]),
                name=f"{node.name}_norm",
                axis=-1,
                epsilon=epsilon,
            )
        )
    del graph.node[:]
    graph.node.extend(nodes)


def quantise(path: Path, out: Path, *, embeddings: bool) -> None:
    """Quantise a BERT's products: INT8 weights by channel, activations at run time.

    Heads stay in float: they are small, and the quantizer's rewriting of `Gemm` (transposed
    weights) gives wrong products.

    Args:
        path: A fused graph.
        out: Where the quantised graph is written.
        embeddings: Quantise the embedding tables too, which makes the file a third of the size.
    """
    kinds = ["MatMul", "Attention", *(["EmbedLayerNormalization"] if embeddings else [])]
    nodes = onnx.load(path, load_external_data=False).graph.node
    heads = [f"{node.name}_MatMul" for node in nodes if node.op_type == "Gemm"]
    with quiet():
        quantize_dynamic(
            path,
            out,
            op_types_to_quantize=kinds,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=heads,
            per_channel=True,
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the tools' advice out of the build's output."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
