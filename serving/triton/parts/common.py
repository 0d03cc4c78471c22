"""What the parts share: where an archive keeps its files, tensors in and out, errors."""

import asyncio  # noqa: F401  the stub would import it during the first request
import gc
import json
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import triton_python_backend_utils as pb

from serving import built_for
from serving.triton.parts import guard
from serving.triton.parts.deadline import TooLate

Table = np.ndarray[Any, Any]


class InvalidRequest(Exception):
    """A request that its sender must mend."""


class Part:
    """One Python-backend model of an archive.

    `config` is the parsed `config.pbtxt`, `artifact` the compiled model directory of the archive.
    Of a part's processes one is the `first`.
    """

    config: dict[str, Any]
    artifact: Path
    first: bool

    def initialize(self, args: Mapping[str, str]) -> None:
        """Find the archive's files, refuse an archive that is not for this server, then `load`."""
        self.config = json.loads(args["model_config"])
        self.first = args["model_instance_name"].endswith("_0")
        folder = Path(args["model_repository"])
        name = folder.name.rpartition("--")[0]
        model = folder.parent / f"{name}--model" / "1"
        self.artifact = model / "artifact"
        built_for.check(model / "code")
        guard.check(self.artifact)
        self.load()
        gc.collect()
        gc.freeze()  # what is loaded stays: no collection during a request walks through it

    def load(self) -> None:
        """Load what the part needs, checking digests, and warm it up."""
        raise NotImplementedError

    @property
    def input_names(self) -> list[str]:
        """Return the names of the part's inputs in the order of its configuration."""
        return [item["name"] for item in self.config["input"]]

    @property
    def output_names(self) -> list[str]:
        """Return the names of the part's outputs in the order of its configuration."""
        return [item["name"] for item in self.config["output"]]


def tensor(request: Any, name: str) -> np.ndarray[Any, Any]:
    """Return an input tensor.

    Raises:
        InvalidRequest: The tensor is missing or has no row.
    """
    found = pb.get_input_tensor_by_name(request, name)
    if found is None:
        raise InvalidRequest(f"{name}: tensor is missing")
    values: np.ndarray[Any, Any] = found.as_numpy()
    if not values.shape[0]:
        raise InvalidRequest(f"{name}: shape is {list(values.shape)}; send one row or more")
    return values


def texts(request: Any, name: str) -> list[str]:
    """Return the rows of a BYTES [N, 1] tensor as text.

    Raises:
        InvalidRequest: No rows, not one text a row, or not UTF-8.
    """
    values = tensor(request, name)
    if values.dtype != np.object_ or values.size != values.shape[0]:
        raise InvalidRequest(
            f"{name}: is {values.dtype} {list(values.shape)}; send BYTES [N, 1], one text a row"
        )
    rows = []
    for row, value in enumerate(values.reshape(-1)):
        try:
            rows.append(value.decode() if isinstance(value, bytes) else str(value))
        except UnicodeDecodeError as error:
            raise InvalidRequest(f"{name}: row {row} is not UTF-8 ({error})") from error
    return rows


def text_tensor(name: str, rows: Sequence[str]) -> Any:
    """Return text as a BYTES [N, 1] tensor."""
    column = np.array([row.encode() for row in rows], dtype=np.object_).reshape(-1, 1)
    return pb.Tensor(name, column)


def each(
    requests: Sequence[Any], read: Callable[[Any], Any], answer: Callable[[list[Any]], list[Any]]
) -> list[Any]:
    """Read requests one by one and answer together those that could be read.

    Args:
        requests: What Triton batched.
        read: Returns what a request asks; its failure is that request's alone.
        answer: Returns a response to each of what was read; its failure is everybody's.
    """
    understood: dict[int, Any] = {}
    answers: dict[int, Any] = {}
    for number, request in enumerate(requests):
        try:
            understood[number] = read(request)
        except Exception as error:  # one bad request must not fail its neighbours
            answers[number] = refuse(error)
    if understood:
        try:
            found = answer(list(understood.values()))
        except Exception as error:  # Triton must get an answer to every request
            found = [refuse(error) for _ in understood]
        answers |= dict(zip(understood, found, strict=True))
    return [answers[number] for number in range(len(requests))]


def shares(rows: Any, sizes: Sequence[int]) -> list[Any]:
    """Cut rows, a table's or a list's, into each request's share."""
    ends = list(accumulate(sizes))
    return [rows[end - size : end] for size, end in zip(sizes, ends, strict=True)]


def respond(tensors: Sequence[Any]) -> Any:
    """Return a response with these output tensors."""
    return pb.InferenceResponse(output_tensors=list(tensors))


def refuse(error: Exception) -> Any:
    """Return the error response: ours, unless the request is to blame or came too late."""
    codes = {InvalidRequest: pb.TritonError.INVALID_ARG, TooLate: pb.TritonError.UNAVAILABLE}
    code = codes.get(type(error), pb.TritonError.INTERNAL)
    mine = type(error) not in codes
    text = f"{type(error).__name__}: {error}" if mine else str(error)
    return pb.InferenceResponse(output_tensors=[], error=pb.TritonError(text, code))
