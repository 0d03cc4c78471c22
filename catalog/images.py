"""Container images: what each is made of, and the names that follow from it.

Law: equal sources give an equal tag on every machine; any change of an image's sources changes its
tag. A tag is known before anything is built; the digest is the registry's, known once it was.
`python -m catalog.images RUNTIME` prints a tag.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.digest import is_source, of_tree

TAG_LENGTH = 16

_SHARED = ("serving/__init__.py", "serving/built_for.py", "serving/runtime")
_TOOLS = ("requirements/runtime.txt", "requirements/files.txt")
_INSTALLER = "requirements/installer.txt"
_ONCHIP = ("serving/torchserve/requirements-neuron.txt",)  # what a chip's own Python lacks
# TorchServe is not taken along to Inf2: docs/adr/0013.
_ON_CHIPS = {"inf1": ("torchserve", "intent", "batch"), "inf2": ("intent", "batch")}
_MADE_OF: dict[str, tuple[str, ...]] = {
    "triton": (*_SHARED, "serving/triton"),
    "torchserve": (*_SHARED, "serving/torchserve"),
    "intent": (*_SHARED, "serving/intent"),
    "batch": (*_SHARED, "serving/batch"),
    "drift": ("serving/__init__.py", "serving/drift"),
    "build": (*_TOOLS, "package.json", "package-lock.json", "model_build/images/build.Dockerfile"),
    "neuron1": (*_TOOLS, _INSTALLER, *_ONCHIP, "model_build/images/neuron1.Dockerfile"),
    "neuron2": (*_TOOLS, _INSTALLER, *_ONCHIP, "model_build/images/neuron2.Dockerfile"),
    # What serves on a chip: the same code in AWS's own containers, each a repository of its own.
    **{
        f"{runtime}-{chip}": (*_SHARED, f"serving/{runtime}")
        for chip, runtimes in _ON_CHIPS.items()
        for runtime in runtimes
    },
}
RUNTIMES = tuple(_MADE_OF)
SERVING = ("triton", "torchserve", "intent", "batch", "drift")
# Every accelerator's artifacts are compiled in one of the images; g5's in the one that serves them,
# since a TensorRT engine loads in the very version that built it alone.
BUILT_IN = {"cpu": "build", "g5": "triton", "inf1": "neuron1", "inf2": "neuron2"}


def image_tag(runtime: str, root: Path) -> str:
    """Return the tag of a runtime's image: the first 16 hex of the digest of its sources.

    Args:
        runtime: One of `RUNTIMES`.
        root: The repository.

    Raises:
        KeyError: There is no such runtime.
        FileNotFoundError: A source of the image is missing below `root`.
    """
    if runtime not in _MADE_OF:
        raise KeyError(f"runtime {runtime!r}: must be one of {', '.join(_MADE_OF)}")
    sources = [root / name for name in _MADE_OF[runtime]]
    return of_tree(root, sources, keep=_shapes_the_image)[:TAG_LENGTH]


def dockerfile(runtime: str) -> str:
    """Return where an image's Dockerfile lies, relative to the repository."""
    named = [name for name in _MADE_OF[runtime] if name.endswith("Dockerfile")]
    server, _, chip = runtime.partition("-")
    return named[0] if named else f"serving/{server}/{f'{chip}.' if chip else ''}Dockerfile"


def served_in(runtime: str, accelerator: str) -> str:
    """Return the image that loads an accelerator's artifacts.

    Triton runs on no NeuronCore: what its models are compiled for there is the batch job.

    Args:
        runtime: The server, such as `torchserve`.
        accelerator: What computes beside it.

    Raises:
        KeyError: That server is not taken along to that chip; says what is.
    """
    if accelerator not in _ON_CHIPS:
        return runtime
    if runtime == "triton":
        runtime = "batch"
    if runtime not in _ON_CHIPS[accelerator]:
        there = ", ".join(_ON_CHIPS[accelerator])
        raise KeyError(f"no image of {runtime} serves on {accelerator} (there is: {there})")
    return f"{runtime}-{accelerator}"


def needed(accelerators: Iterable[str]) -> tuple[str, ...]:
    """Return the images that a tooling with these builders has: what serves, and what builds."""
    chosen = tuple(accelerators)
    wanted = {"build", *SERVING} | {BUILT_IN[name] for name in chosen}
    wanted |= {f"{runtime}-{chip}" for chip in chosen for runtime in _ON_CHIPS.get(chip, ())}
    return tuple(name for name in RUNTIMES if name in wanted)


@dataclass(frozen=True)
class Images:
    """The images of one commit.

    Attributes:
        tags: Tag by runtime.
        digests: `sha256:...` by runtime, for those that a registry holds.
    """

    tags: Mapping[str, str]
    digests: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(root: Path) -> "Images":
        """Return the images that a checkout makes, by tag alone."""
        return Images({runtime: image_tag(runtime, root) for runtime in RUNTIMES})

    def reference(self, runtime: str) -> str:
        """Return what names an image in its repository: its digest if known, else its tag."""
        return self.digests.get(runtime) or self.tags[runtime]

    def with_digests(self, document: Mapping[str, Any]) -> "Images":
        """Return these images with the digests that `images.json` gives.

        Raises:
            ValueError: The document is of another commit's images.
        """
        for runtime, item in document.items():
            if self.tags.get(runtime) != item["tag"]:
                raise ValueError(
                    f"images.json: {runtime} has the tag {item['tag']}, this checkout makes"
                    f" {self.tags.get(runtime)}: run the images stage on this commit"
                )
        return Images(self.tags, {name: str(item["digest"]) for name, item in document.items()})

    def to_json(self) -> dict[str, dict[str, str]]:
        """Return `images.json`: tag and digest of each image that a registry holds."""
        return {
            runtime: {"tag": self.tags[runtime], "digest": digest}
            for runtime, digest in sorted(self.digests.items())
        }


def read_images(root: Path, file: str | None) -> Images:
    """Return a checkout's images, with digests where an `images.json` is given.

    Raises:
        ValueError: The file is of another commit's images.
    """
    made = Images.of(root)
    if file is None:
        return made
    return made.with_digests(json.loads(Path(file).read_text(encoding="utf-8")))


def _shapes_the_image(path: Path) -> bool:
    return is_source(path) and path.suffix != ".md"


if __name__ == "__main__":
    print(image_tag(sys.argv[1], Path(__file__).resolve().parents[1]))
