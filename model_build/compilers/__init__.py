"""Compilers by accelerator: each turns a source model into a compiled model directory."""

from model_build.compilers.contract import Candidate, CompiledModel, Compiler, ImpossibleTarget
from model_build.compilers.cpu import CpuCompiler
from model_build.compilers.g5 import TensorRtCompiler
from model_build.compilers.inf2 import NeuronCompiler

COMPILERS: dict[str, Compiler] = {
    "cpu": CpuCompiler(),
    "g5": TensorRtCompiler(),
    "inf1": NeuronCompiler(),
    "inf2": NeuronCompiler(),
}

__all__ = ["COMPILERS", "Candidate", "CompiledModel", "Compiler", "ImpossibleTarget"]
