"""An encoder's part on a GPU: Triton's own TensorRT backend, with CUDA graphs and warm-up.

Python takes no part in it: the text part pads to the engine's lengths, so Triton batches requests
of one length together and replays the graph of the next size up.
"""

from itertools import pairwise

from catalog.spec import TargetOptions
from model_build.package.pbtxt import Value, entries
from model_build.package.triton_parts import (
    GPU,
    GPUS,
    INT64,
    Document,
    Tensors,
    batching,
    signature,
)
from serving.runtime import Description
from serving.runtime.tensorrt.engine_tuple import Graph, batch_sizes

PLAN = "model.plan"


def engine(
    options: TargetOptions, description: Description, graph: Graph, inputs: Tensors, answer: Tensors
) -> Document:
    """Return the configuration of a part that Triton's TensorRT backend runs.

    Args:
        options: The target's.
        description: The model's `model.json`; its buckets are the lengths there are graphs for.
        graph: Its engine, with profiles.
        inputs: What the part is fed.
        answer: What it makes.
    """
    sizes = batch_sizes(options.max_batch)
    least = {size: below + 1 for below, size in pairwise((0, *sizes))}
    shapes = [(size, length) for length in description.buckets for size in sizes]
    # Triton fills every profile with as many rows as a request may have: one of larger batches
    # alone would fail the load.
    numbers: list[Value] = [
        str(number)
        for number, span in enumerate(graph.spans)
        if span.batch_low <= options.max_batch
    ]
    group: Document = {
        "count": options.instances,
        "kind": GPU,
        "gpus": GPUS,
        "profile": numbers,
    }
    return {
        "platform": "tensorrt_plan",
        **signature(options.max_batch, inputs, answer, ragged=False),
        "instance_group": [group],
        **batching(options, options.queue_delay_us),
        "optimization": {
            "cuda": {
                "graphs": True,
                "busy_wait_events": True,
                "output_copy_stream": True,
                "graph_spec": [
                    _captured(list(inputs), least[size], size, length) for size, length in shapes
                ],
            }
        },
        "model_warmup": [_warm_up(list(inputs), *shape) for shape in shapes],
    }


def _captured(names: list[str], least: int, most: int, length: int) -> Document:
    """Return a graph of `most` rows that batches from `least` up replay.

    Rows beyond the batch hold what was there before: warm-up's zeros, or earlier texts.
    """
    fed = entries({name: {"dim": [length]} for name in names})
    return {
        "batch_size": most,
        "input": fed,
        "graph_lower_bound": {"batch_size": least, "input": fed},
    }


def _warm_up(names: list[str], batch: int, length: int) -> Document:
    """Return a request of zeros: an id that every vocabulary has, and nothing seen."""
    blank: Document = {"data_type": INT64, "dims": [length], "zero_data": True}
    return {
        "name": f"batch-{batch}-length-{length}",
        "batch_size": batch,
        "inputs": entries(dict.fromkeys(names, blank)),
    }
