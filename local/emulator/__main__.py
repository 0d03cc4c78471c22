"""Entry point of the emulator process: check the hooks, then serve."""

import importlib
import sys

from local.emulator import hooks


def main() -> int:
    """Serve until a signal ends it; 2 if this MiniStack is not the one we know."""
    try:
        hooks.check()
    except hooks.HookMissing as error:
        print(error, file=sys.stderr)
        return 2
    importlib.import_module("local.emulator.serve").run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
