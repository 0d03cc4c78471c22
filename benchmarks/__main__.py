"""Every benchmark in turn: `python -m benchmarks`, or one of them by its own name."""

import sys

from benchmarks import drain, drift, duplicates, embedding, intent, journey, spelling, synth


def main() -> int:
    """Run all, also after a missed target; return 1 if any missed."""
    missed = [
        synth.main([]),
        embedding.main([]),
        intent.main([]),
        drain.main([]),
        drift.main([]),
        duplicates.main([]),
        spelling.main([]),
        journey.main(),
    ]
    return int(any(missed))


if __name__ == "__main__":
    sys.exit(main())
