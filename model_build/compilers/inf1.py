"""The compiler of Inf1 targets: frozen, as AWS left it with SDK 2.20.2."""

from importlib import import_module
from pathlib import Path

from catalog.spec import ModelSpec, Target
from model_build.compilers.contract import CompiledModel
from model_build.sources import Source


class NeuronCompiler:
    """Traces for the static shapes of a target, the casts written into the graph."""

    def compile(
        self, spec: ModelSpec, target: Target, source: Source, workdir: Path
    ) -> CompiledModel:
        """Return the compiled model; see `Compiler`."""
        # Torch is imported only here: a plan reads this package, and must be quick.
        module = import_module("model_build.compilers.neuron.compiler")
        compiled: CompiledModel = module.compile_for_neuron(spec, target, source, workdir)
        return compiled
