"""The artifact key: a digest of everything that can change the compiled bytes, spelled out.

Laws (tests/model_build/test_key.py): a change of any input changes the key; the order in which a
row is written does not. Golden sets and gates are not in it, since they change no byte: they make
the *proof* (`proof_of`), under which the same bytes are judged. Neither torch nor an engine is
imported: a plan must be quick.
"""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from catalog import digest
from catalog.gpu import TENSORRT
from catalog.images import image_tag, served_in
from catalog.neuron import TOOLCHAINS
from catalog.spec import ENGINES_OF_TASK, ModelSpec, Target

SCHEMA = 1
"""Raise it when a key's inputs change their meaning."""

ROOT = Path(__file__).resolve().parent.parent

EXPORTERS = (
    "model_build/sources",
    "model_build/compilers",
    "model_build/modules",
    "model_build/measure",
    "serving/runtime",
)
# What fills an archive, and what makes the baseline beside it.
PACKAGERS = (
    "model_build/package",
    "model_build/baseline",
    "serving/drift/features",
    "serving/drift/monitor_files",
    "serving/drift/records",
    "serving/drift/reference",
)
SEARCHERS = ("model_build/search",)
PACKAGES_OF_RUNTIME = {
    "triton": ("serving/triton",),
    "torchserve": ("serving/torchserve",),
    "intent": (),
}

COMMON_PACKAGES = ("torch", "transformers", "tokenizers", "safetensors", "numpy")
PACKAGES_OF_ENGINE = {
    "ctranslate2": ("ctranslate2",),
    "onnxruntime": ("onnx", "onnxruntime"),
    "openvino": ("onnx", "openvino"),
}


class MissingCompiler(Exception):
    """A package that compiles this target is not installed here."""


@dataclass(frozen=True)
class Key:
    """An artifact key: its inputs, and their digest (64 hex characters)."""

    digest: str
    inputs: dict[str, Any]


@dataclass(frozen=True)
class Proof:
    """What bytes are judged by: its digest covers golden set, goals and load.

    Evidence taken on the same golden set under the same load can be judged by other goals later.
    """

    digest: str
    golden_digest: str
    load: dict[str, Any]


def compile_key(spec: ModelSpec, target: Target, root: Path = ROOT) -> Key:
    """Return the key of one (model, target).

    Args:
        spec: The model's row.
        target: One of its targets.
        root: The repository, whose exporters, compilers and packagers are part of the key.

    Raises:
        MissingCompiler: The version of a compiler cannot be told, because it is not installed, or
            nothing serves the row on the target's chip.
    """
    runtime = spec.serve.runtime
    inputs = {
        "schema": SCHEMA,
        **_part(spec),
        "target": {
            "accelerator": target.accelerator,
            "architecture": target.architecture,
            "instance": target.instance,
            "precision": target.precision,
            "options": target.options.model_dump(mode="json"),
        },
        "serve": spec.serve.model_dump(),
        "parent": {"name": spec.parent, "parts": [_part(part) for part in spec.parts]},
        "runtime_image": runtime_image(spec, target, root),
        "toolchain": toolchain(spec, target),
        "code": {
            part: _tree(root, part)
            for part in (
                *EXPORTERS,
                *PACKAGERS,
                *PACKAGES_OF_RUNTIME[runtime],
                *(SEARCHERS if target.options.search else ()),
            )
        },
    }
    return Key(digest.of_document(inputs), inputs)


def proof_of(spec: ModelSpec, golden_digest: str) -> Proof:
    """Return what an artifact of this row is judged by today.

    Args:
        spec: The model's row.
        golden_digest: Digest of its golden set as it is now.
    """
    gates = spec.gates.model_dump(mode="json", exclude_none=True)
    name = digest.of_document({"gates": gates, "golden_digest": golden_digest})
    return Proof(name, golden_digest, gates["load"])


def runtime_image(spec: ModelSpec, target: Target, root: Path = ROOT) -> str:
    """Return the image, `slipway/<runtime>:<tag>`, that may load an artifact of this target.

    Raises:
        MissingCompiler: The server of the row is not taken along to the target's chip.
    """
    try:
        name = served_in(spec.serve.runtime, target.accelerator)
    except KeyError as error:
        raise MissingCompiler(
            f"{spec.name}: {error.args[0]}: compile it for an accelerator that"
            f" {spec.serve.name!r} is served on"
        ) from error
    return f"slipway/{name}:{image_tag(name, root)}"


def toolchain(spec: ModelSpec, target: Target) -> dict[str, str]:
    """Return the versions of all packages that may take part in compiling, by name.

    Those of the chips' compilers are data: they lie in images of their own, not where a plan is
    made, and a build refuses to start in another image than the one that is named here.

    Raises:
        MissingCompiler: One is not installed.
    """
    names = set(COMMON_PACKAGES)
    if target.accelerator == "cpu":
        for engine in target.options.engines or ENGINES_OF_TASK[spec.task]:
            names.update(PACKAGES_OF_ENGINE[engine])
    found = {name: _version(name) for name in sorted(names)}
    if target.accelerator == "g5":
        found["tensorrt"] = TENSORRT
    if target.accelerator in TOOLCHAINS:
        found |= TOOLCHAINS[target.accelerator].versions()
    return found


def _part(spec: ModelSpec) -> dict[str, Any]:
    """Return what of a row enters the graph and the archive of its parent."""
    return {
        "model": spec.name,
        "task": spec.task,
        "family": spec.family,
        "source": spec.source.model_dump(exclude={"recipe", "weights"}),
        "labels": list(spec.labels),
        "decision": spec.decision.model_dump() if spec.decision else None,
        "limits": spec.limits.model_dump(mode="json"),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError as error:
        raise MissingCompiler(
            f"package {package!r} is not installed, so no key can be computed: run `make setup`"
        ) from error


def _tree(root: Path, part: str) -> str:
    path = root / part
    return digest.of_tree(root, [path if path.is_dir() else path.with_suffix(".py")])
