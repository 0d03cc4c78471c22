"""Fail when a source file is over its size: 300 lines of code, 600 of tests."""

import subprocess
import sys
from pathlib import Path

files = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
    capture_output=True,
    text=True,
    check=True,
).stdout.split()
too_long = [
    f"{name}: {lines} lines; split it by what its parts are for (limit {limit})"
    for name in files
    if Path(name).exists()
    for lines, limit in [
        (len(Path(name).read_text().splitlines()), 600 if name.startswith("tests/") else 300)
    ]
    if lines > limit
]
print("\n".join(too_long) or f"sizes: {len(files)} files within their limits")
sys.exit(bool(too_long))
