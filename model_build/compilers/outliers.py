"""Outlier channels, levelled: what lets INT8 answer as float does.

A few channels of a BERT's activations are ten times as large as the rest. INT8 has one scale for
all channels of an activation, so those few leave the others a handful of steps each. The weights
have precision to spare: so an outlier is divided before a product, and the weight's row for it
multiplied by as much. SmoothQuant (Xiao et al., 2022) does so for all channels; see ADR 0007.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from onnx import helper, numpy_helper

# Channels above this quantile are outliers: 8 of 384. Fewer leave some; more burden the weights.
# Chosen on validation queries and pairs, never on golden ones.
QUANTILE = 0.98
# Operators whose second input is a weight (in, out) and whose first is (..., in).
_PRODUCTS = ("MatMul", "Attention")


def level(path: Path, out: Path, feed: Mapping[str, Any]) -> None:
    """Write an equivalent graph whose products meet no outlier channels.

    Factors are powers of two: float rounds nothing, and the bytes do not hang on the last bits of
    a CPU's sums.

    Args:
        path: A fused float graph.
        out: Where the levelled graph is written.
        feed: Inputs of the graph by name; a run on them shows each channel's largest magnitude.
    """
    model = onnx.load(path)
    peaks = _peaks(model, feed)
    for node, weight in list(_products(model.graph)):
        channels = peaks[node.input[0]]
        limit = max(float(np.quantile(channels, QUANTILE)), 1e-6)
        factors = np.exp2(np.rint(np.log2(np.maximum(channels / limit, 1.0)))).astype(np.float32)
        scaled = numpy_helper.to_array(weight) * factors[:, None]
        weight.CopyFrom(numpy_helper.from_array(scaled, weight.name))
        _divide_input(model.graph, node, factors)
    onnx.save(model, out)


def _products(graph: onnx.GraphProto) -> Iterator[tuple[onnx.NodeProto, onnx.TensorProto]]:
    """Yield the products with a constant weight, with that weight."""
    weights = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type in _PRODUCTS and node.input[1] in weights:
            yield node, weights[node.input[1]]


def _peaks(model: onnx.ModelProto, feed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the largest magnitude of each channel of each product's input."""
    names = sorted({node.input[0] for node, _ in _products(model.graph)})
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    watched.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in names)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = ort.InferenceSession(
        watched.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    values = session.run(names, dict(feed))
    return {
        name: np.abs(value).reshape(-1, value.shape[-1]).max(axis=0)
        for name, value in zip(names, values, strict=True)
    }


def _divide_input(graph: onnx.GraphProto, node: onnx.NodeProto, factors: Any) -> None:
    name = f"{node.name}_level"
    graph.initializer.append(numpy_helper.from_array(1.0 / factors, f"{name}_factors"))
    divide = helper.make_node("Mul", [node.input[0], f"{name}_factors"], [f"{name}_out"], name=name)
    graph.node.insert(list(graph.node).index(node), divide)
    node.input[0] = f"{name}_out"
