"""The compiler's arguments for one target, and the combinations that AWS documents as broken."""

from catalog.neuron import NeuronToolchain
from catalog.spec import ModelSpec, Target
from model_build.compilers.contract import ImpossibleTarget

CORES_OF_CHIP = {"neuroncore-v1": 4, "neuroncore-v2": 2}


def compiler_args(toolchain: NeuronToolchain, target: Target) -> list[str]:
    """Return the arguments: no casts of its own, and over how many cores one graph is laid."""
    arguments = list(toolchain.no_cast)
    cores = target.options.neuron.pipeline_cores
    if cores > 1:
        arguments += ["--neuroncore-pipeline-cores", str(cores)]
    return arguments


def check(spec: ModelSpec, target: Target) -> None:
    """Refuse settings that compile and then do not work.

    Raises:
        ImpossibleTarget: Names the settings and what to write instead.
    """
    options = target.options.neuron
    here = f"{spec.name}: targets.{target.accelerator}.options.neuron"
    cores = CORES_OF_CHIP[target.architecture]
    if options.pipeline_cores > 1 and options.cores > 1:
        raise ImpossibleTarget(
            f"{here}: pipeline_cores {options.pipeline_cores} with cores {options.cores}:"
            " DataParallel does not work on a pipelined graph: set one of them to 1"
        )
    if options.pipeline_cores > 1 and target.architecture == "neuroncore-v2":
        raise ImpossibleTarget(
            f"{here}: pipeline_cores {options.pipeline_cores}: neuronx-cc has no pipeline of"
            " cores: remove it"
        )
    if max(options.pipeline_cores, options.cores) > cores:
        raise ImpossibleTarget(
            f"{here}: more cores than the {cores} of one chip: tasks are bound to one chip"
        )
    if options.dynamic_batch and len(options.batches) > 1:
        raise ImpossibleTarget(
            f"{here}: dynamic_batch with batches {list(options.batches)}: one compiled batch"
            " serves all sizes then: name one"
        )
