"""Find a row's weights and prove that they are the ones it names."""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from catalog import digest
from catalog.spec import ModelSpec, Source
from model_build.data.installed import package_dir


class WrongWeights(Exception):
    """A row's weights are missing or not those it was written for."""


def verified_folder(spec: ModelSpec, root: Path) -> Path:
    """Return the folder that holds the row's own weights, after checking every digest it gives.

    Args:
        spec: The row; it may name a folder, a package (a backbone's), or both.
        root: The repository, which `source.weights` is relative to.

    Raises:
        WrongWeights: Something is missing or has another digest; the message says what to do.
    """
    source = spec.source
    package = _package_folder(spec.name, source) if source.package else None
    if source.weights is None:
        assert package is not None, "the row's type asks for weights or a package"
        return package
    folder = root / source.weights
    remake = (
        f"remake it with `python -m model_build.train {source.recipe}`, or, if new weights are"
        " meant, set source.sha256 to what they are"
    )
    if not folder.is_dir():
        raise WrongWeights(f"{spec.name}: source.weights: {folder} is not there; {remake}")
    _check(f"{spec.name}: source.sha256", digest.of_tree(folder), source.sha256, remake)
    return folder


def _package_folder(name: str, source: Source) -> Path:
    assert source.package is not None, "checked by the caller"
    try:
        installed = version(source.package)
    except PackageNotFoundError as error:
        raise WrongWeights(
            f"{name}: source.package: {source.package} is not installed; run `make setup`"
        ) from error
    remedy = f"install {source.package}=={source.package_version}, or change the row"
    _check(f"{name}: source.package_version", installed, source.package_version, remedy)
    folder = package_dir(source.package.replace("-", "_")) / "model"
    _check(f"{name}: source.package_sha256", digest.of_tree(folder), source.package_sha256, remedy)
    return folder


def _check(key: str, found: str, expected: str | None, remedy: str) -> None:
    if found != expected:
        raise WrongWeights(f"{key}: is {found}, the row says {expected}; {remedy}")
