"""`python -m model_build.images --out images.json RUNTIME...`: the pipelines' images stage.

SLIPWAY_REGISTRY and SLIPWAY_TRITON_REGISTRY, which the project's stack sets, say where images go
and where AWS keeps the base of the Triton image. Exit code 3: an image was refused.
"""

import argparse
import datetime
import json
import os
import sys
from pathlib import Path

import boto3

from catalog.images import RUNTIMES, Images
from model_build.images.docker import Docker, DockerFailed
from model_build.images.gate import read_accepted
from model_build.images.make import ImageRefused, Maker
from model_build.images.registry import Registry, ScanFailed

ROOT = Path(__file__).resolve().parents[2]
REFUSED = 3


def main(arguments: list[str]) -> int:
    """Make the images and write `images.json`; what goes wrong is one line on standard error."""
    parser = argparse.ArgumentParser(prog="python -m model_build.images", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="where images.json goes")
    parser.add_argument("runtimes", nargs="+", choices=RUNTIMES, metavar="RUNTIME")
    parsed = parser.parse_args(arguments)
    maker = Maker(
        registry=Registry(boto3.client("ecr")),
        docker=Docker(),
        address=os.environ["SLIPWAY_REGISTRY"],
        triton=os.environ["SLIPWAY_TRITON_REGISTRY"],
        accepted=read_accepted(),
        today=datetime.datetime.now(datetime.UTC).date(),
        say=lambda line: print(line, flush=True),
    )
    try:
        made = maker.make(Images.of(ROOT), parsed.runtimes, ROOT)
    except (DockerFailed, ScanFailed, ImageRefused) as error:
        print(f"images: {error}", file=sys.stderr)
        return REFUSED if isinstance(error, ImageRefused) else 1
    parsed.out.write_text(json.dumps(made.to_json(), indent=1, sort_keys=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
