"""Application Auto Scaling: targets, policies and schedules, which really change counts."""

from local.emulator.scaling.service import register

__all__ = ["register"]
