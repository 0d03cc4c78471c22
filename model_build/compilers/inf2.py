"""The compiler of Inf2 targets: that of Inf1, with another row of `catalog.neuron.TOOLCHAINS`."""

from model_build.compilers.inf1 import NeuronCompiler

__all__ = ["NeuronCompiler"]
