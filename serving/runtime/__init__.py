"""The one loader of compiled model directories.

Every server and the build's gates load a model through `load`: what a gate measures is what serves.
Needs numpy, tokenizers, pillow and the one engine that the directory names; never torch.

    model = load(Path("spelling-t5"))
    model.predict(["definately maby"])            # ["definitely maybe"]

A server that splits the work over processes takes the halves: `load_codec` (preprocess and
postprocess) and `load_engine` (infer). `Model` is both; `predict` is the three calls in a row.
"""

import os

from serving.runtime.description import CorruptArtifact, Description, read_description, verify_files
from serving.runtime.loading import Codec, Engine, Model, load, load_codec, load_engine

# ONNX Runtime reads it when it is imported: else it reports its use over the network and writes a
# database to the home folder.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__all__ = [
    "Codec",
    "CorruptArtifact",
    "Description",
    "Engine",
    "Model",
    "load",
    "load_codec",
    "load_engine",
    "read_description",
    "verify_files",
]
