"""From a source model to a directory of graphs, one for each static shape."""

import json
from pathlib import Path
from shutil import copyfile
from typing import Any

import torch

from catalog.neuron import TOOLCHAINS
from catalog.spec import ModelSpec, Target
from model_build.compilers.contract import Candidate, CompiledModel, ImpossibleTarget
from model_build.compilers.describe import describe
from model_build.compilers.neuron import flags, operators, toolchain
from model_build.compilers.neuron.grid import Shape, example, grid
from model_build.compilers.neuron.once import run_once
from model_build.compilers.neuron.policy import (
    Policies,
    Policy,
    choose_policies,
    choose_policy,
)
from model_build.compilers.parent import describe_parent
from model_build.sources import Source
from model_build.sources.encoder import EncoderSource
from model_build.sources.parent import PartSource
from serving.runtime.neuron_engine import GRID_FILE, SUFFIX

ENGINE = "neuron"
SEPARATE_ABOVE = int(1.9e9)
"""Bytes of weights above which they cannot lie inside the compiled graph (AWS's own limit)."""


def compile_for_neuron(
    spec: ModelSpec, target: Target, source: Source, workdir: Path
) -> CompiledModel:
    """Return the compiled model; see `Compiler`.

    Raises:
        MissingToolchain: This machine cannot compile for the chip.
        CompilerFailed: The compiler ended without a result.
        ImpossibleTarget: The settings cannot be met.
    """
    if not isinstance(source, EncoderSource):
        raise ImpossibleTarget(
            f"{spec.name}: task {spec.task!r} has no Neuron compiler: use a g5 or a cpu target"
        )
    tools, options = TOOLCHAINS[target.accelerator], target.options.neuron
    flags.check(spec, target)
    installed = toolchain.require(tools)  # at once: nothing is searched for in vain
    policy = (
        choose_policies(spec, source, target.precision)
        if isinstance(source, PartSource)
        else choose_policy(spec, source, target.precision)
    )
    scripts, directory = workdir / "scripts", workdir / "neuron"
    scripts.mkdir(parents=True)
    directory.mkdir()
    request = write_scripts(spec, target, source, policy, scripts)
    for item in request["trace"]:
        item["target"] = str(directory / (Path(item["source"]).stem + SUFFIX))
    casts = policy.to_json()
    if spec.parts:
        made_from = {
            "parts": [part.model_dump(mode="json") for part in spec.parts],
            "target": target.model_dump(mode="json"),
            "casts": casts["kept_fp32"],
            "installed": installed,
        }
        run_once(made_from, request, workdir, options.timeout_minutes)
    else:
        toolchain.run(request, workdir, options.timeout_minutes)
    document = {
        "framework": tools.framework,
        "shapes": [[shape.batch, shape.length] for shape in grid(spec, target)],
        "cores": options.cores,
        "dynamic_batch": options.dynamic_batch,
        "installed": installed,
        "casts": casts,
        "on_the_host": request["on_the_host"],
    }
    twin = workdir / "twin"
    twin.mkdir()
    for item in request["trace"]:
        copyfile(item["source"], twin / Path(item["target"]).name)
    candidate = Candidate(ENGINE, policy.precision, lambda _: None)
    for folder, changes in ((directory, {}), (twin, {"framework": None, "cores": 1})):
        text = json.dumps({**document, **changes}, indent=1, sort_keys=True) + "\n"
        (folder / GRID_FILE).write_text(text, encoding="utf-8")
        if isinstance(source, PartSource):
            describe_parent(spec, target, source, candidate, folder, buckets=_lengths(spec, target))
        else:
            describe(spec, target, source, candidate, folder, buckets=_lengths(spec, target))
    if spec.parts:
        directory, twin = directory / spec.name, twin / spec.name
    row = {"engine": ENGINE, "precision": policy.precision, "chosen": True}
    row |= {key: casts[key] for key in ("kept_fp32", "likeness") if key in casts}
    return CompiledModel(directory, ENGINE, policy.precision, (row,), twin)


def write_scripts(
    spec: ModelSpec,
    target: Target,
    source: EncoderSource,
    policy: Policy | Policies,
    folder: Path,
) -> dict[str, Any]:
    """Write a TorchScript for each shape and return the runner's request, less the targets.

    Raises:
        ImpossibleTarget: A dynamic batch is asked for, and the graph asks a tensor's size.
    """
    options = target.options.neuron
    tools = TOOLCHAINS[target.accelerator]
    traces, on_the_host = [], {}
    for shape in grid(spec, target):
        traced, inputs = _trace(policy.module, _example(spec, source, shape))
        if options.dynamic_batch and operators.hinders_dynamic_batch(traced):
            raise ImpossibleTarget(
                f"{spec.name}: targets.{target.accelerator}.options.neuron.dynamic_batch: the graph"
                " has aten::size, with which torch-neuron's dynamic batch is documented not to"
                " work: name the batches to compile for instead"
            )
        on_the_host = operators.on_the_host(traced)
        path = folder / f"{shape.name}.ts"
        traced.save(str(path))
        traces.append(
            {
                "source": str(path),
                "shapes": [list(item.shape) for item in inputs],
                "dtypes": [str(item.dtype).removeprefix("torch.") for item in inputs],
            }
        )
    weights = sum(item.numel() * item.element_size() for item in policy.module.parameters())
    return {
        "framework": tools.framework,
        "trace": traces,
        "compiler_args": flags.compiler_args(tools, target),
        "separate_weights": weights > SEPARATE_ABOVE,
        "dynamic_batch": options.dynamic_batch,
        "workdir": str(folder / "compiler"),
        "on_the_host": on_the_host,
    }


def _trace(
    module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]
) -> tuple[Any, tuple[torch.Tensor, ...]]:
    with torch.inference_mode():
        traced: Any = torch.jit.trace(  # type: ignore[no-untyped-call]
            module.eval(), inputs, check_trace=False
        )
    return traced, inputs


def _example(spec: ModelSpec, source: EncoderSource, shape: Shape) -> tuple[torch.Tensor, ...]:
    """Return inputs of a shape in the graph's order: the row's, or those of its parent's parts."""
    rows = (
        [(part, source.parts[part.name]) for part in spec.parts]
        if isinstance(source, PartSource)
        else [(spec, source)]
    )
    return tuple(
        tensor
        for row, own in rows
        for tensor in example(own.input_names, shape, row.limits.image_size or 0)
    )


def _lengths(spec: ModelSpec, target: Target) -> tuple[int, ...]:
    return tuple(sorted({shape.length for shape in grid(spec, target) if shape.length}))
