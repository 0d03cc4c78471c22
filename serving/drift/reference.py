"""The reference of a baseline: the features of the rows that traffic is compared with.

Files of a baseline, by name: `reference.npz` (features, never texts or pictures), `tokenizer.json`
where the task has text, and `statistics.json` and `constraints.json` for Model Monitor.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from serving.drift.features import Lens, Table, features_of
from serving.drift.features.lens import Axes
from serving.drift.features.tasks import lens_for
from serving.drift.records import Rows

FORMAT = 1
REFERENCE, TOKENIZER = "reference.npz", "tokenizer.json"
STATISTICS, CONSTRAINTS = "statistics.json", "constraints.json"


class BadBaseline(ValueError):
    """A baseline's files are not what this job reads; the message has the remedy."""


@dataclass(frozen=True)
class Reference:
    """What a model's traffic is held against: the features, and the lens that they were seen by."""

    model: str
    task: str
    labels: tuple[str, ...]
    lens: Lens
    table: Table

    def seen(self, rows: Rows) -> Table:
        """Return the features of other rows, through this reference's lens."""
        return features_of(self.task)(rows, self.lens)


def make(
    model: str, task: str, rows: Rows, *, labels: Sequence[str] = (), tokenizer: str = ""
) -> Reference:
    """Return the reference that these rows are: captured traffic, or golden questions."""
    lens = lens_for(task, rows, tokenizer)
    return Reference(model, task, tuple(labels), lens, features_of(task)(rows, lens))


def dump(reference: Reference) -> dict[str, bytes]:
    """Return the files of a reference; equal references give equal bytes."""
    head = {
        "format": FORMAT, "model": reference.model, "task": reference.task,
        "labels": list(reference.labels),
    }  # fmt: skip
    arrays: dict[str, Any] = {"head": np.frombuffer(json.dumps(head).encode(), np.uint8)}
    arrays |= {f"number:{name}": values for name, values in reference.table.numbers.items()}
    arrays |= {
        f"category:{name}": np.array(values) for name, values in reference.table.categories.items()
    }
    for name, values in reference.table.vectors.items():
        axes = reference.lens.axes[name]
        arrays[f"vector:{name}"] = values.astype(np.float16)
        arrays[f"centroid:{name}"] = axes.centroid
        arrays[f"components:{name}"] = axes.components
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    files = {REFERENCE: out.getvalue()}
    if reference.lens.tokenizer:
        files[TOKENIZER] = reference.lens.tokenizer.encode()
    return files


def load(files: Mapping[str, bytes]) -> Reference:
    """Read `dump`'s files back.

    Raises:
        BadBaseline: They are missing, or of another format.
    """
    try:
        with np.load(io.BytesIO(files[REFERENCE]), allow_pickle=False) as arrays:
            head = json.loads(bytes(arrays["head"]))
            if head["format"] != FORMAT:
                raise BadBaseline(f"baseline format is {head['format']}, this job reads {FORMAT}")
            kinds: dict[str, dict[str, Any]] = {}
            for key in arrays.files[1:]:
                kind, _, name = key.partition(":")
                kinds.setdefault(kind, {})[name] = arrays[key]
    except (KeyError, ValueError, OSError) as error:
        raise BadBaseline(f"{error}: build the model again, or make its baseline anew") from error
    centroids, components = kinds.get("centroid", {}), kinds.get("components", {})
    axes = {name: Axes(centroid, components[name]) for name, centroid in centroids.items()}
    vectors = {n: values.astype(np.float32) for n, values in kinds.get("vector", {}).items()}
    table = Table(
        kinds.get("number", {}),
        {name: values.tolist() for name, values in kinds.get("category", {}).items()},
        vectors,
    )
    lens = Lens(files.get(TOKENIZER, b"").decode(), axes)
    return Reference(head["model"], head["task"], tuple(head["labels"]), lens, table)
