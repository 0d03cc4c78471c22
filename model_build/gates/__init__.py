"""Gates: what is measured on a compiled model before an artifact of it may exist."""

from model_build.gates.cost import usd_per_million
from model_build.gates.examples import smoke_examples
from model_build.gates.run import run_gates
from model_build.gates.worst import report

__all__ = ["report", "run_gates", "smoke_examples", "usd_per_million"]
