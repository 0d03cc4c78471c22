"""How fast time passes for alarms and scaling: a drill may let a minute last less."""

import os

VARIABLE = "SLIPWAY_PACE"


def pace() -> float:
    """Return what a second of alarm periods and cooldowns lasts here, in seconds; 1 unless set."""
    return float(os.environ.get(VARIABLE, "1"))
