"""The query intent service: one classifier behind a small HTTP interface, made for ECS."""
