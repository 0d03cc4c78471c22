"""Rows that are wrapped in one parent module: what they must have in common."""

from collections.abc import Iterator, Mapping

from catalog.spec import ModelSpec


def join(models: Mapping[str, ModelSpec]) -> dict[str, ModelSpec]:
    """Return the rows, each that has a parent knowing the rows beside it."""
    return {
        name: spec.beside(rows_of(models, spec.parent)) if spec.parent else spec
        for name, spec in models.items()
    }


def rows_of(models: Mapping[str, ModelSpec], parent: str) -> tuple[ModelSpec, ...]:
    """Return the rows of a parent, by name."""
    return tuple(spec for _, spec in sorted(models.items()) if spec.parent == parent)


def objections(models: Mapping[str, ModelSpec]) -> Iterator[str]:
    """Return why rows cannot be wrapped as they say, each as `NAME: key: value: remedy`."""
    for parent in sorted({spec.parent for spec in models.values() if spec.parent}):
        first, *others = rows_of(models, parent)
        if parent in models:
            yield (
                f"{first.name}: parent: {parent!r}: is a row's name, and archives go by names:"
                " give the parent another"
            )
        if not others:
            yield (
                f"{first.name}: parent: {parent!r}: no other row names it, and a parent wraps two"
                " or more: name it in another row, or remove it"
            )
        for other in others:
            yield from _differences(parent, first, other)


def _differences(parent: str, first: ModelSpec, other: ModelSpec) -> Iterator[str]:
    """Say what two rows must have in common, since one graph with one worker holds both."""
    if first.targets != other.targets:
        yield (
            f"{other.name}: targets: differ from those of {first.name}, and {parent!r} is compiled"
            " once for all its rows: give them the same targets"
        )
    sizes = {spec.limits.image_size for spec in (first, other)} - {None}
    if len(sizes) > 1:
        yield (
            f"{other.name}: limits.image_size: {other.limits.image_size}: {first.name} has"
            f" {first.limits.image_size}, and {parent!r} takes images of one size: use the same"
        )
