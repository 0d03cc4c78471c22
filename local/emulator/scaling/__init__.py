"""Application Auto Scaling: targets, policies and schedules, which really change counts."""
