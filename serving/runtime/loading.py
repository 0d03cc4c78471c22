"""Put a codec and an engine together into a model."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from serving.runtime.description import Description, read_description, verify_files
from serving.runtime.tensors import Tensors

# Imported only when a directory names them: a server needs one engine's wheels, not all.
_ENGINES = {
    "onnxruntime": "serving.runtime.onnxruntime_engine",
    "openvino": "serving.runtime.openvino_engine",
    "ctranslate2": "serving.runtime.ctranslate2_engine",
    "onnxruntime-steps": "serving.runtime.generation.onnxruntime_stepper",
    "tensorrt": "serving.runtime.tensorrt.engine",
    "neuron": "serving.runtime.neuron_engine",
    "parent": "serving.runtime.parent",
}
_CODECS = {
    "seq2seq": "serving.runtime.text_codec",
    "embedding": "serving.runtime.text_codec",
    "classification": "serving.runtime.text_codec",
    "pair-classification": "serving.runtime.text_codec",
    "image-classification": "serving.runtime.image_codec",
}


class Codec(Protocol):
    """Turns inputs into tensors and tensors into outputs; pure, thread-safe, cheap to load."""

    description: Description

    def preprocess(self, inputs: Sequence[Any]) -> Tensors:
        """Return the tensors of a batch, batch dimension first."""

    def postprocess(self, tensors: Mapping[str, Any], inputs: Sequence[Any] = ()) -> list[Any]:
        """Return one output per row; some tasks fall back on what was asked, if it is given."""


class Ports(Protocol):
    """What an engine must know of a graph: whose it is, and the names of its tensors."""

    @property
    def name(self) -> str:
        """The model's name."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of what `infer` takes, in the graph's order."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of what `infer` returns, in the graph's order."""

    @property
    def image_size(self) -> int:
        """The height and width of images, in pixels; 0 without any."""


class Engine(Protocol):
    """Runs a compiled graph; safe to call from several threads."""

    def infer(self, tensors: Mapping[str, Any]) -> Tensors:
        """Return the output tensor by its name."""


class Model:
    """A codec and an engine: everything one compiled model directory can do."""

    def __init__(self, codec: Codec, engine: Engine) -> None:
        """Join the two halves of one directory."""
        self.description = codec.description
        self.engine = engine
        self.preprocess = codec.preprocess
        self.postprocess = codec.postprocess
        self.infer = engine.infer

    def predict(self, inputs: Sequence[Any]) -> list[Any]:
        """Return one output per input; see docs/architecture.md for their types by task."""
        if not inputs:
            return []
        return self.postprocess(self.infer(self.preprocess(inputs)), inputs)


def load(directory: Path, *, threads: int = 1) -> Model:
    """Load a compiled model directory after checking every file in it.

    Args:
        directory: Holds `model.json` and the files it names.
        threads: Cores that one call of `infer` may use.

    Raises:
        CorruptArtifact: A file is missing or altered; the message names it.
    """
    return Model(load_codec(directory), load_engine(directory, threads=threads))


def load_codec(directory: Path) -> Codec:
    """Load preprocessing and postprocessing alone; loads no engine.

    Raises:
        CorruptArtifact: The tokenizer is missing or altered.
    """
    description = read_description(directory)
    _verify_part(directory, description, codec=True)
    codec: Codec = import_module(_CODECS[description.task]).load(directory, description)
    return codec


def load_engine(directory: Path, *, threads: int = 1) -> Engine:
    """Load the engine alone; needs no tokenizer.

    Raises:
        CorruptArtifact: An engine file is missing or altered.
    """
    if threads < 1:
        raise ValueError(f"threads is {threads}; give the number of cores, 1 or more")
    description = read_description(directory)
    _verify_part(directory, description, codec=False)
    if description.halved:
        halves: Engine = import_module("serving.runtime.halves").load(
            directory, description, threads
        )
        return halves
    return open_graph(description.engine, directory, description, threads)


def open_graph(engine: str, directory: Path, ports: Ports, threads: int) -> Engine:
    """Open a graph whose files were checked, by the engine that it is made for."""
    opened: Engine = import_module(_ENGINES[engine]).load(directory, ports, threads)
    return opened


def _verify_part(directory: Path, description: Description, *, codec: bool) -> None:
    files = {
        name: digest
        for name, digest in description.files.items()
        if (name == "tokenizer.json") == codec
    }
    verify_files(directory, files)
