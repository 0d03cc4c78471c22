"""`model.py` of every part: finds this archive's code and takes the part that the folder names.

The code lies once in an archive, in `NAME--model/1/code`; the other parts borrow it from there.
"""

import os
import sys
from importlib import import_module
from pathlib import Path

_PART = Path(__file__).resolve().parents[1]
_NAME, _, _KIND = _PART.name.rpartition("--")
sys.path.insert(0, str(_PART.parent / f"{_NAME}--model" / "1" / "code"))

# A query takes microseconds: threads that share a batch cost more than they save.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

TritonPythonModel = import_module(f"serving.triton.parts.{_KIND}").TritonPythonModel
