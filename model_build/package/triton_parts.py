"""What the parts of a Triton archive have in common: signatures, queues, where they run."""

from collections.abc import Mapping

from catalog.spec import TargetOptions
from model_build.package.pbtxt import Enum, Value

Document = dict[str, Value]
Tensors = Mapping[str, tuple[Enum, int]]

TEXT, INT64, FP32 = Enum("TYPE_STRING"), Enum("TYPE_INT64"), Enum("TYPE_FP32")
CPU, GPU = Enum("KIND_CPU"), Enum("KIND_GPU")
# One GPU each on every instance that the catalog knows.
GPUS = [0]


def signature(batch: int, inputs: Tensors, outputs: Tensors, *, ragged: bool = True) -> Document:
    """Return the batch limit and the tensors.

    Args:
        batch: Largest batch.
        inputs: Type and width by name; -1 is any width.
        outputs: The same.
        ragged: Requests of unequal length may share a batch: a part of ours pads them itself.
    """
    return {
        "max_batch_size": batch,
        "input": [_input(name, form, ragged) for name, form in inputs.items()],
        "output": [_tensor(name, *form) for name, form in outputs.items()],
    }


def batching(options: TargetOptions, delay: int = 0) -> Document:
    """Return dynamic batching, with a queue's policy only where the target asks for one.

    In Triton up to 25.09 any policy makes the batcher stall (see serving/triton/README.md). The
    parts keep callers' deadlines instead.

    Args:
        options: The target's: how many may wait, and how long.
        delay: How long a batch may wait to grow, in microseconds.
    """
    policy: Document = {}
    if options.max_queue:
        policy["max_queue_size"] = options.max_queue
    if options.queue_timeout_us:
        policy["timeout_action"] = Enum("REJECT")
        policy["default_timeout_microseconds"] = options.queue_timeout_us
        policy["allow_timeout_override"] = True
    batcher: Document = {"max_queue_delay_microseconds": delay}
    if policy:
        batcher["default_queue_policy"] = policy
    return {"dynamic_batching": batcher}


def instances(count: int, accelerator: str) -> Document:
    """Return how many processes run a Python part, and on what."""
    group: Document = {"count": count, "kind": CPU}
    if accelerator != "cpu":
        group = {"count": count, "kind": GPU, "gpus": GPUS}
    return {"instance_group": [group]}


def _tensor(name: str, data_type: Enum, width: int) -> Document:
    return {"name": name, "data_type": data_type, "dims": [width]}


def _input(name: str, form: tuple[Enum, int], ragged: bool) -> Document:
    free: Document = {"allow_ragged_batch": True} if ragged and form[1] == -1 else {}
    return {**_tensor(name, *form), **free}
