"""Load by Triton's own `perf_analyzer`, where this machine has it.

It comes with the server's SDK image, and in `bin` of the client's wheel up to 2.46, which setup
puts beside the packages. Its clients cost less than ours: on two cores that is what is measured.
"""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from model_build.search.server import LIBRARIES, Row, Triton, columns
from model_build.steps import NotBuildable

VARIABLE = "SLIPWAY_PERF_ANALYZER"
"""Where the program lies, if it is neither on the search path nor where setup puts it."""
INSTALLED = Path(sys.prefix) / "share" / "perf_analyzer" / "bin" / "perf_analyzer"
LINKED = ("libb64.so.0d", "libcudart.so.12")
"""What it needs of the machine; Triton's wheel has both, under names of its own."""
WINDOWS = 3
# It takes the last three that agree: where a machine stalls for a window it needs more of them.
MOST_WINDOWS = 12
# Its default of 10 % gives no figures at all on a machine that does other things too.
SETTLED_PERCENT = 999
PATIENCE = 120.0


class AnalyzerFailed(NotBuildable):
    """`perf_analyzer` gave no figures; the message has what it said."""


@dataclass(frozen=True)
class Figures:
    """What it measured: calls a second, and percentiles in milliseconds."""

    throughput: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Analyzer:
    """A program that loads a server; `niceness` says how far it gives way on shared cores."""

    program: str
    niceness: int = 0

    def load(
        self, triton: Triton, model: str, rows: Sequence[Row], load: Sequence[str], seconds: float
    ) -> Figures:
        """Put load on a model.

        Args:
            triton: The server.
            model: Whom to ask.
            rows: Asked in turn.
            load: The options that say how much, such as `--concurrency-range 4`.
            seconds: How long in all; it measures in three windows.

        Raises:
            AnalyzerFailed: It gave no figures.
        """
        data, out = triton.folder / "perf_analyzer.json", triton.folder / "perf_analyzer.csv"
        names = columns(rows)
        document = [dict(zip(names, ([text] for text in row), strict=True))
                    for row in zip(*names.values(), strict=True)]  # fmt: skip
        data.write_text(json.dumps({"data": document}), encoding="utf-8")
        out.unlink(missing_ok=True)
        shapes = [word for name in names for word in ("--shape", f"{name}:1")]
        command = [
            "nice", "-n", str(self.niceness), self.program, "-m", model, "-i", "grpc",
            "-u", triton.address, "--input-data", str(data), *shapes, *load,
            "-f", str(out), "--percentile", "50", "--measurement-mode", "time_windows",
            "-p", str(int(1000 * seconds / WINDOWS)), "-r", str(MOST_WINDOWS),
            "-s", str(SETTLED_PERCENT),
        ]  # fmt: skip
        environment = os.environ | {"LD_LIBRARY_PATH": str(_libraries(triton.folder / "lib"))}
        done = subprocess.run(
            command,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        if not out.exists():
            raise AnalyzerFailed(f"perf_analyzer: {(done.stdout + done.stderr).strip()[-500:]}")
        return figures(out.read_text(encoding="utf-8"))


def find(niceness: int = 0) -> Analyzer | None:
    """Return the program of this machine, if there is one."""
    program = os.environ.get(VARIABLE) or shutil.which("perf_analyzer")
    if not program and INSTALLED.exists():
        program = str(INSTALLED)
    return Analyzer(program, niceness) if program else None


def _libraries(folder: Path) -> Path:
    """Give what Triton's wheel carries the names that programs ask for, in a folder."""
    folder.mkdir(exist_ok=True)
    for name in LINKED:
        stem, _, version = name.partition(".so")
        major = version.split(".")[1]
        for library in LIBRARIES.glob(f"{stem}-*.so.{major}*"):
            if not (folder / name).exists():
                (folder / name).symlink_to(library)
    return folder


def figures(table: str) -> Figures:
    """Read the table of one load that it writes as CSV; its times are in microseconds."""
    row = list(csv.DictReader(table.splitlines()))[-1]
    percentile = {
        int(match[1]): float(value)
        for name, value in row.items()
        if (match := re.fullmatch(r"p(\d+) latency", name))
    }
    second = float(row["Inferences/Second"])
    return Figures(second, percentile[50] / 1000, percentile[99] / 1000)
