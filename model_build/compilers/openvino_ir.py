"""ONNX to OpenVINO's own files; equal graphs give equal bytes."""

from pathlib import Path

from serving.runtime.openvino_engine import FILE_NAME, openvino


def write(graph: Path, precision: str, directory: Path) -> None:
    """Write `model.xml` and `model.bin`.

    Weights of a bf16 model are stored in half precision, which keeps more of their digits than
    bfloat16 does.
    """
    model = openvino.Core().read_model(graph)
    # Its own names count the nodes that this process ever made: the bytes must not hang on that.
    for number, node in enumerate(model.get_ordered_ops()):
        if node.get_type_name() not in ("Parameter", "Result"):
            node.set_friendly_name(f"node_{number}")
    openvino.save_model(model, directory / FILE_NAME, compress_to_fp16=precision == "bf16")
