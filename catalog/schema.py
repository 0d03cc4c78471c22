"""The JSON Schemas that editors read for the catalog: `python -m catalog.schema [--check]`."""

import json
import sys
from pathlib import Path

from catalog.base import Strict
from catalog.environment import Environment
from catalog.pipeline import Pipeline
from catalog.prices import Prices
from catalog.spec import ModelSpec

FOLDER = Path(__file__).parent / "schema"
KINDS: dict[str, type[Strict]] = {
    "model": ModelSpec,
    "environment": Environment,
    "pipeline": Pipeline,
    "prices": Prices,
}


def schema(kind: type[Strict]) -> str:
    """Return the JSON Schema text of a document type."""
    return json.dumps(kind.model_json_schema(), indent=2, sort_keys=True) + "\n"


def main(arguments: list[str]) -> int:
    """Write the schemas, or with `--check` say which differ from the types."""
    stale = []
    for name, kind in KINDS.items():
        path = FOLDER / f"{name}.schema.json"
        if path.exists() and path.read_text() == schema(kind):
            continue
        stale.append(path)
        if "--check" not in arguments:
            path.parent.mkdir(exist_ok=True)
            path.write_text(schema(kind))
            print(f"wrote {path}")
    if "--check" in arguments and stale:
        print(f"{stale[0]} is not what the types say: run `make schema`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
