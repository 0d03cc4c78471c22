"""Docker, as far as building and pushing an image goes."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


class DockerFailed(Exception):
    """Docker is not there, or did not do what it was told."""


class Docker:
    """The `docker` command."""

    def available(self) -> bool:
        """Say whether there is one."""
        return shutil.which("docker") is not None

    def login(self, address: str, password: str) -> None:
        """Sign in to an ECR registry; the password goes through a pipe, not the command line."""
        self._run(["login", "--username", "AWS", "--password-stdin", address], given=password)

    def build(self, root: Path, dockerfile: str, name: str, arguments: Mapping[str, str]) -> None:
        """Build an image from the repository's root.

        Args:
            root: The repository.
            dockerfile: Relative to it.
            name: The image's name and tag.
            arguments: Build arguments.
        """
        given = [f"--build-arg={key}={value}" for key, value in arguments.items()]
        self._run(
            ["build", "--file", dockerfile, "--tag", name, "--provenance=false", *given, "."],
            folder=root,
        )

    def push(self, name: str) -> bool:
        """Push an image; False if another build has pushed the tag meanwhile.

        Raises:
            DockerFailed: The push failed otherwise.
        """
        try:
            self._run(["push", "--quiet", name])
        except DockerFailed as error:
            if "tag is immutable" in str(error) or "ImageTagAlreadyExists" in str(error):
                return False
            raise
        return True

    def _run(
        self, arguments: Sequence[str], *, given: str | None = None, folder: Path | None = None
    ) -> None:
        done = subprocess.run(
            ["docker", *arguments],
            input=given,
            cwd=folder,
            text=True,
            stdout=None,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode:
            raise DockerFailed(f"docker {arguments[0]} failed: {done.stderr.strip()[-2000:]}")
