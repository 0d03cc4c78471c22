"""The archives of the drill: both ads models as they ship, and one that dies when it is asked."""

import json
import zipfile
from pathlib import Path

from catalog.load import load_models
from model_build.compilers import COMPILERS
from model_build.package import package
from model_build.sources import load_source

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ("moderation-text", "moderation-image")
PARENT = "moderation"
DYING = "dying"
HANDLER = """import os

def handle(data, context):
    if data is not None:
        os._exit(1)  # as a segmentation fault in native code would
"""


def write_archives(store: Path, folder: Path) -> None:
    """Compile and pack both models and their parent for the CPU; write the dying one beside."""
    store.mkdir()
    shipped, wrapped = load_models(), load_models(ROOT / "examples" / "aws")
    for spec in (*(shipped[name] for name in SHIPPED), wrapped[SHIPPED[0]]):
        work = folder / (spec.parent or spec.name)
        work.mkdir()
        target = spec.target("cpu")
        compiled = COMPILERS["cpu"].compile(spec, target, load_source(spec, ROOT), work)
        package(spec, target, compiled.directory, store)
    manifest = {
        "createdOn": "01/01/2020 00:00:00",
        "runtime": "python",
        "model": {"modelName": DYING, "handler": "handler.py:handle", "modelVersion": "1.0"},
        "archiverVersion": "0.12.0",
    }
    with zipfile.ZipFile(store / f"{DYING}.mar", "w") as made:
        made.writestr("MAR-INF/MANIFEST.json", json.dumps(manifest))
        made.writestr("handler.py", HANDLER)
        made.writestr("torch.py", "class Tensor: pass")
