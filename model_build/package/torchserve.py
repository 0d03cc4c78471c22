"""A TorchServe model archive, in the layout that torch-model-archiver writes, less its time."""

import json
from pathlib import Path
from typing import Any

from catalog.images import image_tag, served_in
from catalog.neuron import TOOLCHAINS
from catalog.spec import ModelSpec, Target
from catalog.target import NeuronOptions
from model_build.package.archive import Members
from model_build.package.sources import ROOT, artifact_files, python_files
from serving.built_for import FILE_NAME as BUILT_FOR
from serving.runtime import Description

HANDLER = "handler.py"
PARENT_HANDLER = "parent_handler.py"
CONFIG = "model-config.yaml"
# Versions of one model live in different releases, never side by side in one server.
VERSION = "1.0"
RESPONSE_SECONDS = 60
ARCHIVER_VERSION = "0.12.0"


def members(spec: ModelSpec, target: Target, _description: Description, compiled: Path) -> Members:
    """Return the files of the archive.

    Raises:
        ValueError: The task is not one that the handler knows.
    """
    if spec.task not in ("classification", "image-classification"):
        raise ValueError(f"model {spec.name!r}: task {spec.task!r} is not served by TorchServe")
    options = target.options
    name = spec.parent or spec.name
    manifest = {
        # TorchServe warns when the first two are missing; a time would make no two archives equal.
        "createdOn": "",
        "archiverVersion": ARCHIVER_VERSION,
        "runtime": "python",
        "model": {
            "modelName": name,
            "modelVersion": VERSION,
            "handler": HANDLER,
            "configFile": CONFIG,
        },
    }
    config: dict[str, Any] = {
        "minWorkers": options.instances,
        "maxWorkers": options.instances,
        "batchSize": options.max_batch,
        # In milliseconds; TorchServe takes 0 for its default, which is 100.
        "maxBatchDelay": max(1, options.queue_delay_us // 1000),
        "responseTimeout": RESPONSE_SECONDS,
        "handler": {"name": name, "threads": options.threads},
    }
    if target.accelerator in TOOLCHAINS:
        config["handler"] |= {"cores": _cores(options.neuron)}
        own_torch: Members = {}  # the chip's framework needs the real one
    else:
        stand_in = ROOT / "serving" / "torchserve" / "torch_stand_in.py"
        own_torch = {"torch.py": stand_in}
    return {
        "MAR-INF/MANIFEST.json": _json(manifest),
        # JSON is YAML: no second writer for one small file.
        CONFIG: _json(config),
        HANDLER: ROOT / "serving" / "torchserve" / (PARENT_HANDLER if spec.parent else HANDLER),
        **own_torch,
        BUILT_FOR: f"{image_tag(served_in('torchserve', target.accelerator), ROOT)}\n".encode(),
        **python_files(
            "serving/__init__.py",
            "serving/built_for.py",
            "serving/runtime",
            "serving/torchserve/__init__.py",
            "serving/torchserve/cores.py",
            "serving/torchserve/forms.py",
        ),
        **{f"artifact/{name}": path for name, path in artifact_files(compiled).items()},
    }


def _cores(options: NeuronOptions) -> int:
    """Return the NeuronCores that one worker needs: a copy on each, or one graph over all."""
    return max(options.cores, options.pipeline_cores)


def _json(document: object) -> bytes:
    return json.dumps(document, indent=1, sort_keys=True).encode() + b"\n"
