"""Read the catalog from YAML; every error names the file, the key, the value and the remedy."""

from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from catalog.base import Strict
from catalog.environment import Environment
from catalog.parents import join, objections
from catalog.pipeline import Pipeline
from catalog.prices import Prices
from catalog.spec import ModelSpec

ROOT = Path(__file__).resolve().parent
Document = TypeVar("Document", bound=Strict)


class CatalogError(Exception):
    """A file of the catalog is malformed; the message is for the person who wrote it."""


class _UniqueKeys(yaml.SafeLoader):
    """YAML without the trap of a key that silently wins over its twin."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if name in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"key {name!r} is given twice: remove one", problem_mark=key.start_mark
                )
            seen.add(name)
        return super().construct_mapping(node, deep)


def read(path: Path, kind: type[Document]) -> Document:
    """Read one YAML file as a typed document.

    Raises:
        CatalogError: The file is missing, not YAML, or not such a document.
    """
    try:
        content = yaml.load(path.read_text(), Loader=_UniqueKeys)  # noqa: S506 (a SafeLoader)
    except FileNotFoundError:
        near = ", ".join(sorted(item.stem for item in path.parent.glob("*.yaml"))) or "nothing"
        raise CatalogError(f"{path}: no such file; {path.parent} has {near}") from None
    except yaml.YAMLError as error:
        raise CatalogError(f"{path}: not YAML: {error}") from error
    if not isinstance(content, dict):
        raise CatalogError(f"{path}: holds {type(content).__name__}; write `key: value` lines")
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise CatalogError(_explain(path, kind, error)) from error


def _explain(path: Path, kind: type[Strict], error: ValidationError) -> str:
    lines = []
    for item in error.errors():
        key = ".".join(str(part) for part in item["loc"]) or "(whole file)"
        remedy = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            parent = ".".join(str(part) for part in item["loc"][:-1])
            known = ", ".join(kind.model_fields) if not parent else "see docs/schema"
            remedy = f"unknown key; remove it or correct its spelling (keys here: {known})"
        elif item["type"] == "missing":
            lines.append(f"{path}: {key}: missing: add it")
            continue
        elif item["type"] in {"float_type", "int_type", "int_from_float"}:
            remedy += "; write the bare number in the unit that the key's name says"
        shown = repr(item["input"])
        lines.append(f"{path}: {key}: {shown[:80]}: {remedy}")
    return "\n".join(lines)


def load_models(root: Path = ROOT) -> dict[str, ModelSpec]:
    """Return the model rows by name, in name order.

    Raises:
        CatalogError: All that is wrong in all files, a line each.
    """
    models, errors = {}, []
    for path in sorted((root / "models").glob("*.yaml")):
        try:
            spec = read(path, ModelSpec)
            if spec.name != path.stem:
                raise CatalogError(
                    f"{path}: name: {spec.name!r}: must be the file's, {path.stem!r}"
                )
            models[spec.name] = spec
        except CatalogError as error:
            errors.append(str(error))
    if not errors:
        errors = [f"{root / 'models'}: {text}" for text in objections(models)]
    if errors:
        raise CatalogError("\n".join(errors))
    if not models:
        raise CatalogError(f"{root / 'models'}: no *.yaml: declare at least one model")
    return join(models)


def load_environment(name: str, root: Path = ROOT) -> Environment:
    """Return one environment.

    Raises:
        CatalogError: There is none of that name, or it is malformed.
    """
    path = root / "environments" / f"{name}.yaml"
    environment = read(path, Environment)
    if environment.name != name:
        raise CatalogError(f"{path}: name: {environment.name!r}: must be the file's, {name!r}")
    return environment


def load_environments(root: Path = ROOT) -> dict[str, Environment]:
    """Return all environments by name."""
    names = sorted(path.stem for path in (root / "environments").glob("*.yaml"))
    return {name: load_environment(name, root) for name in names}


def load_pipeline(root: Path = ROOT) -> Pipeline:
    """Return the pipeline's data; its environments exist.

    Raises:
        CatalogError: It is malformed or names an environment that does not exist.
    """
    path = root / "pipeline.yaml"
    pipeline = read(path, Pipeline)
    for name in pipeline.environments:
        region = load_environment(name, root).region
        if region != pipeline.region:
            raise CatalogError(
                f"{path}: region: {pipeline.region!r}: environment {name} is in {region}, and a"
                " pipeline deploys in its own region alone: use one region for all"
            )
    return pipeline


@cache
def load_prices(root: Path = ROOT) -> Prices:
    """Return the price table."""
    return read(root / "prices.yaml", Prices)
