"""Builds, pushes and scans the container images that no registry holds yet."""
