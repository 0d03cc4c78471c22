import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from model_build.compilers.onnx_graph import quantise
from model_build.compilers.outliers import level

WIDTH, OUTLIER = 64, 5


def run(path, tokens):
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {"tokens": tokens})[0]


@pytest.fixture
def tokens():
    drawn = np.random.default_rng(1).normal(size=(40, WIDTH)).astype(np.float32)
    drawn[:, OUTLIER] *= 60
    return drawn


@pytest.fixture
def graph(tmp_path):
    """One product, written to a file."""
    weight = np.random.default_rng(2).normal(size=(WIDTH, WIDTH)).astype(np.float32)
    free = ["count", WIDTH]
    made = helper.make_graph(
        [helper.make_node("MatMul", ["tokens", "weight"], ["out"], name="product")],
        "one-product",
        [helper.make_tensor_value_info("tokens", TensorProto.FLOAT, free)],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, free)],
        [numpy_helper.from_array(weight, "weight")],
    )
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(made, opset_imports=opset, ir_version=8), tmp_path / "plain.onnx")
    return tmp_path / "plain.onnx"


def test_a_levelled_graph_answers_to_the_last_bits_as_before(graph, tokens, tmp_path):
    level(graph, tmp_path / "levelled.onnx", {"tokens": tokens})

    plain, levelled = run(graph, tokens), run(tmp_path / "levelled.onnx", tokens)
    assert np.abs(plain - levelled).max() <= 1e-6 * np.abs(plain).max()


def test_int8_of_a_levelled_graph_loses_far_less_to_an_outlier(graph, tokens, tmp_path):
    level(graph, tmp_path / "levelled.onnx", {"tokens": tokens})
    quantise(graph, tmp_path / "plain8.onnx", embeddings=False)
    quantise(tmp_path / "levelled.onnx", tmp_path / "levelled8.onnx", embeddings=False)

    exact = run(graph, tokens)
    plain, levelled = (
        np.abs(run(tmp_path / f"{name}8.onnx", tokens) - exact).mean()
        for name in ("plain", "levelled")
    )
    assert levelled < plain / 2
