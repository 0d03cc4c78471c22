"""The plan of every Neuron build of the catalog, in words: nothing is compiled."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from catalog.images import BUILT_IN, image_tag
from catalog.neuron import TOOLCHAINS
from catalog.spec import ModelSpec, Target
from model_build.compilers.neuron import flags
from model_build.compilers.neuron.grid import grid
from model_build.key import compile_key

RUNNER = "model_build/compilers/neuron/runner.py"


def plan_lines(models: Mapping[str, ModelSpec], root: Path) -> Iterator[str]:
    """Return what would be built for each target with NeuronCores, and by which commands.

    Raises:
        ImpossibleTarget: A row asks for what does not work.
    """
    for _, spec in sorted(models.items()):
        for target in spec.targets:
            if target.accelerator in TOOLCHAINS:
                flags.check(spec, target)
                yield from _of(spec, target, root)


def _of(spec: ModelSpec, target: Target, root: Path) -> Iterator[str]:
    tools, options = TOOLCHAINS[target.accelerator], target.options.neuron
    key = compile_key(spec, target, root)
    builder = BUILT_IN[target.accelerator]
    arguments = flags.compiler_args(tools, target)
    shapes = grid(spec, target)
    yield f"{spec.name} for {target.accelerator} ({target.architecture}, {target.instance})"
    if spec.parts:
        yield f"  parent       {spec.parent}: {', '.join(part.name for part in spec.parts)} in one"
    yield f"  key          {key.digest}"
    yield f"  served by    {key.inputs['runtime_image']}"
    yield f"  container    {tools.image}"
    yield f"               as slipway/{builder}:{image_tag(builder, root)}"
    yield f"  toolchain    {_versions(key.inputs['toolchain'])} (SDK {tools.sdk})"
    yield f"  grid         {', '.join(shape.name for shape in shapes)}: {len(shapes)} graphs"
    yield f"  cores        {options.cores} copies, {options.pipeline_cores} in a pipeline"
    yield f"  casts        {target.precision}: written into the graph, the compiler casts nothing"
    yield (
        f"  build        python -m model_build build --plan plan.json --accelerator"
        f" {target.accelerator} --model {spec.name}"
    )
    yield f"  which runs   $SLIPWAY_NEURON_PYTHON {RUNNER} request.json"
    yield f"  each graph   {tools.framework}.trace(script, inputs, compiler_args={arguments})"
    prove = f"python -m model_build onchip --release HEX --model {spec.name}"
    yield f"  on the chip  {prove}  (never run on a chip)"
    yield ""


def _versions(toolchain: Mapping[str, str]) -> str:
    own = [f"{name} {toolchain[name]}" for name in sorted(toolchain) if name.startswith("torch-")]
    return ", ".join(own)
