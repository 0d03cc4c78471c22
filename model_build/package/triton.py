"""A Triton model archive: an ensemble and its parts, as SageMaker multi-model endpoints load it.

SageMaker's front end takes the one `platform: "ensemble"` of an archive for the model and gives it
the name of the archive; parts keep their names, which must differ between archives. The ensemble's
answer must not share a tensor name with its request: Triton 2.51 then never answers.
"""

from collections.abc import Mapping
from pathlib import Path

from catalog.images import image_tag
from catalog.spec import ModelSpec, Target
from model_build.package.archive import Members
from model_build.package.pbtxt import Enum, Value, entries, to_text
from model_build.package.sources import ROOT, artifact_files, python_files
from serving.built_for import FILE_NAME as BUILT_FOR
from serving.runtime import Description

TOKENIZE, DRIVE, MODEL = "tokenize", "drive", "model"
GENERATED_IDS = "generated_ids"
ENTRY = ROOT / "serving" / "triton" / "entry.py"
CODE = (
    "serving/__init__.py",
    "serving/built_for.py",
    "serving/runtime",
    "serving/triton/__init__.py",
    "serving/triton/parts",
)
TEXT, INT64, FP32 = Enum("TYPE_STRING"), Enum("TYPE_INT64"), Enum("TYPE_FP32")

Document = dict[str, Value]
Tensors = Mapping[str, tuple[Enum, int]]

_TEXTS: dict[str, tuple[str, ...]] = {"pair-classification": ("LEFT", "RIGHT")}
_RESULTS = {
    "seq2seq": "CORRECTED",
    "embedding": "EMBEDDING",
    "classification": "PROBABILITIES",
    "pair-classification": "PROBABILITIES",
}


def members(spec: ModelSpec, target: Target, description: Description, compiled: Path) -> Members:
    """Return the files of the archive.

    Raises:
        ValueError: The task is not one that Triton serves here.
    """
    if spec.task not in _RESULTS:
        raise ValueError(f"model {spec.name!r}: task {spec.task!r} is not served by Triton")
    model = f"{spec.name}--{MODEL}/1"
    files: dict[str, Path | bytes | None] = {
        **{f"{model}/artifact/{name}": path for name, path in artifact_files(compiled).items()},
        **{f"{model}/code/{name}": path for name, path in python_files(*CODE).items()},
        f"{model}/code/{BUILT_FOR}": f"{image_tag('triton', ROOT)}\n".encode(),
    }
    for part, config in _configs(spec, target, description).items():
        folder = f"{spec.name}--{part}" if part else spec.name
        files[f"{folder}/config.pbtxt"] = to_text({"name": folder, **config}).encode()
        if part:
            files[f"{folder}/1/model.py"] = ENTRY
        else:
            files[f"{folder}/1"] = None  # an ensemble has a version, and nothing in it
    return files


def _configs(spec: ModelSpec, target: Target, description: Description) -> dict[str, Document]:
    """Return each part's configuration; the ensemble's is under the empty name."""
    texts = dict.fromkeys(_TEXTS.get(spec.task, ("TEXT",)), (TEXT, 1))
    fed = dict.fromkeys(description.inputs, (INT64, -1))
    ids = spec.task == "seq2seq"
    made = {description.output: (INT64, -1) if ids else (FP32, len(description.labels) or -1)}
    result = {_RESULTS[spec.task]: (TEXT, 1) if ids else made[description.output]}

    parts = {TOKENIZE: (texts, fed), MODEL: (fed, made)}
    if ids:
        # The driver calls MODEL by name; MODEL is a member of the ensemble by its last step, which
        # turns what was generated into text. Each request carries one kind of input or the other.
        generated = {GENERATED_IDS: made[description.output]}
        parts |= {DRIVE: (fed, made), MODEL: ({**fed, **generated}, {**made, **result})}
    options = target.options
    batch = options.max_batch
    configs = {part: _python(batch, *tensors) for part, tensors in parts.items()}
    configs[MODEL] |= _engine(options.instances, options.threads, options.queue_delay_us)
    if ids:
        configs[MODEL]["input"] = [
            {**_input(name, form), "optional": True} for name, form in parts[MODEL][0].items()
        ]

    configs[""] = {
        "platform": "ensemble",
        **_signature(batch, texts, result),
        "ensemble_scheduling": {"step": _steps(spec.name, texts, description, result)},
    }
    return configs


def _steps(name: str, texts: Tensors, description: Description, result: Tensors) -> list[Document]:
    """Return the ensemble's steps: which part is fed from which tensor, and what it makes."""
    fed = {tensor: tensor for tensor in description.inputs}
    made = description.output
    (answer,) = result
    first = _step(f"{name}--{TOKENIZE}", {tensor: tensor for tensor in texts}, fed)
    if description.task != "seq2seq":
        return [first, _step(f"{name}--{MODEL}", fed, {made: answer})]
    return [
        first,
        _step(f"{name}--{DRIVE}", fed, {made: made}),
        _step(f"{name}--{MODEL}", {GENERATED_IDS: made}, {answer: answer}),
    ]


def _python(batch: int, inputs: Tensors, outputs: Tensors) -> Document:
    """Return the configuration of a part that is cheap: one process, batched as it comes."""
    return {
        "backend": "python",
        **_signature(batch, inputs, outputs),
        "instance_group": [{"count": 1, "kind": Enum("KIND_CPU")}],
        "dynamic_batching": {"max_queue_delay_microseconds": 0},
    }


def _engine(instances: int, threads: int, delay: int) -> Document:
    """Return what differs for the part that computes; `delay` is in microseconds."""
    return {
        "instance_group": [{"count": instances, "kind": Enum("KIND_CPU")}],
        "dynamic_batching": {"max_queue_delay_microseconds": delay},
        "parameters": entries({"threads": {"string_value": str(threads)}}),
    }


def _signature(batch: int, inputs: Tensors, outputs: Tensors) -> Document:
    return {
        "max_batch_size": batch,
        "input": [_input(name, form) for name, form in inputs.items()],
        "output": [_tensor(name, *form) for name, form in outputs.items()],
    }


def _tensor(name: str, data_type: Enum, width: int) -> dict[str, Value]:
    return {"name": name, "data_type": data_type, "dims": [width]}


def _input(name: str, form: tuple[Enum, int]) -> dict[str, Value]:
    # Requests of unequal length are batched together: the part that computes pads them itself.
    ragged: dict[str, Value] = {"allow_ragged_batch": True} if form[1] == -1 else {}
    return {**_tensor(name, *form), **ragged}


def _step(model: str, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> Document:
    return {
        "model_name": model,
        "model_version": -1,
        "input_map": entries(inputs),
        "output_map": entries(outputs),
    }
