"""What a change costs: this checkout's estimate against another's, line by line."""

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from catalog.prices import Prices
from ops.estimate.assembly import ROOT
from ops.estimate.line import Estimate

LEAST = 0.005
"""USD a month below which a difference is not one."""


class NothingToCompare(Exception):
    """The other side is neither an estimate's file nor a version that can make one."""


@dataclass(frozen=True)
class Change:
    """One resource's expected USD a month, before and now; 0 where it is not."""

    stack: str
    resource: str
    before: float
    now: float

    @property
    def usd(self) -> float:
        """Return what it costs more a month."""
        return self.now - self.before


def changes(before: Estimate, now: Estimate) -> list[Change]:
    """Return the resources whose expected cost differs, the largest difference first."""
    old, new = _by_resource(before), _by_resource(now)
    found = [
        Change(stack, resource, old.get((stack, resource), 0), new.get((stack, resource), 0))
        for stack, resource in old | new
    ]
    return sorted(
        (item for item in found if abs(item.usd) >= LEAST), key=lambda item: -abs(item.usd)
    )


def other_estimate(against: str, catalog: Path, prices: Prices) -> Estimate:
    """Return the estimate to compare with.

    Args:
        against: A file that `--json` wrote, or a commit, branch or tag.
        catalog: The folder of environments, relative to the repository.
        prices: Today's, so that only what is deployed differs.

    Raises:
        NothingToCompare: It is neither, or that version cannot make an estimate.
    """
    if Path(against).is_file():
        return _read(Path(against))
    archive = subprocess.run(
        ["git", "-C", str(ROOT), "archive", against], capture_output=True, check=False
    )
    if archive.returncode:
        raise NothingToCompare(f"--against {against}: no such file, and no such commit here")
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=BytesIO(archive.stdout)) as tar:
            tar.extractall(folder)  # noqa: S202 - git's own
        return estimate_there(Path(folder), catalog, prices)


def estimate_there(tree: Path, catalog: Path, prices: Prices) -> Estimate:
    """Let another version estimate itself: only it knows how its stacks are made.

    Raises:
        NothingToCompare: It cannot.
    """
    out, table = tree / "estimate.json", tree / "prices-now.yaml"
    table.write_text(prices.model_dump_json(), encoding="utf-8")  # JSON is YAML
    options = ["--json", str(out), "--catalog", str(catalog), "--prices", str(table)]
    done = subprocess.run(
        [sys.executable, "-m", "ops", "estimate", *options],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise NothingToCompare(f"that version cannot make an estimate: {said[-1]}")
    return _read(out)


def _read(file: Path) -> Estimate:
    try:
        return Estimate.from_json(json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise NothingToCompare(
            f"--against {file}: no estimate ({error}): write one with `ops estimate --json FILE`"
        ) from error


def _by_resource(estimate: Estimate) -> dict[tuple[str, str], float]:
    sums: dict[tuple[str, str], float] = {}
    for line in estimate.lines:
        place = (line.stack, line.resource)
        sums[place] = sums.get(place, 0) + line.usd.expected
    return sums
