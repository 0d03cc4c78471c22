"""Load the TensorRT engines of a compiled model directory; first check what they are bound to."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from serving.runtime.description import CorruptArtifact, Description
from serving.runtime.generation.loop import GenerationEngine
from serving.runtime.generation.state import read_generation
from serving.runtime.tensorrt.captured import Executable, deserialise
from serving.runtime.tensorrt.device import Cuda, Device
from serving.runtime.tensorrt.encoder import EncoderEngine
from serving.runtime.tensorrt.engine_tuple import EngineTuple, WrongEngine, read_tuple
from serving.runtime.tensorrt.stepper import TensorRtStepper

MODULES = ("tensorrt", "tensorrt_bindings")
ENCODER, STEP, MODEL = "encoder", "step", "model"

Engine = GenerationEngine | EncoderEngine


def load(directory: Path, description: Description, threads: int) -> Engine:
    """Open the engines on the GPU and capture their graphs; the threads are the GPU's own affair.

    Raises:
        WrongEngine: They were built by another TensorRT or for another GPU than there is here.
        CorruptArtifact: A file is not what it should be.
    """
    del threads
    bound = read_tuple(directory)
    trt = _tensorrt(bound)
    device = _gpu(bound)
    bound.check(trt.__version__, device.architecture)
    return assemble(directory, description, bound, trt, device, deserialise)


def assemble(
    directory: Path,
    description: Description,
    bound: EngineTuple,
    trt: Any,
    device: Device,
    open_engine: Callable[[Any, Path], Any],
) -> Engine:
    """Put engines, state and loop together.

    Args:
        directory: The compiled model directory.
        description: Its `model.json`.
        bound: Its `engine.json`.
        trt: The TensorRT module.
        device: The GPU.
        open_engine: Deserialises an engine's file.
    """
    engines = {
        name: open_engine(trt, directory / graph.file) for name, graph in bound.graphs.items()
    }
    runs = {name: Executable(trt, engine, device) for name, engine in engines.items()}
    if description.task != "seq2seq":
        return EncoderEngine(device, runs[MODEL], bound.graphs[MODEL], description)
    generation = read_generation(directory)
    if not (generation.batches and generation.lengths):
        raise CorruptArtifact(f"{directory}: generation.json names no batches or lengths")
    step = engines[STEP]
    cross = {}
    for name in generation.constant[1:]:
        _, heads, _, width = step.get_tensor_shape(name)
        cross[name] = int(heads), int(width)
    stepper = TensorRtStepper(
        device,
        (runs[ENCODER], bound.graphs[ENCODER]),
        (runs[STEP], bound.graphs[STEP]),
        generation,
        cross,
    )
    return GenerationEngine(stepper, generation, description)


def _tensorrt(bound: EngineTuple) -> Any:
    for name in MODULES:
        try:
            return import_module(name)
        except ImportError:
            continue
    raise WrongEngine(
        f"engine built by ({bound.tensorrt} {bound.version}, {bound.architecture}), here is no"
        " TensorRT: deploy it to the image it was built in"
    )


def _gpu(bound: EngineTuple) -> Cuda:
    try:
        return Cuda()
    except Exception as error:  # no driver, no bindings, no GPU: each raises its own
        raise WrongEngine(
            f"engine built by ({bound.tensorrt} {bound.version}, {bound.architecture}), here is no"
            f" GPU ({error}): deploy it to an instance of its kind"
        ) from error
