"""A model as its team declares it: `catalog/models/NAME.yaml`."""

from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, field_validator, model_validator

from catalog.base import Count, Strict, as_tuple
from catalog.goals import Goal
from catalog.metrics import METRICS
from catalog.target import Target as Target  # noqa: PLC0414 (a row holds them: they are its words too)
from catalog.target import TargetOptions as TargetOptions  # noqa: PLC0414

Task = Literal[
    "seq2seq", "embedding", "classification", "pair-classification", "image-classification"
]
Family = Literal[
    "t5", "bart", "minilm", "minilm-intent", "minilm-duplicates", "ad-text-cnn", "ad-image-cnn"
]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Share = Annotated[float, Field(strict=False, ge=0, le=1)]

TASK_OF_FAMILY: dict[str, str] = {
    "t5": "seq2seq",
    "bart": "seq2seq",
    "minilm": "embedding",
    "minilm-intent": "classification",
    "minilm-duplicates": "pair-classification",
    "ad-text-cnn": "classification",
    "ad-image-cnn": "image-classification",
}
ENGINES_OF_TASK: dict[str, tuple[str, ...]] = {
    "seq2seq": ("ctranslate2",),
    "embedding": ("onnxruntime", "openvino"),
    "classification": ("onnxruntime", "openvino"),
    "pair-classification": ("onnxruntime", "openvino"),
    "image-classification": ("onnxruntime", "openvino"),
}


class Source(Strict):
    """Where the weights come from: a folder in this repository or an installed package, by digest.

    `recipe` is the name under `python -m model_build.train` that remakes the folder.
    """

    weights: str | None = None
    sha256: Sha256 | None = None
    recipe: Name | None = None
    package: str | None = None
    package_version: str | None = None
    package_sha256: Sha256 | None = None

    @model_validator(mode="after")
    def _complete(self) -> "Source":
        if self.weights is None and self.package is None:
            raise ValueError(
                "names no weights: give weights + sha256, or package + version + sha256"
            )
        if (self.weights is None) != (self.sha256 is None):
            raise ValueError("weights and sha256 go together: give both, or neither")
        if (
            len(
                {part is None for part in (self.package, self.package_version, self.package_sha256)}
            )
            > 1
        ):
            raise ValueError("package, package_version and package_sha256 go together")
        return self


class Limits(Strict):
    """Input and output limits; sequence lengths in tokens, image size in pixels."""

    max_input_tokens: Count | None = None
    max_output_tokens: Count | None = None
    buckets: tuple[Count, ...] = ()
    image_size: Count | None = None

    _listed = field_validator("buckets", mode="before")(as_tuple)

    @model_validator(mode="after")
    def _ordered(self) -> "Limits":
        if list(self.buckets) != sorted(set(self.buckets)):
            raise ValueError(f"buckets {list(self.buckets)}: list each length once, ascending")
        if self.buckets and self.max_input_tokens and self.buckets[-1] != self.max_input_tokens:
            raise ValueError(
                f"buckets {list(self.buckets)}: the last must be max_input_tokens"
                f" ({self.max_input_tokens})"
            )
        return self


class Serve(Strict):
    """Where a model is served: a SageMaker endpoint shared by a family of models, or a service."""

    kind: Literal["endpoint", "service"]
    name: Literal["search", "ads", "intent"]

    @property
    def runtime(self) -> str:
        """Return the runtime image's name."""
        return {"search": "triton", "ads": "torchserve", "intent": "intent"}[self.name]

    @model_validator(mode="after")
    def _exists(self) -> "Serve":
        if (self.kind == "service") != (self.name == "intent"):
            raise ValueError(
                f"{self.kind} {self.name!r}: endpoints are search and ads, the service is intent"
            )
        return self


class Decision(Strict):
    """What a classifier answers below a probability: the fallback label instead of a guess."""

    threshold: Share
    fallback: Name


class Load(Strict):
    """The load under which latency and throughput are measured and must hold.

    With a `rate`, in requests a second, a service is loaded as a whole besides, by open arrivals.
    """

    concurrency: Count = 1
    batch: Count = 1
    seconds: Annotated[float, Field(strict=False, gt=0, le=60)] = 2.0
    rate: Annotated[float, Field(strict=False, gt=0)] | None = None


class Gates(Strict):
    """What must hold before an artifact exists, on a named golden set under a stated load."""

    golden: Name
    load: Load = Load()
    metrics: dict[str, Goal]

    @field_validator("metrics")
    @classmethod
    def _known(cls, metrics: dict[str, Goal]) -> dict[str, Goal]:
        unknown = sorted(metrics.keys() - METRICS.keys())
        if unknown:
            raise ValueError(f"unknown metric {unknown[0]!r}: use one of {', '.join(METRICS)}")
        if not metrics:
            raise ValueError("a gate without metrics proves nothing: name at least one")
        return metrics


class ModelSpec(Strict):
    """One row of the catalog.

    Rows that name the same `parent` are wrapped in one module: one graph, one archive, one worker.
    Everything else (gates, examples, baseline, artifact) stays each row's own.
    """

    name: Name
    description: str
    task: Task
    family: Family
    stands_for: str
    source: Source
    labels: tuple[str, ...] = ()
    limits: Limits
    decision: Decision | None = None
    targets: Annotated[tuple[Target, ...], Field(min_length=1)]
    serve: Serve
    parent: Name | None = None
    gates: Gates
    examples: Annotated[tuple[str | tuple[str, str], ...], Field(min_length=1)]
    _parts: tuple["ModelSpec", ...] = PrivateAttr(())

    @field_validator("labels", "targets", "examples", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        if not isinstance(value, list):
            return value
        return tuple(tuple(item) if isinstance(item, list) else item for item in value)

    @model_validator(mode="after")
    def _possible(self) -> "ModelSpec":
        if TASK_OF_FAMILY[self.family] != self.task:
            raise ValueError(
                f"task {self.task!r}: family {self.family!r} does {TASK_OF_FAMILY[self.family]!r}"
            )
        classifies = self.task.endswith("classification")
        if classifies != bool(self.labels):
            raise ValueError(
                f"labels {list(self.labels)}: give them for classifiers, and only there"
            )
        if self.decision and not classifies:
            raise ValueError("decision is for classifiers: remove it")
        if self.gates.load.rate is not None and self.serve.kind != "service":
            raise ValueError("gates.load.rate is for models served as a service: remove it")
        if (self.task == "image-classification") != (self.limits.image_size is not None):
            raise ValueError("limits.image_size is for image-classification, and needed there")
        if (self.task == "seq2seq") != (self.limits.max_output_tokens is not None):
            raise ValueError("limits.max_output_tokens is for seq2seq, and needed there")
        if self.parent and (self.serve.runtime != "torchserve" or self.parent == self.name):
            raise ValueError(
                f"parent {self.parent!r}: wraps classifiers of the endpoint ads under a name of its"
                " own: remove it, or change serve or the name"
            )
        self._check_targets()
        return self

    def _check_targets(self) -> None:
        accelerators = [target.accelerator for target in self.targets]
        if len(set(accelerators)) != len(accelerators):
            raise ValueError(f"targets {accelerators}: one target per accelerator")
        for target in self.targets:
            impossible = set(target.options.engines) - set(ENGINES_OF_TASK[self.task])
            if impossible:
                raise ValueError(
                    f"options.engines {sorted(impossible)} cannot run task {self.task!r}:"
                    f" use {', '.join(ENGINES_OF_TASK[self.task])}"
                )
            if target.options.search and self.serve.runtime != "triton":
                raise ValueError(
                    f"options.search is for models served by Triton, not {self.serve.runtime!r}:"
                    " remove it"
                )
            if target.options.beams > 1 and self.task != "seq2seq":
                raise ValueError(f"options.beams {target.options.beams} is for seq2seq: remove it")

    @property
    def parts(self) -> tuple["ModelSpec", ...]:
        """Return the rows of this row's parent by name, itself among them; none without a parent.

        Raises:
            LookupError: The row was read alone: `catalog.load.load_models` knows its fellows.
        """
        if self.parent and not self._parts:
            raise LookupError(
                f"row {self.name!r} has parent {self.parent!r}: read the whole catalog"
            )
        return self._parts

    def beside(self, rows: tuple["ModelSpec", ...]) -> "ModelSpec":
        """Return this row knowing all rows of its parent, itself among them."""
        joined = self.model_copy()
        joined._parts = rows
        return joined

    def target(self, accelerator: str) -> Target:
        """Return the target of an accelerator.

        Raises:
            KeyError: The model is not compiled for it.
        """
        for target in self.targets:
            if target.accelerator == accelerator:
                return target
        raise KeyError(f"model {self.name!r} has no target for accelerator {accelerator!r}")
