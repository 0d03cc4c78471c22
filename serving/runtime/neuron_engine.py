"""Graphs compiled for NeuronCores, one for each static shape; runs where the Neuron runtime is.

The process sees the cores that NEURON_RT_VISIBLE_CORES names; with `cores` above one, each loads a
copy and a batch is divided among them (DataParallel).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.runtime.description import CorruptArtifact
from serving.runtime.loading import Ports
from serving.runtime.tensors import PIXELS, Tensors

GRID_FILE = "grid.json"
SUFFIX = ".pt"

Graph = Callable[[Sequence[NDArray[Any]]], Sequence[NDArray[Any]]]


class WrongToolchain(ImportError):
    """A graph and the framework that shall run it are of different releases, or it is not here."""


class NeuronEngine:
    """Feeds each batch to the smallest compiled shape that holds it; larger ones go in pieces."""

    def __init__(self, graphs: Mapping[tuple[int, int], Graph], ports: Ports) -> None:
        """Keep the graphs by (batch, length); length is 0 for images."""
        self._graphs = dict(sorted(graphs.items()))
        self._inputs = ports.inputs
        self._outputs = ports.outputs

    def infer(self, tensors: Mapping[str, Any]) -> Tensors:
        """Run a batch whose texts are padded to a compiled length.

        Where the graph holds several models, what one is not asked has no rows; as many rows as the
        most asked one has are returned of each.

        Raises:
            ValueError: No graph has the batch's length.
        """
        feed = [np.asarray(tensors[name]) for name in self._inputs]
        length = max((item.shape[1] for item in feed if item.ndim == 2), default=0)
        sizes = [batch for batch, known in self._graphs if known == length]
        if not sizes:
            known = sorted({span for _, span in self._graphs})
            raise ValueError(f"length {length}: compiled are {known}; pad to one of them")
        rows: list[Sequence[NDArray[Any]]] = []
        start, count = 0, max(map(len, feed))
        while start < count:
            left = count - start
            size = next((size for size in sizes if size >= left), sizes[-1])
            taken = min(size, left)
            piece = [_filled(item[start : start + taken], size, length) for item in feed]
            rows.append([item[:taken] for item in self._graphs[(size, length)](piece)])
            start += taken
        columns = zip(self._outputs, zip(*rows, strict=True), strict=True)
        return {name: np.concatenate(parts).astype(np.float32) for name, parts in columns}

    def warm_up(self, image_size: int) -> None:
        """Run every graph once: the first run of each loads it onto its cores."""
        for (batch, length), graph in self._graphs.items():
            graph([_blank(name, batch, length, image_size) for name in self._inputs])


def load(directory: Path, ports: Ports, threads: int) -> NeuronEngine:
    """Load every graph onto the visible cores, and run each once: who is asked first waits not.

    Raises:
        CorruptArtifact: A graph cannot be loaded.
        WrongToolchain: This machine has no Neuron framework, or one of another release than the
            graphs were compiled with.
    """
    grid = json.loads((directory / GRID_FILE).read_text(encoding="utf-8"))
    torch = import_module("torch")
    # Of a twin there is no framework: the same graphs before they were compiled, for any CPU.
    framework: Any = _framework(grid, torch, ports.name) if grid["framework"] else None
    torch.set_num_threads(threads)
    graphs = {}
    for batch, length in grid["shapes"]:
        path = directory / (f"b{batch}-s{length}{SUFFIX}" if length else f"b{batch}{SUFFIX}")
        try:
            module = torch.jit.load(str(path))
        except RuntimeError as error:
            raise CorruptArtifact(f"{path}: cannot be loaded ({error}); copy it again") from error
        copies = grid["cores"]
        if copies > 1:
            module = framework.DataParallel(module, device_ids=list(range(copies)))
            # Its dynamic batches are documented to fail where a graph asks sizes, as BERT does.
            # Without them each core must get exactly the compiled batch: what is fed is filled up.
            module.disable_dynamic_batching()
        graphs[(batch * copies, length)] = _runs(torch, module)
    engine = NeuronEngine(graphs, ports)
    if framework is not None:
        engine.warm_up(ports.image_size)
    return engine


def _framework(grid: Mapping[str, Any], torch: Any, model: str) -> Any:
    """Import what registers the chip's operators, in the very release that compiled the graphs."""
    name = grid["framework"]
    try:
        framework = import_module(name)
    except ImportError as error:
        raise WrongToolchain(
            f"{model} is compiled with {name}, which is not here ({error}): serve it in the Neuron"
            " image, or build a cpu target for this machine"
        ) from error
    here = {"torch": str(torch.__version__), name: str(getattr(framework, "__version__", "none"))}
    compiled = {part: str(grid["installed"].get(part)) for part in here}
    if here != compiled:
        raise WrongToolchain(
            f"{model} is compiled with {_tuple(compiled)}, here is {_tuple(here)}: graphs run in"
            " the release that made them alone; serve it in the image that its manifest names"
        )
    return framework


def _tuple(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))


def _runs(torch: Any, module: Any) -> Graph:
    def run(inputs: Sequence[NDArray[Any]]) -> Sequence[NDArray[Any]]:
        with torch.no_grad():
            answer = module(*(torch.from_numpy(np.ascontiguousarray(item)) for item in inputs))
        answers = answer if isinstance(answer, tuple) else (answer,)
        return [item.float().numpy() for item in answers]

    return run


def _filled(rows: NDArray[Any], size: int, length: int) -> NDArray[Any]:
    """Return rows filled up to a compiled shape.

    Texts that are shorter than another model's of the same graph are padded and masked. Rows are
    repeated: a copy of a real row disturbs no arithmetic. What is not asked is zeros.
    """
    if rows.ndim == 2 and rows.shape[1] < length:
        rows = np.pad(rows, ((0, 0), (0, length - rows.shape[1])))
    if len(rows) == size:
        return rows
    if not len(rows):
        return np.zeros((size, *rows.shape[1:]), rows.dtype)
    return np.concatenate([rows, np.repeat(rows[-1:], size - len(rows), axis=0)])


def _blank(name: str, batch: int, length: int, image_size: int) -> NDArray[Any]:
    if name.endswith(PIXELS):
        return np.zeros((batch, 3, image_size, image_size), np.float32)
    return np.ones((batch, length), np.int64)
