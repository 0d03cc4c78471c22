"""A Triton model archive: an ensemble and its parts, as SageMaker multi-model endpoints load it.

SageMaker's front end takes the one `platform: "ensemble"` of an archive for the model and gives it
the name of the archive; parts keep their names, which must differ between archives. The ensemble's
answer must not share a tensor name with its request: Triton 2.51 then never answers.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catalog.images import image_tag
from catalog.spec import ModelSpec, Target, TargetOptions
from model_build.package import triton_gpu
from model_build.package.archive import Members
from model_build.package.pbtxt import entries, to_text
from model_build.package.sources import ROOT, artifact_files, python_files
from model_build.package.triton_gpu import PLAN
from model_build.package.triton_parts import (
    FP32,
    INT64,
    TEXT,
    Document,
    Tensors,
    batching,
    instances,
    signature,
)
from serving.built_for import FILE_NAME as BUILT_FOR
from serving.runtime import Description
from serving.runtime.tensorrt.engine_tuple import read_tuple

TOKENIZE, DRIVE, MODEL, ANSWER = "tokenize", "drive", "model", "answer"
ON_THE_CPU = ("ctranslate2", "onnxruntime-steps")
"""Engines that decode on the cores that read texts: a driver's process would only add a hop."""
GENERATED_IDS = "generated_ids"
ENTRY = ROOT / "serving" / "triton" / "entry.py"
CODE = (
    "serving/__init__.py",
    "serving/built_for.py",
    "serving/runtime",
    "serving/triton/__init__.py",
    "serving/triton/parts",
)
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
    for part, config in _configs(spec, target, description, compiled).items():
        folder = f"{spec.name}--{part}" if part else spec.name
        files[f"{folder}/config.pbtxt"] = to_text({"name": folder, **config}).encode()
        if part:
            files[f"{folder}/1/model.py"] = ENTRY
        else:
            files[f"{folder}/1"] = None  # an ensemble has a version, and nothing in it
    if runs_in_triton(description):
        # Where Triton's backend looks for it; the text part checks its digest there.
        files[f"{model}/{PLAN}"] = files.pop(f"{model}/artifact/{PLAN}")
        del files[f"{model}/model.py"]
    return files


def _configs(
    spec: ModelSpec, target: Target, description: Description, compiled: Path
) -> dict[str, Document]:
    """Return each part's configuration; the ensemble's is under the empty name."""
    texts = dict.fromkeys(_TEXTS.get(spec.task, ("TEXT",)), (TEXT, 1))
    fed = dict.fromkeys(description.inputs, (INT64, -1))
    ids = spec.task == "seq2seq"
    made = {description.output: (INT64, -1) if ids else (FP32, len(description.labels) or -1)}
    result = {_RESULTS[spec.task]: (TEXT, 1) if ids else made[description.output]}
    options = target.options
    batch = options.max_batch

    configs: dict[str, Document] = {}
    if is_driven(description):
        # The driver calls MODEL by name; MODEL is a member of the ensemble by its last step, which
        # turns what was generated into text, or back into what was asked where the model could not
        # read all of it. Each request carries one kind of input or the other.
        # Requests wait for company at the driver, of which there is one for each engine.
        configs[DRIVE] = _python(options, texts, made, options.instances, options.queue_delay_us)
        generated = {GENERATED_IDS: made[description.output]}
        engine = _engine(target, {**fed, **generated, **texts}, {**made, **result}, delay=0)
        inputs: Any = engine["input"]
        configs[MODEL] = {**engine, "input": [{**item, "optional": True} for item in inputs]}
    elif runs_in_triton(description):
        configs[TOKENIZE] = _python(options, texts, fed, 1, 0)
        graph = read_tuple(compiled).graphs[MODEL]
        made = {description.output: (FP32, graph.width)}
        configs[MODEL] = triton_gpu.engine(options, description, graph, fed, made)
        # Requests wait at Triton's own backend, which knows no deadlines.
        configs[ANSWER] = _python(options, made, result, 1, 0)
    else:
        configs[MODEL] = _engine(target, texts, result, delay=options.queue_delay_us)

    configs[""] = {
        "platform": "ensemble",
        **signature(batch, texts, result),
        "ensemble_scheduling": {"step": _steps(spec.name, texts, description, result)},
    }
    return configs


def is_driven(description: Description) -> bool:
    """Say whether a part of its own reads texts and asks the engine's part by BLS."""
    return description.task == "seq2seq" and description.engine not in ON_THE_CPU


def runs_in_triton(description: Description) -> bool:
    """Say whether Triton's own backend runs the engine, not a Python part."""
    return description.engine == "tensorrt" and description.task != "seq2seq"


def _steps(name: str, texts: Tensors, description: Description, result: Tensors) -> list[Document]:
    """Return the ensemble's steps: which part is fed from which tensor, and what it makes."""
    fed = {tensor: tensor for tensor in description.inputs}
    made = description.output
    (answer,) = result
    asked = {tensor: tensor for tensor in texts}
    if is_driven(description):
        return [
            _step(f"{name}--{DRIVE}", asked, {made: made}),
            _step(f"{name}--{MODEL}", {GENERATED_IDS: made, **asked}, {answer: answer}),
        ]
    if runs_in_triton(description):
        return [
            _step(f"{name}--{TOKENIZE}", asked, fed),
            _step(f"{name}--{MODEL}", fed, {made: made}),
            _step(f"{name}--{ANSWER}", {made: made}, {answer: answer}),
        ]
    return [_step(f"{name}--{MODEL}", asked, {answer: answer})]


def _python(
    options: TargetOptions, inputs: Tensors, outputs: Tensors, count: int, delay: int
) -> Document:
    """Return the configuration of a part that loads no engine."""
    return {
        "backend": "python",
        **signature(options.max_batch, inputs, outputs),
        **instances(count, "cpu"),
        **batching(options, delay),
    }


def _engine(target: Target, inputs: Tensors, outputs: Tensors, *, delay: int) -> Document:
    """Return the configuration of a Python part that computes."""
    options = target.options
    return {
        "backend": "python",
        **signature(options.max_batch, inputs, outputs),
        **instances(options.instances, target.accelerator),
        **batching(options, delay),
        "parameters": entries({"threads": {"string_value": str(options.threads)}}),
    }


def _step(model: str, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> Document:
    return {
        "model_name": model,
        "model_version": -1,
        "input_map": entries(inputs),
        "output_map": entries(outputs),
    }
